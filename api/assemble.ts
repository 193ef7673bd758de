import { barriers } from "../adapters/barriers/registry";
import type { Store } from "../adapters/store/store";
import { packageVersion } from "../adapters/package/package";
import { events as eventBus } from "../adapters/events/bus";
import { countActivity, showQueue } from "../adapters/metrics/activity";
import { feedbackWork } from "../adapters/feedback/export";
import { frames } from "../adapters/frames/frame-store";
import type { VisionService } from "../core/vision/ports";
import { news } from "../adapters/news/news";
import { openAuth } from "./auth/open";
import { loadSecrets } from "./auth/secrets";
import { currentAuth, hasAuth } from "./auth/registry";
import { Health, type ComponentHealth } from "./health";
import { originsFrom } from "./http/origins";
import { RateLimits, ratesFrom } from "./http/rates";
import { SignedLinks } from "./http/links";
import { monitoring } from "../adapters/metrics/history";
import { addInsideChecks } from "./inside-checks";
import type { ApiServices } from "./services";
import type { ComponentHealth as PartHealth } from "../core/events/ports";

/** What the API takes of a store. */
export interface StoreSource {
  home: string;
  store(): Promise<Store>;
}

/**
 * Puts together what operations work with. Outside the standalone application
 * (a palette install) this is also where users and keys are opened.
 */
export async function assembleServices(
  source: StoreSource,
  vision: () => VisionService,
  env: NodeJS.ProcessEnv,
  log: (message: string) => void,
): Promise<ApiServices> {
  const store = await source.store();
  const { database, events, access, alerts, resources, settings } = await store.open();
  if (!hasAuth()) {
    const password = await openAuth(database, barriers, source.home, env, log);
    if (password) log(`first user: admin, password ${password} (shown this once; change it)`);
  }
  countActivity(eventBus, barriers);
  showQueue(store);
  const health = new Health(packageVersion(), Date.now() - process.uptime() * 1000);
  health.add("database", async () => wire((await store.health()).database));
  health.add("picture_store", async () => wire(await store.images.health()));
  health.add("event_queue", () => wire(store.writer.health()));
  health.add("outbox", () => wire(store.outbox.health()));
  health.add("models", async () => {
    const info = await vision().ready();
    return { status: "healthy", engine: info.engine, workers: info.workers };
  });
  health.add("cache", () => ({ status: "not_configured" }));
  health.add("s3_storage", async () =>
    store.images.kind === "s3" ? wire(await store.images.health()) : { status: "not_configured" },
  );
  monitoring.start(source.home);
  addInsideChecks(health, { home: source.home, resources, vision });
  access.onChange(() => news.tell("lists"));
  workOnce(store);
  return {
    auth: currentAuth(),
    events,
    access,
    resources,
    alerts,
    settings,
    images: store.images,
    vision: vision(),
    barriers,
    frames,
    health,
    store,
    rates: new RateLimits(ratesFrom(env.RATE_LIMITS)),
    links: new SignedLinks(loadSecrets(source.home).urls),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    origins: originsFrom(env),
    publicDialects: new Set(
      (env.PLATEGATE_PUBLIC_DIALECTS ?? "")
        .split(",")
        .map((one) => one.trim())
        .filter((one) => one === "galaxy" || one === "guide"),
    ),
  };
}

const worked = new WeakSet<Store>();

/** What jobs the API does itself, once however often it is put together for a store. */
function workOnce(store: Store): void {
  if (worked.has(store)) return;
  worked.add(store);
  store.jobs.on("change", () => news.tell("jobs"));
  store.jobs.serve("feedback_export", feedbackWork(store));
}

/** A part's health as reference 2 writes it. */
function wire(part: PartHealth): ComponentHealth {
  return {
    status: part.status,
    response_time_ms: part.responseTimeMs,
    ...(part.error ? { error: part.error } : {}),
    ...part.details,
  };
}
