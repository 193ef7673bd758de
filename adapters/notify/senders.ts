import type { Channel } from "../../core/notify/types";
import type { ChannelSender } from "./channels";
import { EmailSender } from "./email";
import { TelegramSender } from "./telegram";
import { MqttSender, WebhookSender } from "./webhook";

/** The sender of a channel. */
export function senderOf(channel: Channel): ChannelSender {
  switch (channel.type) {
    case "email":
      return new EmailSender(channel);
    case "telegram":
      return new TelegramSender(channel);
    case "webhook":
      return new WebhookSender(channel);
    case "mqtt":
      return new MqttSender(channel);
  }
}
