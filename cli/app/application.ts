import express from "express";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";
import { barriers } from "../../adapters/barriers/registry";
import { packageRoot } from "../../adapters/package/package";
import { TILES_SETTING } from "../../core/map/types";
import { camerasFromEnvironment } from "../../adapters/config/environment";
import { openEnvironment } from "../../adapters/notify/environment";
import { acquireStore } from "../../adapters/store/store";
import { openAuth } from "../../api/auth/open";
import { measureRequests } from "../../api/http/metrics";
import { currentAuth } from "../../api/auth/registry";
import { startDemo } from "./demo";
import { cutEditorsOnChange } from "./editor";
import { environmentFlow } from "./environment-flow";
import { hasCamera, hasDemo, installFlows } from "./flows";
import { crossOrigin, secured, trustProxies } from "./headers";
import { homeFolder, lockHome, userDir } from "./home";
import { fallback } from "./middleware";
import { linkPackage, requireNodeRed } from "./node-red";
import { accessLog, appLog } from "./logging";
import { limitRequests, methodNotAllowed, shadowedPaths, slowBodies } from "./requests";
import { portFrom, settingsFromEnvironment } from "./settings";
import { TileOrigin } from "./tile-origin";

export interface Application {
  /** Where people find it, e.g. http://localhost:1880. */
  address: string;
  /** The first user's password, when it was made up at this start. */
  firstPassword: string | null;
  demo: boolean;
  stop(): Promise<void>;
}

type Log = (level: "info" | "warn" | "error", message: string) => void;

/**
 * Starts the standalone application: database, users, demo, Node-RED headless with
 * the shipped flows. Whatever was opened is closed again when a later step fails.
 */
export async function startApplication(env: NodeJS.ProcessEnv, log: Log): Promise<Application> {
  const opened: (() => Promise<void> | void)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of opened.reverse()) {
      try {
        await close();
      } catch (error) {
        log("error", `while stopping: ${String(error)}`);
      }
    }
  };
  try {
    return await bringUp(env, log, opened, closeAll);
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function bringUp(
  env: NodeJS.ProcessEnv,
  log: Log,
  opened: (() => Promise<void> | void)[],
  stop: () => Promise<void>,
): Promise<Application> {
  const home = homeFolder(env);
  const folder = userDir(home);
  env.PLATEGATE_HOME = home; // config nodes look for it there
  opened.push(lockHome(home));

  const settings = settingsFromEnvironment(env);
  // The same store that the flows' config node names: held here, it outlives every redeploy.
  const lease = await acquireStore({ url: env.DATABASE_URL, home, log });
  opened.push(() => lease.release());
  opened.push(openEnvironment(lease.store, env, log));
  const { database, resources } = await lease.store.open();
  await camerasFromEnvironment(resources, env, Date.now());
  const firstPassword = await openAuth(database, barriers, home, env, (message) =>
    log("error", message),
  );

  const own = environmentFlow(env);
  // The demo's barrier is called "entry" too: not beside real things unless asked for.
  const real = hasCamera(folder) || env.ENTRY_CAMERA_URL || env.EXIT_CAMERA_URL || own.length > 0;
  const demoWanted = env.PLATEGATE_DEMO ? env.PLATEGATE_DEMO !== "0" : !real;
  for (const name of installFlows(join(packageRoot(), "flows"), folder, demoWanted, own)) {
    log("warn", `flows/${name} has a newer version; yours was changed and stays as it is`);
  }
  const demo = hasDemo(folder) && env.PLATEGATE_DEMO !== "0" ? await startDemo(env) : null;
  if (demo) opened.push(() => demo.stop());

  linkPackage(folder);
  const tiles = new TileOrigin(async () => (await lease.store.open()).settings.get(TILES_SETTING));
  const { server, started } = runNodeRed(env, tiles, settings, opened);
  opened.push(closer(server));
  await listen(server, portFrom(env.PORT, 1880));
  await started();
  const { port } = server.address() as AddressInfo;
  return { address: `http://localhost:${port}`, firstPassword, demo: demo !== null, stop };
}

/** Node-RED on a server of ours, with our answers for what no flow serves. */
function runNodeRed(
  env: NodeJS.ProcessEnv,
  tiles: TileOrigin,
  settings: Record<string, unknown>,
  opened: (() => Promise<void> | void)[],
): { server: Server; started: () => Promise<void> } {
  const RED = requireNodeRed();
  const app = express();
  app.disable("x-powered-by");
  trustProxies(app, env);
  app.use(
    measureRequests(),
    accessLog(appLog(env)),
    secured(env, tiles),
    crossOrigin(env),
    slowBodies(env),
  );
  const server = createServer(app);
  limitRequests(server);
  RED.init(server, settings as never);
  opened.push(cutEditorsOnChange(server, currentAuth(), `${String(settings.httpAdminRoot)}/comms`));
  let ready = false;
  app.use(String(settings.httpAdminRoot), RED.httpAdmin);
  app.get("/", (_request, response) => response.redirect("/dashboard"));
  app.use(shadowedPaths());
  app.use(String(settings.httpNodeRoot), RED.httpNode);
  // until the flows are there a path may lack the method that it will have: 503, not 405
  const wrongMethod = methodNotAllowed();
  app.use((request, response, next) => (ready ? wrongMethod(request, response, next) : next()));
  app.use(...fallback(() => ready));
  const started = async (): Promise<void> => {
    // Listening before the start: the event may come before start() resolves.
    const flows = new Promise<void>((resolve) => RED.events.once("flows:started", () => resolve()));
    opened.push(() => RED.stop());
    await RED.start();
    await flows;
    ready = true;
  };
  return { server, started };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(
        error.code === "EADDRINUSE"
          ? new Error(`port ${port} is in use; set PORT to another one`)
          : error,
      );
    });
    server.listen(port, () => resolve());
  });
}

/** Closes a server with all its connections; web sockets are not among those it knows itself. */
function closer(server: Server): () => Promise<void> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
}
