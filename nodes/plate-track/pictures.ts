import type { Passage } from "../../core/messages";
import type { PixelFrame, VisionService } from "../../core/vision/ports";

/** Longest side of the stored picture of the scene, in pixels. */
const FRAME_SIDE = 1280;
/** Room left around the plate in its own picture, as a fraction of its size. */
const CROP_MARGIN = 0.15;
const EMPTY: Passage["images"] = { frame: null, crop: null };

/**
 * The pictures of a camera's passages. Keeps the frames that the tracker may still
 * want, and makes JPEGs of a passage's best one, once for each frame.
 */
export class PassagePictures {
  private held = new Map<string, PixelFrame>();
  private readonly made = new Map<
    string,
    { frameId: string; images: Promise<Passage["images"]> }
  >();

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

  /** JPEGs of a passage's best picture; nulls where there is none or it cannot be made. */
  of(passage: Passage): Promise<Passage["images"]> {
    const { best, id } = passage;
    const known = this.made.get(id);
    const frame = best ? this.held.get(best.frameId) : undefined;
    if (!best || !frame || known?.frameId === best.frameId) {
      return known?.images ?? Promise.resolve(EMPTY);
    }
    const images = this.encode(frame, best).catch((error: unknown) => {
      this.failed(error);
      return EMPTY;
    });
    this.made.set(id, { frameId: best.frameId, images });
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
