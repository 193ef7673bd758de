import { stat } from "node:fs/promises";
import { isAbsolute } from "node:path";
import type { Node, NodeAPI, NodeDef } from "node-red";
import type { JobService } from "../../adapters/jobs/service";
import type { Store } from "../../adapters/store/store";
import { videoWork, VIDEO_FPS } from "../../adapters/video/video-work";
import { canBeRecorded, type Job } from "../../core/jobs/job";
import { settingsFromFields, type TrackerFields } from "../../core/vision/tracking/input";
import {
  type ModelsNode,
  requireConfig,
  type SiteNode,
  type StoreNode,
} from "../shared/config-nodes";
import {
  asError,
  NodeStatus,
  numberField,
  onClose,
  onInput,
  type PlategateMessage,
} from "../shared/kit";

interface VideoConfig extends NodeDef, TrackerFields {
  store: string;
  models: string;
  site: string;
  /** Frames a second; empty: FRAME_EXTRACTION_FPS, else 5. */
  fps: string;
  /** Detections below are left out; empty: DETECTION_CONFIDENCE_THRESHOLD, else the model's. */
  minDetection: string;
  tiles: boolean;
}

interface Running {
  jobs: JobService;
  close(): Promise<void>;
}

type JobMessage = PlategateMessage & { job?: ReturnType<typeof jobOf> };

/** Reads videos as jobs: progress at the first output, passages at the second, reads at the third. */
module.exports = function (RED: NodeAPI): void {
  RED.nodes.registerType("video-job", function (this: Node, config: VideoConfig) {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(RED, this);
    const starting = start(RED, this, config, status);
    starting.catch((error: unknown) => {
      status.error("misconfigured");
      this.error(asError(error).message);
    });

    onInput(this, async (message, send) => {
      const { jobs } = await starting;
      const job = await asked(RED, jobs, message, `flow:${this.name ?? this.id}`);
      const answer: JobMessage = { ...message, job: jobOf(job), payload: jobOf(job) };
      send([answer, null, null]);
    });

    onClose(this, async () => {
      const running = await starting.catch(() => null);
      await running?.close();
      status.clear();
    });
  });
};

async function start(
  RED: NodeAPI,
  node: Node,
  config: VideoConfig,
  status: NodeStatus,
): Promise<Running> {
  const models = requireConfig<ModelsNode>(RED, config.models, RED._("video-job.models"));
  const source = requireConfig<StoreNode>(RED, config.store, RED._("video-job.store"));
  const site = config.site ? (RED.nodes.getNode(config.site) as SiteNode | null) : null;
  const settings = settingsOf(config, process.env);
  const store: Store = await source.store();
  const { jobs } = store;
  status.ok("waiting");
  const stop = jobs.serve("video", (job, context) => {
    return videoWork({
      ...settings,
      siteId: site?.siteId ?? null,
      vision: models.vision(),
      store,
      onPassage: (of, passage) => {
        const message: JobMessage = { _msgid: RED.util.generateId(), job: jobOf(of), passage };
        const { text: plate, confidence, firstSeen } = passage;
        message.payload = { plate, confidence, seenAt: new Date(firstSeen).toISOString() };
        node.send([null, message, null]);
      },
      onFrame: (of, frame, reads) => {
        if (reads.length === 0) return;
        const message: JobMessage = { _msgid: RED.util.generateId(), job: jobOf(of), frame, reads };
        message.payload = reads;
        node.send([null, null, message]);
      },
    })(job, context);
  });
  const reporter = new Reporter(RED, node, jobs, status);
  return {
    jobs,
    close: async () => {
      await reporter.close();
      await stop();
    },
  };
}

/** Sends on what becomes of jobs, each state and progress once. */
class Reporter {
  private readonly told = new Map<string, string>();
  private tail: Promise<void> = Promise.resolve();
  private readonly listener = (id: string): void => {
    this.tail = this.tail
      .then(() => this.tell(id))
      .catch((error: unknown) => {
        this.node.debug(asError(error).message);
      });
  };

  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
    private readonly jobs: JobService,
    private readonly status: NodeStatus,
  ) {
    jobs.on("change", this.listener);
  }

  async close(): Promise<void> {
    this.jobs.off("change", this.listener);
    await this.tail;
  }

  private async tell(id: string): Promise<void> {
    const found = await (await this.jobs.repository()).get(id);
    if (found?.kind !== "video") return;
    const job = jobOf(found);
    const now = `${job.state} ${job.progress}`;
    if (this.told.get(id) === now) return;
    this.told.set(id, now);
    if (job.finished) this.told.delete(id);
    if (job.state === "processing") {
      this.status.busy("working", { progress: Math.floor(job.progress) });
    } else this.status.ok(job.state === "queued" ? "waiting" : job.state);
    const message: JobMessage = { _msgid: this.RED.util.generateId(), job, payload: job };
    this.node.send([message, null, null]);
  }
}

/** What a message asks for: `cancel` or `retry` a job by its id, else a video by its path. */
async function asked(
  RED: NodeAPI,
  jobs: JobService,
  { topic, payload, ...rest }: PlategateMessage,
  actor: string,
): Promise<Job> {
  if (typeof payload !== "string" || payload === "") throw new Error(RED._("video-job.error.path"));
  if (topic === "cancel" || topic === "retry") {
    const job = await jobs[topic](payload);
    if (!job) throw new Error(RED._(`video-job.error.${topic}`));
    return job;
  }
  const info = isAbsolute(payload) ? await stat(payload).catch(() => null) : null;
  if (!info?.isFile()) throw new Error(RED._("video-job.error.path"));
  const { cameraId, recordedAt } = rest as { cameraId?: unknown; recordedAt?: unknown };
  const taken = typeof recordedAt === "string" ? Date.parse(recordedAt) : recordedAt;
  const known = typeof taken === "number" && Number.isFinite(taken);
  if (known && !canBeRecorded(taken, Date.now())) throw new Error(RED._("video-job.error.future"));
  return jobs.create({
    kind: "video",
    createdBy: actor,
    cameraId: typeof cameraId === "string" && cameraId !== "" ? cameraId : null,
    fileName: payload.replace(/^.*[\\/]/, ""),
    filePath: payload,
    ownsFile: false,
    fileBytes: info.size,
    params: known ? { recorded_at: taken } : {},
  });
}

function settingsOf(config: VideoConfig, env: NodeJS.ProcessEnv) {
  const fps = numberField(config.fps, numberField(env.FRAME_EXTRACTION_FPS, VIDEO_FPS));
  const least = numberField(
    config.minDetection,
    numberField(env.DETECTION_CONFIDENCE_THRESHOLD, -1),
  );
  return {
    fps: Math.min(30, Math.max(0.2, fps)),
    tiles: config.tiles,
    tracker: settingsFromFields(config),
    ...(least >= 0 && least <= 1 ? { minDetection: least } : {}),
  };
}

/** A job as messages have it. */
function jobOf(job: Job) {
  const { id, kind, state, progress, cameraId, fileName, counts, problems } = job;
  const finished = job.finishedAt !== null;
  return { id, kind, state, progress, cameraId, fileName, counts, errors: problems, finished };
}
