import type { TelegramChannel } from "../../core/notify/types";
import { Outbound, type OutboundAnswer } from "../outbound/outbound";

/** An answer with a number of long messages, far beyond what one has. */
const MAX_BYTES = 8 * 1024 * 1024;

/** An answer of the Bot API. */
export interface TelegramAnswer {
  status: number;
  ok: boolean;
  result: unknown;
  description: string;
  /** Seconds to wait, where there were too many requests. */
  retryAfter: number | null;
  /** The chat's new id, where a group became a supergroup. */
  movedTo: string | null;
}

/**
 * The Bot API over our own outbound HTTP, under its rule for addresses. The token is
 * part of the path, so no error carries the address.
 */
export class TelegramApi {
  private readonly outbound = new Outbound();

  constructor(private readonly channel: Pick<TelegramChannel, "token" | "api_url">) {}

  /** Calls a method with JSON. Rejects with OutboundError where nobody answers. */
  async call(
    method: string,
    parameters: Record<string, unknown>,
    options: { timeoutMs?: number; signal?: AbortSignal } = {},
  ): Promise<TelegramAnswer> {
    const answer = await this.send(method, JSON.stringify(parameters), "application/json", options);
    return parse(answer);
  }

  /** Calls a method with a file beside its parameters. */
  async upload(
    method: string,
    parameters: Record<string, string>,
    file: { field: string; name: string; data: Buffer },
    options: { signal?: AbortSignal } = {},
  ): Promise<TelegramAnswer> {
    const form = new FormData();
    for (const [name, value] of Object.entries(parameters)) form.set(name, value);
    const blob = new Blob([new Uint8Array(file.data)], { type: "image/jpeg" });
    form.set(file.field, blob, file.name);
    const encoded = new Response(form);
    const body = Buffer.from(await encoded.arrayBuffer());
    const type = encoded.headers.get("content-type") ?? "multipart/form-data";
    return parse(await this.send(method, body, type, options));
  }

  close(): Promise<void> {
    return this.outbound.close();
  }

  private async send(
    method: string,
    body: string | Buffer,
    type: string,
    options: { timeoutMs?: number; signal?: AbortSignal },
  ): Promise<OutboundAnswer> {
    const { token, api_url: base } = this.channel;
    try {
      return await this.outbound.send(`${base.replace(/\/+$/, "")}/bot${token}/${method}`, {
        method: "POST",
        headers: { "content-type": type },
        body,
        timeoutMs: options.timeoutMs ?? 20_000,
        maxBytes: MAX_BYTES,
        ...(options.signal ? { signal: options.signal } : {}),
      });
    } catch (error) {
      if (error instanceof Error) error.message = error.message.replaceAll(token, "***");
      throw error;
    }
  }
}

function parse({ status, body }: OutboundAnswer): TelegramAnswer {
  let json: {
    ok?: boolean;
    result?: unknown;
    description?: string;
    parameters?: { retry_after?: unknown; migrate_to_chat_id?: unknown };
  } = {};
  try {
    json = JSON.parse(body.toString()) as typeof json;
  } catch {
    // something that is not the Bot API answered: the status says it
  }
  const { retry_after: wait, migrate_to_chat_id: moved } = json.parameters ?? {};
  return {
    status,
    ok: status === 200 && json.ok === true,
    result: json.result,
    description: json.description ?? `HTTP ${status}`,
    retryAfter: typeof wait === "number" && wait >= 0 ? wait : null,
    movedTo: typeof moved === "number" || typeof moved === "string" ? String(moved) : null,
  };
}
