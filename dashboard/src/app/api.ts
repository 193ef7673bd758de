/** Talks to the API with the viewer's own login. */

export interface FieldError {
  field: string;
  message: string;
}

/** What every error answer of the API says. */
interface ErrorBody {
  detail?: string;
  error_code?: string;
  errors?: FieldError[];
  retry_after_seconds?: number;
  /** Which of the limits it was, where that is no number of requests. */
  reason?: string;
  [more: string]: unknown;
}

/** A request that did not do what was asked; `status` 0 = the server does not answer. */
export class ApiFailure extends Error {
  constructor(
    readonly status: number,
    readonly body: ErrorBody,
  ) {
    super(body.detail ?? "");
    this.name = "ApiFailure";
  }

  get fields(): FieldError[] {
    return this.body.errors ?? [];
  }
}

export interface Page<T> {
  items: T[];
  total: number;
}

interface RequestOptions {
  method?: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Sent as JSON, or as it is where it is a form. */
  body?: unknown;
  signal?: AbortSignal;
}

let forbidden: (() => unknown) | null = null;

/** @param work is called when the API refuses something for want of a right */
export function onForbidden(work: () => unknown): void {
  forbidden = work;
}

/**
 * Asks the API. Where the login has ended, the login page is shown instead.
 * @throws ApiFailure for every answer that is not 2xx
 */
export async function api<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const { method = "GET", body, signal } = options;
  const isForm = body instanceof FormData;
  const init: RequestInit = { method, signal: signal ?? null };
  if (body !== undefined) {
    init.body = isForm ? body : JSON.stringify(body);
    if (!isForm) init.headers = { "Content-Type": "application/json" };
  }
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiFailure(0, {});
  }
  if (response.status === 401) {
    const here = location.pathname + location.search;
    location.assign(`/login?next=${encodeURIComponent(here)}`);
  }
  if (response.status === 403 && path !== "/api/v1/me") forbidden?.();
  const json = response.headers.get("content-type")?.includes("json") ?? false;
  const answer: unknown = json ? await response.json() : null;
  if (!response.ok) throw new ApiFailure(response.status, (answer ?? {}) as ErrorBody);
  return answer as T;
}

/**
 * Sends a form whose file may be large.
 * @param onProgress told the share that is sent, 0..1
 * @throws ApiFailure for every answer that is not 2xx, and with status 0 where it was broken off
 */
export function upload<T>(
  path: string,
  form: FormData,
  { onProgress, signal }: { onProgress: (share: number) => void; signal: AbortSignal },
): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      const { status } = request;
      const answer: unknown = request.response;
      if (status >= 200 && status < 300) resolve(answer as T);
      else reject(new ApiFailure(status, (answer ?? {}) as ErrorBody));
    };
    request.onerror = request.onabort = () => reject(new ApiFailure(0, {}));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(form);
  });
}

/** A path with the query parameters that have a value. */
export function withQuery(
  path: string,
  query: Record<string, string | number | boolean | null | undefined>,
): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text ? `${path}?${text}` : path;
}

/**
 * A picture's address as this page asks for it: on the host it came from, and with the login
 * instead of the signature, which would end and make each answer's address a new one.
 */
export function picture(address: string | null): string {
  if (!address) return "";
  const { pathname, searchParams } = new URL(address, location.href);
  return withQuery(pathname, { v: searchParams.get("v") });
}

/** One part of a path, encoded. */
export const part = (text: string): string => encodeURIComponent(text);
