import type { Socket } from "node:net";
import type { Transporter } from "nodemailer";
import type { EmailChannel } from "../../core/notify/types";
import type { Outcome } from "../../core/outbox/types";
import { outboundSocket } from "../outbound/sockets";
import type { ChannelSender, OutgoingMessage } from "./channels";
import { OAuth2Tokens } from "./oauth2";

/** Pictures in one mail; a digest beyond it has words alone. */
const MAX_PICTURES = 10;
const TIMEOUT_MS = 15_000;

/** A mail that brings files. */
export interface FileMail {
  /** The same at every try. */
  id: string;
  to: string;
  subject: string;
  text: string;
  files: { name: string; content: Buffer; contentType: string }[];
}

/** Mail over SMTP, with the pictures inside. */
export class EmailSender implements ChannelSender {
  private transport: Promise<Transporter> | null = null;
  private readonly tokens: OAuth2Tokens | null;
  private readonly sockets = new Set<Socket>();

  constructor(private readonly channel: EmailChannel) {
    this.tokens = channel.oauth2 ? new OAuth2Tokens(channel.oauth2) : null;
  }

  send(message: OutgoingMessage): Promise<Outcome> {
    return this.post(mailOf(this.channel, message));
  }

  /** Sends files with a text. Does not reject. */
  sendFiles({ id, to, subject, text, files }: FileMail): Promise<Outcome> {
    return this.post({
      ...headOf(this.channel, id),
      to,
      subject,
      text,
      attachments: files.map(({ name, content, contentType }) => ({
        filename: name,
        content,
        contentType,
      })),
    });
  }

  private async post(mail: object): Promise<Outcome> {
    try {
      this.transport ??= open(this.channel, this.tokens, this.sockets);
      const transport = await this.transport;
      await transport.sendMail(mail);
      return { result: "delivered" };
    } catch (error) {
      return outcomeOf(error);
    }
  }

  async close(): Promise<void> {
    (await this.transport)?.close();
    // the library waits for a server that is silent
    for (const socket of this.sockets) socket.destroy();
    await this.tokens?.close();
  }
}

type SocketCallback = (error: Error | null, options: { connection: Socket } | false) => void;

/** @param sockets holds the connections that are open */
async function open(
  channel: EmailChannel,
  tokens: OAuth2Tokens | null,
  sockets: Set<Socket>,
): Promise<Transporter> {
  const { createTransport } = await import("nodemailer");
  const { host, port, security, ca, user, password } = channel;
  const auth = tokens ? { type: "OAuth2", user } : { user, pass: password };
  const transport = createTransport({
    host,
    port,
    secure: security === "tls",
    requireTLS: security === "starttls",
    ignoreTLS: security === "none",
    tls: { servername: host, ...(ca ? { ca } : {}) },
    ...(user ? { auth } : {}),
    pool: true,
    maxConnections: 1,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
    getSocket: (_options: unknown, callback: SocketCallback) => {
      const socket = outboundSocket({ host, port });
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      const failed = (error: Error) => callback(error, false);
      socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error("connection timed out")));
      socket.once("error", failed);
      socket.once("connect", () => {
        socket.setTimeout(0);
        socket.removeAllListeners("timeout");
        socket.off("error", failed);
        callback(null, { connection: socket });
      });
    },
  } as Parameters<typeof createTransport>[0]);
  if (tokens) {
    transport.set(
      "oauth2_provision_cb",
      (_user: string, renew: boolean, done: (error: Error | null, token?: string) => void) => {
        tokens.get(renew).then(
          (token) => done(null, token),
          (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
        );
      },
    );
  }
  return transport;
}

function mailOf(channel: EmailChannel, message: OutgoingMessage): object {
  const { notices, subject, recipient, id } = message;
  const pictures = notices.filter(({ picture }) => picture !== null).slice(0, MAX_PICTURES);
  return {
    ...headOf(channel, id),
    to: recipient.address,
    subject,
    text: notices.map(({ rendered }) => rendered.text).join("\n\n---\n\n"),
    html: page(notices.map(({ rendered }) => rendered.html).join("\n<hr>\n")),
    attachments: pictures.map(({ picture, cid, notice }) => ({
      filename: `${notice.plate ?? "picture"}.jpg`,
      content: picture,
      cid,
      contentType: "image/jpeg",
      contentDisposition: "inline",
    })),
  };
}

function headOf(channel: EmailChannel, id: string): object {
  return {
    // the same id at every try: mail systems drop the second copy
    messageId: `<${id}@plategate>`,
    from: channel.from || channel.user,
    headers: { "Auto-Submitted": "auto-generated" },
  };
}

function page(body: string): string {
  return `<!doctype html>\n<html><head><meta charset="utf-8"></head><body>\n${body}\n</body></html>`;
}

/**
 * A server that is away, speaks no TLS, wants another login or says "later" (4xx)
 * leaves the mail waiting; a permanent answer (5xx) to this mail makes it a dead letter.
 */
function outcomeOf(error: unknown): Outcome {
  const { code, responseCode, message } = error as {
    code?: string;
    responseCode?: number;
    message?: string;
  };
  const text = message ?? String(error);
  const ofThisMail = code === "EENVELOPE" || code === "EMESSAGE";
  if (ofThisMail && responseCode !== undefined && responseCode >= 500) {
    return { result: "rejected", error: text };
  }
  return { result: "unavailable", error: text };
}
