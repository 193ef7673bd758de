import type { Node, NodeAPI } from "node-red";
import { ExporterTarget } from "../../adapters/exporters/target";
import type { Store } from "../../adapters/store/store";
import { requireConfig, type StoreNode } from "../shared/config-nodes";
import { asError, NodeStatus, onClose, onInput, type PlategateMessage } from "../shared/kit";
import { exporterOf, type ExporterConfig, type ExporterSecrets } from "./fields";

interface Opened {
  store: Store;
  close(): Promise<void>;
}

/** Sends events to another system; what cannot go out now waits in the outbox. */
module.exports = function (RED: NodeAPI): void {
  function Exporter(this: Node<ExporterSecrets>, config: ExporterConfig): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(RED, this);
    const target = `node-${this.id}`;
    let queued = 0;

    const open = async (): Promise<Opened> => {
      const source = requireConfig<StoreNode>(RED, config.store, RED._("exporter.store"));
      const store = await source.store();
      const fields = exporterOf(config, this.credentials ?? {});
      const close = store.outbox.register(
        new ExporterTarget(target, fields, config.source === "events", {
          home: source.home,
          images: store.images,
          env: process.env,
          clock: Date.now,
        }),
      );
      return { store, close };
    };
    const opened = open();
    opened.catch((error: unknown) => {
      status.error("misconfigured");
      this.error(asError(error).message);
    });

    onInput(this, async (message, send) => {
      const { store } = await opened;
      await store.outbox.enqueue(target, itemOf(message));
      queued += 1;
      status.ok("queued", { count: queued });
      send(message);
    });

    onClose(this, async () => {
      const held = await opened.catch(() => null);
      await held?.close();
    });
  }

  RED.nodes.registerType<Node<ExporterSecrets>, ExporterConfig, object, ExporterSecrets>(
    "exporter",
    Exporter,
    {
      credentials: {
        password: { type: "password" },
        token: { type: "password" },
        signingSecret: { type: "password" },
      },
    },
  );
};

/**
 * What a message hands over: its stored event, as it is when it goes out; else the
 * object in its payload.
 */
function itemOf(message: PlategateMessage): {
  lane: string;
  kind: string;
  eventId: string | null;
  payload: unknown;
  key?: string;
} {
  const { event, passage, decision, barrier, payload } = message;
  const lane = passage?.laneId ?? passage?.cameraId ?? "";
  if (event && event.waiting !== true) {
    // a decision or outcome that came since is news; the same once more is not
    const news = [passage?.state, passage?.revision, decision?.result, barrier?.result];
    const key = [event.id, ...news].map(String).join(" ");
    return { lane, kind: "event", eventId: event.id, payload: null, key };
  }
  const plain = typeof payload === "object" && payload !== null && !Array.isArray(payload);
  if (!plain || Buffer.isBuffer(payload)) {
    throw new Error(
      "nothing to export: no msg.event of a stored passage, no object in msg.payload",
    );
  }
  return { lane, kind: "message", eventId: null, payload };
}
