// What Plategate tells, in a process of its own: a mail server, webhooks, a Telegram bot's
// API, a central's ingest and an ear on the broker. Counts what comes by its plate.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connectAsync } from "mqtt";
import { SMTPServer } from "smtp-server";

export const KINDS = ["mail", "webhook", "telegram", "central", "broker"] as const;
export type Kind = (typeof KINDS)[number];

/** What was heard of one kind. */
export interface Heard {
  total: number;
  different: number;
  /** Messages that came after a later one of their lane. */
  disordered: number;
  lastAt: number;
}

export type Question =
  { ask: "open"; ports: Record<Kind, number>; lanes: number } | { ask: "report" };

/** The plate of the n-th event. */
export const plateOf = (n: number): string => `KX${String(n).padStart(7, "0")}`;

class Ear {
  private readonly counts = new Map<number, number>();
  private readonly last = new Map<number, number>();
  private total = 0;
  private disordered = 0;
  private lastAt = 0;

  constructor(private readonly lanes: number) {}

  /** Notices of all lanes go to a recipient in one order. */
  hear(text: string): void {
    const n = Number(/KX(\d{7})/.exec(text)?.[1] ?? NaN);
    if (Number.isNaN(n)) return;
    const lane = n % this.lanes;
    this.total += 1;
    this.lastAt = Date.now();
    if (!this.counts.has(n) && n < (this.last.get(lane) ?? -1)) this.disordered += 1;
    this.last.set(lane, Math.max(n, this.last.get(lane) ?? -1));
    this.counts.set(n, (this.counts.get(n) ?? 0) + 1);
  }

  get report(): Heard {
    const { total, disordered, lastAt } = this;
    return { total, different: this.counts.size, disordered, lastAt };
  }
}

const ears = new Map<Kind, Ear>();

async function open(ports: Record<Kind, number>, lanes: number): Promise<Record<Kind, number>> {
  for (const kind of KINDS) {
    const ordered = kind === "mail" || kind === "telegram" ? 1 : lanes;
    ears.set(kind, new Ear(ordered));
  }
  const listening: Record<Kind, number> = { ...ports };
  listening.mail = await mail(ports.mail);
  for (const kind of ["webhook", "telegram", "central"] as const) {
    listening[kind] = await http(kind, ports[kind]);
  }
  const client = await connectAsync(`mqtt://127.0.0.1:${ports.broker}`);
  client.on("message", (_topic, payload) => ears.get("broker")?.hear(payload.toString()));
  await client.subscribeAsync("#", { qos: 1 });
  return listening;
}

function mail(port: number): Promise<number> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    onData: (stream, _session, done) => {
      let text = "";
      stream.on("data", (part: Buffer) => (text += part.toString()));
      stream.on("end", () => {
        ears.get("mail")?.hear(text);
        done();
      });
    },
  });
  server.on("error", () => undefined);
  return new Promise((resolve) =>
    server.listen(port, "127.0.0.1", () => resolve((server.server.address() as AddressInfo).port)),
  );
}

function http(kind: Kind, port: number): Promise<number> {
  const answer = kind === "telegram" ? '{"ok":true,"result":{"message_id":1}}' : "{}";
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      ears.get(kind)?.hear(Buffer.concat(parts).toString("latin1"));
      response.writeHead(200, { "content-type": "application/json" }).end(answer);
    });
  });
  return new Promise((resolve) =>
    server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)),
  );
}

if (require.main === module) {
  process.on("message", (question: Question) => {
    if (question.ask === "report") {
      process.send?.(Object.fromEntries([...ears].map(([kind, ear]) => [kind, ear.report])));
      return;
    }
    void open(question.ports, question.lanes).then((ports) => process.send?.(ports));
  });
  process.on("disconnect", () => process.exit());
}
