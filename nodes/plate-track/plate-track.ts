import type { Node, NodeAPI, NodeDef } from "node-red";
import { cameraRegistry } from "../../adapters/config/camera-registry";
import type { FrameRef, Passage } from "../../core/messages";
import { frames } from "../../adapters/frames/frame-store";
import { liveReads } from "../../adapters/frames/live-reads";
import { CameraPassages, type Emit } from "../../adapters/passages/camera-passages";
import {
  placePassage,
  registeredZones,
  withZones,
  zonesVersion,
} from "../../adapters/passages/registered-zones";
import {
  checkedReads,
  settingsFromFields,
  type TrackerFields,
} from "../../core/vision/tracking/input";
import type { DropCounts } from "../../core/vision/tracking/tracker";
import type { TrackerSettings } from "../../core/vision/tracking/settings";
import { type ModelsNode, requireConfig } from "../shared/config-nodes";
import { asError, NodeStatus, onClose, onInput, type PlategateMessage } from "../shared/kit";

interface TrackConfig extends NodeDef, TrackerFields {
  /** Makes the pictures of passages; without it they have none. */
  models?: string;
}

/** How often it is looked whether frames have stopped, in ms. */
const TICK_MS = 500;
/** Cameras that one node follows; more is a camera id that changes with every frame. */
const MAX_CAMERAS = 64;

/** Reads over time become passages: `msg.reads` to `msg.passage`. */
module.exports = function (RED: NodeAPI): void {
  RED.nodes.registerType("plate-track", function (this: Node, config: TrackConfig) {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(RED, this);
    const cameras = new Map<string, CameraPassages>();
    const closing = new Set<Promise<void>>();
    let sent = 0;

    const settings = attempt(() => settingsFromFields(config));
    const models = attempt(() =>
      config.models ? requireConfig<ModelsNode>(RED, config.models, "models") : null,
    );
    if (settings instanceof Error || models instanceof Error) status.error("misconfigured");
    else status.busy("waiting");
    for (const wrong of [settings, models]) if (wrong instanceof Error) this.error(wrong);

    const show = () => {
      const trackers = [...cameras.values()].map((camera) => camera.tracker);
      const inView = trackers.reduce((sum, tracker) => sum + tracker.size, 0);
      const reasons = totals(trackers.map((tracker) => tracker.dropped));
      if (reasons.length === 0) return status.ok("following", { inView, passages: sent });
      const dropped = reasons
        .map(([reason, count]) => `${count} ${RED._(`plate-track.dropped.${reason}`)}`)
        .join(", ");
      status.ok("followingDropped", { inView, passages: sent, dropped });
    };
    const publish = (send: (message: PlategateMessage) => void, base?: PlategateMessage): Emit => {
      let first = true;
      return (passage) => {
        if (passage.revision === 1) sent += 1;
        const message = first && base ? base : { ...base, _msgid: RED.util.generateId() };
        first = false;
        message.passage = passage;
        message.payload = summaryOf(passage);
        send(message);
      };
    };
    const cameraOf = (frame: FrameRef, chosen: TrackerSettings, vision: ModelsNode | null) => {
      const { cameraId, width, height } = frame;
      const known = cameras.get(cameraId);
      if (known) return known;
      if (cameras.size >= MAX_CAMERAS) throw new Error(`more than ${MAX_CAMERAS} camera ids`);
      const places = registeredZones(frame);
      const made = new CameraPassages(cameraId, {
        settings: withZones(chosen, places),
        version: zonesVersion(cameraId),
        vision: vision ? () => vision.vision() : null,
        failed: (error) => this.warn(`no picture: ${asError(error).message}`),
        placed: (passage) => placePassage(passage, places, { width, height }),
        emit: publish((message) => this.send(message)),
      });
      cameras.set(cameraId, made);
      return made;
    };
    // Zones of the API have changed: what is in view ends, the next frame begins anew.
    const onZones = () => {
      for (const [cameraId, camera] of cameras) {
        if (camera.version === zonesVersion(cameraId)) continue;
        cameras.delete(cameraId);
        const ending = camera.close().catch((error: unknown) => this.error(asError(error)));
        closing.add(ending);
        void ending.finally(() => closing.delete(ending));
      }
    };
    cameraRegistry.on("change", onZones);

    onInput(this, async (message, send) => {
      if (settings instanceof Error) throw settings;
      if (models instanceof Error) throw models;
      const { frame, reads } = checkedReads(message.frame, message.reads);
      liveReads.put(frame, reads);
      const camera = cameraOf(frame, settings, models);
      await camera.feed(
        frame,
        frames.get(frame.id),
        reads,
        performance.now(),
        publish(send, message),
      );
      show();
    });

    const timer = setInterval(() => {
      for (const camera of cameras.values()) {
        void camera.tick(performance.now()).then(show, (error: unknown) => {
          this.error(asError(error));
        });
      }
    }, TICK_MS);
    timer.unref();

    onClose(this, async () => {
      clearInterval(timer);
      cameraRegistry.off("change", onZones);
      await Promise.all([...closing, ...[...cameras.values()].map((camera) => camera.close())]);
      cameras.clear();
      status.clear();
    });
  });
};

/** What was left out of all cameras, by reason, most first. */
function totals(counts: readonly DropCounts[]): [reason: string, count: number][] {
  const sums = new Map<string, number>();
  for (const [reason, count] of counts.flatMap(
    (one) => Object.entries(one) as [string, number][],
  )) {
    sums.set(reason, (sums.get(reason) ?? 0) + count);
  }
  return [...sums].filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a);
}

function attempt<T>(work: () => T): T | Error {
  try {
    return work();
  } catch (error) {
    return asError(error);
  }
}

/** What a debug node shows. */
function summaryOf({ text, confidence, state, revision, direction, reads, reason }: Passage) {
  return { plate: text, confidence, state, revision, direction, reads, ...(reason && { reason }) };
}
