import type { VisionService } from "../core/vision/ports";
import type { BarrierRegistry } from "../adapters/barriers/registry";
import type { FrameStore } from "../adapters/frames/frame-store";
import type { AccessRepository } from "../core/access/ports";
import type { EventRepository, ImageStore } from "../core/events/ports";
import type { AuthService } from "./auth/service";
import type { Health } from "./health";

/** What operations work with; made by the `plategate-api` config node. */
export interface ApiServices {
  auth: AuthService;
  events: EventRepository;
  access: AccessRepository;
  images: ImageStore;
  vision: VisionService;
  barriers: BarrierRegistry;
  frames: FrameStore;
  health: Health;
  /** Dialects open to callers without a credential (PLATEGATE_PUBLIC_DIALECTS). */
  publicDialects: ReadonlySet<string>;
}
