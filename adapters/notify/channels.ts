import type { Channel, Notice, Recipient } from "../../core/notify/types";
import type { Outcome } from "../../core/outbox/types";
import type { Rendered } from "./templates";

/** One message to one recipient: a notice, or a digest of several. */
export interface OutgoingMessage {
  /** The same at every try. */
  id: string;
  notices: { notice: Notice; rendered: Rendered; picture: Buffer | null; cid: string | null }[];
  /** Of all: the one's own, or the digest's. */
  subject: string;
  recipient: Recipient;
}

/** Sends messages over one channel. */
export interface ChannelSender {
  /** Does not reject. */
  send(message: OutgoingMessage, signal: AbortSignal): Promise<Outcome>;
  close(): Promise<void>;
}

/** Makes the sender of a channel. */
export type SenderFactory = (channel: Channel) => ChannelSender;
