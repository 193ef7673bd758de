import { AwsV4Signer } from "aws4fetch";
import { randomUUID } from "node:crypto";
import type { ExporterFields } from "../../core/config/types";
import type { Outcome } from "../../core/outbox/types";
import { Outbound, type OutboundAnswer } from "../outbound/outbound";
import { outcomeOfAnswer, outcomeOfError } from "../outbound/outcome";
import type { ExportItem, ExportSink } from "./sink";

/**
 * Puts each event as an object `prefix/2026/03/02/<event id>.json` into a bucket of an
 * S3-compatible store; the same event again takes the same place. The key pair is
 * `auth` (basic: access key id and secret), else AWS_ACCESS_KEY_ID and
 * AWS_SECRET_ACCESS_KEY.
 */
export class S3Sink implements ExportSink {
  readonly concurrency = 4;
  readonly batch = 1;
  private readonly outbound = new Outbound();
  private readonly base: string;
  private readonly region: string;

  constructor(
    private readonly exporter: ExporterFields,
    private readonly env: NodeJS.ProcessEnv,
  ) {
    const { url, config } = exporter;
    const text = (name: string) => {
      const value = config[name];
      return typeof value === "string" && value !== "" ? value : null;
    };
    const [, bucket = "", prefix = ""] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(url) ?? [];
    this.region = text("region") ?? "us-east-1";
    const endpoint = text("endpoint") ?? `https://s3.${this.region}.amazonaws.com`;
    const folder = prefix.replace(/\/+$/, "");
    this.base = `${endpoint.replace(/\/+$/, "")}/${bucket}${folder ? `/${folder}` : ""}`;
  }

  write(items: readonly ExportItem[], signal: AbortSignal): Promise<Outcome[]> {
    return Promise.all(items.map((item) => this.put(item, signal)));
  }

  close(): Promise<void> {
    return this.outbound.close();
  }

  /**
   * Puts an object and deletes it again.
   * @returns what was refused with which status, or null
   */
  async probe(
    item: ExportItem,
    signal: AbortSignal,
  ): Promise<{ what: string; status: number } | null> {
    const path = `${item.id}-${randomUUID()}.json`;
    const good = ({ status }: OutboundAnswer): boolean => status >= 200 && status < 300;
    const put = await this.send("PUT", path, JSON.stringify(item.data), signal);
    if (!good(put)) return { what: "writing", status: put.status };
    const gone = await this.send("DELETE", path, "", signal);
    return good(gone) ? null : { what: "deleting", status: gone.status };
  }

  private async put(item: ExportItem, signal: AbortSignal): Promise<Outcome> {
    try {
      const body = JSON.stringify(item.data);
      return outcomeOfAnswer(await this.send("PUT", objectName(item), body, signal));
    } catch (error) {
      return outcomeOfError(error);
    }
  }

  private async send(
    method: "PUT" | "DELETE",
    path: string,
    body: string,
    signal: AbortSignal,
  ): Promise<OutboundAnswer> {
    const signer = new AwsV4Signer({
      method,
      url: `${this.base}/${path}`,
      ...(body ? { body, headers: { "content-type": "application/json" } } : {}),
      accessKeyId: this.exporter.auth?.username || this.env.AWS_ACCESS_KEY_ID || "",
      secretAccessKey: this.exporter.auth?.password || this.env.AWS_SECRET_ACCESS_KEY || "",
      region: this.region,
      service: "s3",
    });
    const { url, headers } = await signer.sign();
    const given = Object.fromEntries(headers.entries());
    return this.outbound.send(url.href, {
      method,
      headers: given,
      ...(body ? { body } : {}),
      signal,
    });
  }
}

function objectName({ id, data, event }: ExportItem): string {
  const at = new Date(event?.timestamp ?? Date.parse(String(data["timestamp"])));
  const day = Number.isNaN(at.getTime()) ? "undated" : at.toISOString().slice(0, 10);
  const name = (event?.id ?? id).replace(/[^\w.-]/g, "_");
  return `${day.replaceAll("-", "/")}/${name}.json`;
}
