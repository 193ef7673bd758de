import type { Passage } from "../../core/messages";
import type { PixelFrame, VisionService } from "../../core/vision/ports";

/** Longest side of the stored picture of the scene, in pixels. */
const FRAME_SIDE = 1280;
/** Room left around the plate in its own picture, as a fraction of its size. */
const CROP_MARGIN = 0.15;
const EMPTY: Passage["images"] = { frame: null, crop: null };

/** JPEGs in the making, of the best picture of a version of a passage. */
interface Made {
  text: string;
  best: NonNullable<Passage["best"]>;
  images: Promise<Passage["images"]>;
}

/**
 * The pictures of a camera's passages. Keeps the frames that the tracker may still
 * want, and makes JPEGs of a passage's best one, once for each frame.
 */
export class PassagePictures {
  private held = new Map<string, PixelFrame>();
  private readonly made = new Map<string, Made>();

  constructor(
    private readonly vision: () => VisionService,
    private readonly failed: (error: unknown) => void,
  ) {}

  hold(frame: PixelFrame | undefined): void {
    if (frame) this.held.set(frame.id, frame);
  }

  /** Lets go of all frames but these. */
  keepOnly(wanted: ReadonlySet<string>): void {
    for (const id of this.held.keys()) if (!wanted.has(id)) this.held.delete(id);
  }

  /**
   * JPEGs of a passage's best picture; nulls where there is none or it cannot be made.
   * A version that only says the same text again keeps the picture it had, and
   * `passage.best` says which that is.
   */
  of(passage: Passage): Promise<Passage["images"]> {
    const { best, id, text } = passage;
    const known = this.made.get(id);
    const frame = best ? this.held.get(best.frameId) : undefined;
    const same = known?.text === text && passage.state !== "final";
    if (known && (same || !frame || known.best.frameId === best?.frameId)) {
      passage.best = known.best;
      return known.images;
    }
    if (!best || !frame) return Promise.resolve(EMPTY);
    const images = this.encode(frame, best).catch((error: unknown) => {
      this.failed(error);
      return EMPTY;
    });
    this.made.set(id, { text, best, images });
    return images;
  }

  /** Forgets the pictures of a passage that is over. */
  forget(passageId: string): void {
    this.made.delete(passageId);
  }

  private async encode(
    frame: PixelFrame,
    { box, corners }: NonNullable<Passage["best"]>,
  ): Promise<Passage["images"]> {
    const vision = this.vision();
    const [crop, scene] = await Promise.all([
      vision.encode(frame, { crop: { box, corners, margin: CROP_MARGIN } }),
      vision.encode(frame, { maxSide: FRAME_SIDE }),
    ]);
    return { frame: scene, crop };
  }
}
