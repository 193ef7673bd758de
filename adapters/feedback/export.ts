import { isHashed } from "../../core/events/hashing";
import { rename, rm } from "node:fs/promises";
import { readPicture } from "../images/read";
import { JobFailure, type JobContext, type JobResult, type JobWork } from "../jobs/runner";
import type { Store } from "../store/store";
import { inspectPicture } from "../vision/pictures";
import { StoreError } from "../../core/events/errors";
import type { StoredEvent } from "../../core/events/event";
import type { Job, JobProblem } from "../../core/jobs/job";
import type { Box } from "../../core/messages";
import type { ReviewedFilter } from "../../core/review/ports";
import {
  cocoJson,
  labelsCsv,
  placeInScene,
  type LabelledPicture,
} from "../../core/review/training-set";
import { VisionError } from "../../core/vision/ports";
import { ZipFile } from "./archive";

const STEP = 100;
/** A ZIP file of the plain kind holds no more; what is left over is said. */
const MAX_BYTES = 3.5e9;
const MAX_PICTURES = 60_000;

/** The two sets: whole scenes with the plate's box, and plates already cut out. */
const SETS = { scenes: "plategate-scenes", plates: "plategate-plates" } as const;
type SetName = keyof typeof SETS;

const README = `Plates that people have confirmed or corrected, for training.
${SETS.scenes}/  pictures of the scene, labels.csv with the plate's box; other plates in them are not labelled
${SETS.plates}/  plates cut out, where their place in the scene is not known or its picture is gone
Unpack into the data root (PLATEGATE_DATASETS): training/ reads both folders. coco.json holds the same labels.
A plate is personal data: keep this file as short as you need it.
`;

/** A picture and its sides in pixels. */
interface ReadPicture {
  data: Buffer;
  width: number;
  height: number;
}

/** With the plate's place in it, in shares of its sides. */
interface Picture extends ReadPicture {
  set: SetName;
  place: Box;
}

/** The work on jobs of the kind "feedback_export". */
export function feedbackWork(store: Store): JobWork {
  return (job, context) => new FeedbackExport(store, job, context).run();
}

class FeedbackExport {
  private readonly sets: Record<SetName, LabelledPicture[]> = { scenes: [], plates: [] };
  private readonly problems: JobProblem[] = [];
  private withoutPicture = 0;
  private corrected = 0;
  private zip: ZipFile | null = null;

  constructor(
    private readonly store: Store,
    private readonly job: Job,
    private readonly context: JobContext,
  ) {}

  async run(): Promise<JobResult> {
    const { folder } = this.store.jobs;
    await folder.storage();
    const path = folder.file(`${this.job.id}.zip`);
    // what a program that dies leaves of it is swept
    const part = folder.part();
    const zip = new ZipFile(part);
    this.zip = zip;
    try {
      await this.collect(zip);
      if (this.count() === 0) {
        throw new JobFailure("nothing", "no reviewed event with a picture fits");
      }
      await this.finish(zip);
      await rename(part, path);
      return { report: this.report(100), filePath: path, fileBytes: zip.bytes };
    } catch (error) {
      zip.destroy();
      await rm(part, { force: true });
      throw error;
    }
  }

  private async collect(zip: ZipFile): Promise<void> {
    const { reviews } = await this.store.open();
    const filter = filterOf(this.job);
    for (let after = ""; ;) {
      const events = await reviews.reviewed(filter, after, STEP);
      const known = await reviews.of(events.map(({ id }) => id));
      for (const event of events) {
        this.context.signal.throwIfAborted();
        if (zip.bytes > MAX_BYTES || this.count() >= MAX_PICTURES) {
          const message = "the archive is full; ask for a shorter time";
          this.problems.push({ code: "limited", message });
          return;
        }
        await this.take(event, known.get(event.id)?.verdict ?? "confirmed");
      }
      const last = events.at(-1);
      if (!last || events.length < STEP) return;
      after = last.id;
      this.context.report(this.report(0));
    }
  }

  private async take(event: StoredEvent, source: LabelledPicture["source"]): Promise<void> {
    const hidden = isHashed(event.plateText);
    const found = hidden ? null : await this.pictureOf(event);
    if (!found) {
      this.withoutPicture++;
      return;
    }
    const { set, data, width, height } = found;
    const [x, y, w, h] = found.place;
    const file = `${String(this.count() + 1).padStart(6, "0")}.jpg`;
    this.sets[set].push({
      file,
      width,
      height,
      box: [x * width, y * height, w * width, h * height],
      text: event.plateText,
      source,
    });
    if (source === "corrected") this.corrected++;
    await this.zip?.add(`${SETS[set]}/images/${file}`, data);
  }

  /** The scene where the plate's place in it is known, else, or where that is gone or broken, the plate cut out. */
  private async pictureOf(event: StoredEvent): Promise<Picture | null> {
    const place = placeInScene(event);
    const scene = place && (await this.read(event.frame));
    if (scene) return { ...scene, set: "scenes", place };
    const plate = await this.read(event.crop);
    return plate && { ...plate, set: "plates", place: [0, 0, 1, 1] };
  }

  /** @returns null where there is no picture, or none that can be read; a store that is away fails the job */
  private async read(path: string | null): Promise<ReadPicture | null> {
    if (path === null) return null;
    try {
      const data = await readPicture(this.store.images, path);
      if (!data) return null;
      const { width, height } = await inspectPicture(data);
      return { data, width, height };
    } catch (error) {
      const broken = error instanceof StoreError && error.code === "invalid"; // an empty file
      if (broken || error instanceof VisionError) return null;
      throw error;
    }
  }

  private async finish(zip: ZipFile): Promise<void> {
    const text = (content: string): Buffer => Buffer.from(content, "utf8");
    await zip.add("README.txt", text(README), true);
    for (const [name, pictures] of Object.entries(this.sets) as [SetName, LabelledPicture[]][]) {
      if (pictures.length === 0) continue;
      await zip.add(`${SETS[name]}/labels.csv`, text(labelsCsv(pictures)), true);
      await zip.add(`${SETS[name]}/coco.json`, text(cocoJson(pictures, Date.now())), true);
    }
    await zip.close();
  }

  private count(): number {
    return this.sets.scenes.length + this.sets.plates.length;
  }

  private report(progress: number) {
    const counts = {
      images: this.count(),
      corrected: this.corrected,
      without_picture: this.withoutPicture,
    };
    return { progress, counts, checkpoint: null, problems: [...this.problems] };
  }
}

/** Parameters are those of the request, checked when the job was made. */
function filterOf({ params, cameraId }: Job): ReviewedFilter {
  const { verdict, from, to } = params as Partial<ReviewedFilter>;
  return { verdict, from, to, cameraId: cameraId ?? undefined };
}
