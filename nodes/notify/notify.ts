import type { Node, NodeAPI } from "node-red";
import { openRule, type OpenRule } from "../../adapters/notify/rule-targets";
import { placeNames } from "../../adapters/notify/place-names";
import { tryRule } from "../../adapters/notify/try-rule";
import type { NotificationRule } from "../../core/notify/types";
import { requireConfig, type SiteNode, type StoreNode } from "../shared/config-nodes";
import { asError, NodeStatus, onClose, onInput } from "../shared/kit";
import { noticesOf } from "./notices";
import { ruleOf, type NotifyConfig, type NotifySecrets } from "./rule";

/** How long the editor's test may take. */
const TEST_MS = 15_000;

interface NotifyNode extends Node<NotifySecrets> {
  rule(): NotificationRule;
}

/** Tells people and systems of what reaches it; what cannot go out now waits in the outbox. */
module.exports = function (RED: NodeAPI): void {
  function Notify(this: NotifyNode, config: NotifyConfig): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(RED, this);
    let queued = 0;
    this.rule = () => ruleOf(config, this.credentials ?? {}, zoneOf(RED, config.site));

    const open = async (): Promise<OpenRule> => {
      const source = requireConfig<StoreNode>(RED, config.store, RED._("notify.store"));
      const store = await source.store();
      return openRule(
        store.outbox,
        this.rule(),
        { events: false },
        {
          images: store.images,
          clock: Date.now,
          names: placeNames(async () => (await store.open()).resources),
          log: (level, message) => this[level === "info" ? "log" : level](message),
        },
      );
    };
    // at once, so that what waits from before goes out without a new message
    const opened = open();
    opened.catch((error: unknown) => {
      status.error("misconfigured");
      this.error(asError(error).message);
    });

    onInput(this, async (message, send) => {
      const rule = await opened;
      for (const { notice, key } of noticesOf(message, Date.now())) {
        queued += await rule.tell(notice, key);
      }
      status.ok("queued", { count: queued });
      send(message);
    });

    onClose(this, async () => {
      const rule = await opened.catch(() => null);
      await rule?.close();
    });
  }

  RED.nodes.registerType<NotifyNode, NotifyConfig, object, NotifySecrets>("notify", Notify, {
    credentials: {
      password: { type: "password" },
      token: { type: "password" },
      secret: { type: "password" },
      signingSecret: { type: "password" },
      clientSecret: { type: "password" },
      refreshToken: { type: "password" },
    },
  });

  RED.httpAdmin.post(
    "/plategate/notify/:id/test",
    RED.auth.needsPermission("flows.write"),
    (request, response) => {
      const node = RED.nodes.getNode(String(request.params.id)) as NotifyNode | null;
      if (node?.type !== "notify") {
        response.status(404).json({ status: "failed", error: "deploy the node first" });
        return;
      }
      Promise.resolve()
        .then(() => tryRule(node.rule(), Date.now(), TEST_MS))
        .then((recipients) => {
          const ok = recipients.every((one) => one.ok);
          response.json({ status: ok ? "success" : "failed", recipients });
        })
        .catch((error: unknown) =>
          response.status(400).json({ status: "failed", error: asError(error).message }),
        );
    },
  );
};

/** The site's time zone, else the machine's. */
function zoneOf(RED: NodeAPI, id: string): string {
  const site = id ? (RED.nodes.getNode(id) as SiteNode | null) : null;
  return site?.timeZone || Intl.DateTimeFormat().resolvedOptions().timeZone;
}
