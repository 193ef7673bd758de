import type { VisionService } from "../core/vision/ports";
import type { BarrierRegistry } from "../adapters/barriers/registry";
import type { FrameStore } from "../adapters/frames/frame-store";
import type { ResourceRepositories } from "../core/config/ports";
import type { AccessRepository } from "../core/access/ports";
import type { AlertRepository } from "../core/alerts/alert";
import type { SettingsRepository } from "../core/auth/ports";
import type { EventRepository, ImageStore } from "../core/events/ports";
import type { Store } from "../adapters/store/store";
import type { AuthService } from "./auth/service";
import type { Health } from "./health";
import type { RateLimits } from "./http/rates";
import type { SignedLinks } from "./http/links";

/** What operations work with; made by the `plategate-api` config node. */
export interface ApiServices {
  auth: AuthService;
  events: EventRepository;
  access: AccessRepository;
  /** Cameras, zones, exporters … */
  resources: ResourceRepositories;
  alerts: AlertRepository;
  settings: SettingsRepository;
  images: ImageStore;
  vision: VisionService;
  barriers: BarrierRegistry;
  frames: FrameStore;
  health: Health;
  /** The store behind `events`, `access` and `images`: writing, erasing, exporting. */
  store: Store;
  /** How many requests a minute each may make. */
  rates: RateLimits;
  /** Signed addresses of pictures. */
  links: SignedLinks;
  /** IANA zone of the site, for intervals of statistics. */
  timeZone: string;
  /** Origins of other sites' pages that may call (CORS_ORIGINS); "*" for all. */
  origins: readonly string[];
  /** Dialects open to callers without a credential (PLATEGATE_PUBLIC_DIALECTS). */
  publicDialects: ReadonlySet<string>;
}
