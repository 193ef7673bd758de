/** Why an outbound request got no answer. */
export type OutboundCode =
  | "bad_url"
  | "forbidden_address"
  | "unreachable"
  | "timeout"
  | "tls"
  | "too_large"
  | "too_many_redirects";

/** An outbound request that got no usable answer. Its message never holds a secret. */
export class OutboundError extends Error {
  constructor(
    readonly code: OutboundCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "OutboundError";
  }
}

/**
 * Scheme, user and host of an address, for logs and people: of many services the path is
 * the secret ("https://hooks.example.com/services/T0/B0/XXXX").
 */
export function shownUrl(url: string): string {
  try {
    const parsed = new URL(url);
    const user = parsed.username ? `${parsed.username}:***@` : "";
    const more = parsed.pathname.length > 1 || parsed.search !== "" ? "/…" : "";
    return `${parsed.protocol}//${user}${parsed.host}${more}`;
  } catch {
    return "(not an address)";
  }
}

const TIMEOUTS = ["UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"];

/** Any error of a request as an {@link OutboundError} with a text that helps. */
export function outboundError(error: unknown, url: string): OutboundError {
  if (error instanceof OutboundError) return error;
  const target = shownUrl(url);
  const chain = causes(error);
  const ours = chain.find((cause) => cause instanceof OutboundError);
  if (ours) return ours;
  const codes = chain.map(codeOf);
  const timedOut = chain.some((cause) => ["TimeoutError", "AbortError"].includes(nameOf(cause)));
  if (timedOut || codes.some((code) => TIMEOUTS.includes(code))) {
    return new OutboundError("timeout", `${target} did not answer in time`, { cause: error });
  }
  const tls = codes.find((code) => /CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code));
  if (tls) {
    return new OutboundError("tls", `${target}: certificate not accepted (${tls})`, {
      cause: error,
    });
  }
  const code = codes.find((found) => found !== "") ?? "no connection";
  return new OutboundError("unreachable", `${target} cannot be reached (${code})`, {
    cause: error,
  });
}

function causes(error: unknown): unknown[] {
  const chain: unknown[] = [];
  let at: unknown = error;
  while (at !== undefined && at !== null && chain.length < 8) {
    chain.push(at);
    if (at instanceof AggregateError) chain.push(...(at.errors as unknown[]));
    at = (at as { cause?: unknown }).cause;
  }
  return chain;
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "";
}
