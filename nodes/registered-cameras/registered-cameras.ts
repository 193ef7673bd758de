import type { Node, NodeAPI, NodeDef } from "node-red";
import {
  CameraError,
  parseAddress,
  shownAddress,
  type CameraSettings,
} from "../../adapters/cameras";
import { flowCameras } from "../../adapters/cameras/flow-cameras";
import { runningCameras } from "../../adapters/cameras/running";
import { cameraRegistry } from "../../adapters/config/camera-registry";
import type { CameraFields, Resource } from "../../core/config/types";
import type { VisionService } from "../../core/vision/ports";
import { CameraRun, PICTURES, type CameraStatus } from "../shared/camera-run";
import { requireConfig, type ModelsNode, type StoreNode } from "../shared/config-nodes";
import { asError, NodeStatus, onClose } from "../shared/kit";

interface CamerasConfig extends NodeDef {
  store: string;
  models: string;
  picture: "none" | "preview" | "full";
  /** Ids of the cameras it reads, with commas or spaces between; empty: all of them. */
  only: string;
}

type State = "connecting" | "live" | "ended" | "failed";

/** What of a camera makes a difference to its connection. */
function connectionOf({ fields }: Resource<"cameras">): string {
  const { rtsp_url, high_res_url, transport, fps, resolution, lane_id } = fields;
  return JSON.stringify([rtsp_url, high_res_url, transport, fps, resolution, lane_id]);
}

function settingsOf(id: string, fields: CameraFields, url: string, high: boolean): CameraSettings {
  const width = high ? null : fields.resolution?.width;
  return {
    cameraId: high ? `${id}-high` : id,
    laneId: fields.lane_id,
    input: parseAddress(url, { transport: fields.transport }),
    fps: fields.fps,
    ...(width ? { maxWidth: width } : {}),
  };
}

/** The cameras of the API that this node reads: opened, closed and opened anew as they change. */
class Fleet {
  private readonly runs = new Map<string, { connection: string; run: CameraRun }>();
  private readonly states = new Map<string, State>();
  private work: Promise<void> = Promise.resolve();
  private told = "";

  constructor(
    private readonly node: Node,
    private readonly status: NodeStatus,
    private readonly vision: VisionService | null,
    private readonly picture: CamerasConfig["picture"],
  ) {}

  /** Brings what runs in line with what is wanted; one camera's change leaves the others alone. */
  become(wanted: Resource<"cameras">[]): void {
    this.work = this.work
      .then(() => this.change(wanted))
      .catch((error: unknown) => this.node.error(asError(error).message));
  }

  async close(): Promise<void> {
    this.become([]);
    await this.work;
    this.status.clear();
  }

  private async change(all: Resource<"cameras">[]): Promise<void> {
    // those of which only videos are uploaded have no address
    const wanted = all.filter(({ fields }) => fields.rtsp_url !== "");
    const problems: string[] = [];
    const keep = new Map(wanted.map((camera) => [camera.id, connectionOf(camera)]));
    for (const [id, { connection, run }] of [...this.runs]) {
      if (keep.get(id) === connection) continue;
      this.runs.delete(id);
      this.states.delete(id);
      await run.close();
    }
    for (const camera of wanted) {
      if (this.runs.has(camera.id)) continue;
      const problem = this.start(camera);
      if (problem) problems.push(`${camera.id}: ${problem}`);
    }
    const told = problems.join("; ");
    if (told !== this.told && told !== "") this.node.warn(told);
    this.told = told;
    this.show(problems.length);
  }

  /** @returns why it cannot be read, else null */
  private start(camera: Resource<"cameras">): string | null {
    const { id, fields, locked } = camera;
    if (locked) return "its address cannot be decrypted with this installation's key";
    if (flowCameras.has(id)) return "a flow has a camera of this id";
    if (runningCameras.get(id)) return "another node reads it";
    try {
      const { rtsp_url: url, high_res_url: highUrl } = fields;
      const settings = settingsOf(id, fields, url, false);
      const high = highUrl ? settingsOf(id, fields, highUrl, true) : null;
      const picture = this.picture === "none" ? null : (PICTURES[this.picture] ?? null);
      const run = new CameraRun(this.node, {
        ...{ settings, high, picture, vision: this.vision },
        ...{ shownUrl: shownAddress(url), status: this.statusOf(id) },
      });
      this.runs.set(id, { connection: connectionOf(camera), run });
      return null;
    } catch (error) {
      if (error instanceof CameraError) return error.message;
      throw error;
    }
  }

  private statusOf(id: string): CameraStatus {
    const set = (state: State) => () => {
      this.states.set(id, state);
      this.show(0);
    };
    return {
      connecting: set("connecting"),
      live: set("live"),
      ended: set("ended"),
      failed: set("failed"),
    };
  }

  private show(refused: number): void {
    const total = this.states.size + refused;
    if (total === 0) return this.status.busy("none");
    const live = [...this.states.values()].filter((state) => state === "live").length;
    if (live === total) this.status.ok("live", { live, total });
    else this.status.warn("live", { live, total });
  }
}

/** Frames of every enabled camera that is set up by the configuration API. */
module.exports = function (RED: NodeAPI): void {
  RED.nodes.registerType("registered-cameras", function (this: Node, config: CamerasConfig) {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(RED, this);
    let store: StoreNode;
    let fleet: Fleet;
    try {
      store = requireConfig<StoreNode>(RED, config.store, "store");
      const wantsPicture = config.picture === "preview" || config.picture === "full";
      const vision = wantsPicture
        ? requireConfig<ModelsNode>(RED, config.models, "models").vision()
        : null;
      fleet = new Fleet(this, status, vision, config.picture);
    } catch (error) {
      status.error("config");
      this.error(asError(error).message);
      return;
    }
    const only = new Set((config.only ?? "").split(/[\s,;]+/).filter((id) => id !== ""));
    const follow = (): void => {
      const cameras = cameraRegistry.camerasOf(store);
      fleet.become(
        cameras.filter(({ id, fields }) => fields.enabled && (only.size === 0 || only.has(id))),
      );
    };
    status.busy("waiting");
    cameraRegistry.on("change", follow);
    const release = cameraRegistry.follow(
      store,
      async () => (await (await store.store()).open()).resources,
      (error) => this.debug(asError(error).message),
    );
    onClose(this, async () => {
      cameraRegistry.off("change", follow);
      release();
      await fleet.close();
    });
  });
};
