import { join } from "node:path";
import type { ExporterFields } from "../../core/config/types";
import type { StoredEvent } from "../../core/events/event";
import { exportedEvent } from "../../core/events/export";
import type { ImageStore } from "../../core/events/ports";
import { retryPolicy } from "../../core/outbox/backoff";
import type { Delivery, OutboxTarget } from "../../core/outbox/ports";
import type { Outcome, RetryPolicy } from "../../core/outbox/types";
import { FileSink } from "./file-sink";
import { PlategateSink, RestSink } from "./http-sinks";
import { MqttSink } from "./mqtt-sink";
import { S3Sink } from "./s3-sink";
import type { ExportItem, ExportSink } from "./sink";

export interface ExporterParts {
  /** PLATEGATE_HOME: files go below its folder `exports`. */
  home: string;
  images: Pick<ImageStore, "open">;
  env: NodeJS.ProcessEnv;
  clock: () => number;
}

/** The id of what waits for an exporter. */
export function exporterTarget(id: string): string {
  return `exporter:${id}`;
}

/** An exporter of the configuration (or of a node) as a target of the outbox. */
export class ExporterTarget implements OutboxTarget {
  readonly name: string;
  readonly retry: RetryPolicy;
  private readonly sink: ExportSink;

  /**
   * @param events false where only what a flow hands over is sent, not every final event
   * @throws for an address that cannot be
   */
  constructor(
    readonly id: string,
    exporter: ExporterFields,
    private readonly events: boolean,
    parts: ExporterParts,
  ) {
    this.name = exporter.name;
    this.retry = retryPolicy(exporter.retry_config);
    this.sink = sinkOf(exporter, parts);
  }

  get concurrency(): number {
    return this.sink.concurrency;
  }

  get batch(): number {
    return this.sink.batch;
  }

  wants(): boolean {
    return this.events;
  }

  laneOf(event: StoredEvent): string {
    return event.laneId ?? event.cameraId ?? "";
  }

  deliver(deliveries: readonly Delivery[], signal: AbortSignal): Promise<Outcome[]> {
    return this.sink.write(deliveries.map(itemOf), signal);
  }

  close(): Promise<void> {
    return this.sink.close();
  }
}

function itemOf({ item, event }: Delivery): ExportItem {
  const data = item.payload ?? (event ? exportedEvent(event) : {});
  return { id: item.id, data: data as Record<string, unknown>, event };
}

function sinkOf(exporter: ExporterFields, parts: ExporterParts): ExportSink {
  switch (exporter.type) {
    case "rest":
      return new RestSink(exporter);
    case "plategate":
      return new PlategateSink(exporter, parts.images);
    case "mqtt":
      return new MqttSink(exporter);
    case "s3":
      return new S3Sink(exporter, parts.env);
    case "file":
      return fileSink(exporter, parts);
  }
}

/** @throws for a path outside the folder of exports */
export function fileSink(
  exporter: ExporterFields,
  { home, clock }: Pick<ExporterParts, "home" | "clock">,
): FileSink {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return new FileSink(exporter, { folder: join(home, "exports"), timeZone, clock });
}
