import type { Passage } from "../../core/messages";
import type { PixelFrame, VisionService } from "../../core/vision/ports";

/** Longest side of the stored picture of the scene, in pixels. */
const FRAME_SIDE = 1280;
/** Room left around the plate in its own picture, as a fraction of its size. */
const CROP_MARGIN = 0.15;

type Best = NonNullable<Passage["best"]>;

/** The pictures of one passage: what is made, and what is in the making. */
interface Album {
  made: { best: Best; images: Passage["images"] } | null;
  /** Frame of the newest picture that is made or in the making. */
  newest: string;
  /** Settles when nothing is in the making; never rejects. */
  ready: Promise<void>;
  busy: boolean;
}

/**
 * The pictures of a camera's passages. Keeps the frames that the tracker may still
 * want, and makes JPEGs of a vehicle's best one ahead of time, so that a passage
 * that is to open a gate need not wait for its pictures.
 */
export class PassagePictures {
  private readonly held = new Map<string, PixelFrame>();
  private readonly albums = new Map<string, Album>();

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

  /** Whether a passage has a picture, or one in the making. */
  has(passageId: string): boolean {
    return this.albums.has(passageId);
  }

  /**
   * Starts making the picture of a passage's best frame, unless it is made.
   * @param insist also while another is in the making; else that one will do
   */
  prepare(passageId: string, best: Best | null, insist: boolean): void {
    const frame = best ? this.held.get(best.frameId) : undefined;
    if (!best || !frame) return;
    const album = this.albums.get(passageId) ?? newAlbum();
    this.albums.set(passageId, album);
    if (album.newest === frame.id || (album.busy && !insist)) return;
    album.newest = frame.id;
    album.busy = true;
    album.ready = album.ready
      .then(() => this.encode(frame, best))
      .then(
        (images) => {
          album.made = { best, images };
        },
        (error: unknown) => this.failed(error),
      )
      .finally(() => {
        album.busy = album.newest !== frame.id;
      });
  }

  /**
   * Puts the pictures into a passage that are made, or will be within `ms`; its `best`
   * then says what they are of.
   */
  async attach(passage: Passage, ms: number): Promise<void> {
    const album = this.albums.get(passage.id);
    if (!album) return;
    await atMost(album.ready, ms);
    if (!album.made) return;
    passage.best = album.made.best;
    passage.images = album.made.images;
  }

  /** Forgets the pictures of all passages but these. */
  forgetAllBut(passageIds: ReadonlySet<string>): void {
    for (const id of this.albums.keys()) if (!passageIds.has(id)) this.albums.delete(id);
  }

  private async encode(frame: PixelFrame, { box, corners }: Best): Promise<Passage["images"]> {
    const vision = this.vision();
    const [crop, scene] = await Promise.all([
      vision.encode(frame, { crop: { box, corners, margin: CROP_MARGIN } }),
      vision.encode(frame, { maxSide: FRAME_SIDE }),
    ]);
    return { frame: scene, crop };
  }
}

function newAlbum(): Album {
  return { made: null, newest: "", ready: Promise.resolve(), busy: false };
}

/** Waits for a promise, but no longer than `ms`. */
async function atMost(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
