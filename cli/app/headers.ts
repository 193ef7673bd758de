import cors from "cors";
import type { Application, RequestHandler } from "express";
import helmet from "helmet";
import { originsFrom } from "../../api/http/origins";
import type { TileOrigin } from "./tile-origin";

const HSTS_S = 180 * 24 * 3600;

/**
 * What the dashboard's pages need. Ours are compiled beforehand; `ui-template` widgets of an
 * integrator are compiled in the browser, which must be allowed (DASHBOARD_TEMPLATES=1).
 */
const dashboardPolicy = (templates: boolean, tiles: TileOrigin) => ({
  defaultSrc: ["'self'"],
  scriptSrc: templates ? ["'self'", "'unsafe-inline'", "'unsafe-eval'"] : ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", "data:", "blob:", () => tiles.known ?? "'self'"],
  fontSrc: ["'self'", "data:"],
  connectSrc: ["'self'", "ws:", "wss:"],
  workerSrc: ["'self'", "blob:"],
  objectSrc: ["'none'"],
  baseUri: ["'self'"],
  formAction: ["'self'"],
  frameAncestors: ["'self'"],
});

/** An answer of the API is data: a browser that shows it runs and loads nothing. */
const DATA_POLICY = { defaultSrc: ["'none'"], frameAncestors: ["'none'"] };

const COMMON = {
  strictTransportSecurity: false, // see secured(): only where the request came over TLS
  crossOriginEmbedderPolicy: false,
  referrerPolicy: { policy: "same-origin" },
} as const;

const forDashboard = (templates: boolean, tiles: TileOrigin) =>
  helmet({
    ...COMMON,
    contentSecurityPolicy: { useDefaults: false, directives: dashboardPolicy(templates, tiles) },
    xFrameOptions: { action: "sameorigin" },
  });
/** The editor and its nodes load scripts and styles of their own; only framing is ruled. */
const forEditor = helmet({
  ...COMMON,
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: helmet.contentSecurityPolicy.dangerouslyDisableDefaultSrc,
      frameAncestors: ["'self'"],
    },
  },
  xFrameOptions: { action: "sameorigin" },
});
const forData = helmet({
  ...COMMON,
  contentSecurityPolicy: { useDefaults: false, directives: DATA_POLICY },
  xFrameOptions: { action: "deny" },
  // Pictures by their signed addresses stand in other systems' pages.
  crossOriginResourcePolicy: { policy: "cross-origin" },
});
const overTls = helmet.strictTransportSecurity({ maxAge: HSTS_S });

/** Headers that tell a browser what a page of ours may do. */
export function secured(env: NodeJS.ProcessEnv, tiles: TileOrigin): RequestHandler {
  const dashboard = forDashboard(env.DASHBOARD_TEMPLATES === "1", tiles);
  return (request, response, next) => {
    const kind = /^\/(admin|dashboard)(?=\/|$)/.exec(request.path)?.[1];
    const headers = kind === "admin" ? forEditor : kind ? dashboard : forData;
    const answer = () =>
      headers(request, response, (error?: unknown) => {
        if (error || !request.secure) return next(error);
        overTls(request, response, next);
      });
    // what a page may load is said with the page itself, not with its scripts and pictures
    const isPage = kind === "dashboard" && (request.get("accept") ?? "").includes("text/html");
    if (isPage) void tiles.refresh().then(answer);
    else answer();
  };
}

/**
 * Which other sites' pages may read answers (CORS_ORIGINS). Cookies are not among what
 * they may send: their requests carry a token or a key.
 */
export function crossOrigin(env: NodeJS.ProcessEnv): RequestHandler {
  const origins = originsFrom(env);
  const answer = cors({
    origin: origins.includes("*") ? "*" : origins,
    methods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
    exposedHeaders: [
      "X-Request-Id",
      "X-RateLimit-Limit",
      "X-RateLimit-Remaining",
      "X-RateLimit-Reset",
      "Retry-After",
    ],
    maxAge: 600,
  });
  return (request, response, next) => {
    if (/^\/(admin|dashboard)(\/|$)/.test(request.path)) return next();
    answer(request, response, next);
  };
}

/**
 * Which proxies may say whom a request comes from (TRUST_PROXY): "loopback",
 * addresses and networks with commas, or how many stand before us.
 * @throws Error for what would trust everybody
 */
export function trustProxies(app: Application, env: NodeJS.ProcessEnv): void {
  const text = env.TRUST_PROXY?.trim() ?? "";
  if (text === "" || text === "false" || text === "0") return;
  if (text === "true" || text === "*") {
    throw new Error("TRUST_PROXY: name the proxy's address, or how many proxies there are");
  }
  app.set("trust proxy", /^\d+$/.test(text) ? Number(text) : listOf(text));
}

function listOf(text: string): string[] {
  return text
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
}
