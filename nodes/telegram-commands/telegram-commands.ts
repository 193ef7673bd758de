import type { Node, NodeAPI, NodeDef } from "node-red";
import { TelegramApi } from "../../adapters/notify/telegram-api";
import { TelegramPoller, type PollerState } from "../../adapters/telegram/poller";
import { TelegramCommands } from "../../api/telegram/commands";
import { siteOf } from "../shared/access-config";
import { requireConfig, type ApiNode } from "../shared/config-nodes";
import { asError, NodeStatus, onClose } from "../shared/kit";
import { botSettings, type BotFields, type BotSettings } from "./options";

type BotConfig = NodeDef & BotFields & { api: string; site: string };
interface BotSecrets {
  token?: string;
}

/** Answers `/status` and `/open` in Telegram, for those who may. */
module.exports = function (RED: NodeAPI): void {
  RED.nodes.registerType<Node<BotSecrets>, BotConfig, object, BotSecrets>(
    "telegram-commands",
    function (this: Node<BotSecrets>, config: BotConfig) {
      RED.nodes.createNode(this, config);
      const status = new NodeStatus(RED, this);
      try {
        const settings = botSettings(config, this.credentials?.token, process.env);
        if (settings) listen(RED, this, config, settings, status);
        else status.set("grey", "ring", "off");
      } catch (error) {
        status.error("misconfigured");
        this.error(asError(error).message);
      }
    },
    { credentials: { token: { type: "password" } } },
  );
};

function listen(
  RED: NodeAPI,
  node: Node,
  config: BotConfig,
  settings: BotSettings,
  status: NodeStatus,
): void {
  const source = requireConfig<ApiNode>(RED, config.api, RED._("telegram-commands.api"));
  const siteId = siteOf(RED, config.site).id;
  const api = new TelegramApi({ token: settings.token, api_url: settings.apiUrl });
  let told = "";
  const show = (state: PollerState, reason: string): void => {
    if (state === "listening") status.ok(state);
    else status.error(state);
    // the same trouble once until it is over
    if (reason !== "" && reason !== told) node.warn(reason);
    told = reason;
  };
  let bot: Promise<TelegramCommands> | null = null;
  const commands = (): Promise<TelegramCommands> => {
    bot ??= source.services().then(({ auth, barriers, access }) => {
      const parts = { api, auth, barriers, access, siteId, clock: Date.now };
      return new TelegramCommands({ ...parts, ...settings });
    });
    bot.catch(() => (bot = null)); // the database is not up yet
    return bot;
  };
  status.busy("connecting");
  const poller = new TelegramPoller(api, {
    state: show,
    update: async (update) => {
      try {
        await (await commands()).take(update);
      } catch (error) {
        node.error(asError(error).message);
      }
    },
  });
  onClose(node, async () => {
    await poller.close();
    await api.close();
    status.clear();
  });
}
