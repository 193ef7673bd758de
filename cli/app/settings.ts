import { mkdirSync } from "node:fs";
import { loadSecrets } from "../../api/auth/secrets";
import { currentAuth } from "../../api/auth/registry";
import { editorAuth, editorLogout } from "./editor";
import { homeFolder, userDir } from "./home";
import { appLog, nodeRedLogging } from "./logging";
import { bodyMiddleware, dashboardPages, dashboardSockets } from "./middleware";

/** Port from the environment. @throws when it is none */
export function portFrom(text: string | undefined, fallback: number): number {
  if (text === undefined || text === "") return fallback;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`"${text}" is not a port (0 to 65535)`);
  }
  return port;
}

/** Node-RED's settings for the standalone application; everything secure by default. */
export function settingsFromEnvironment(env: NodeJS.ProcessEnv): Record<string, unknown> {
  const home = homeFolder(env);
  const secrets = loadSecrets(home);
  const folder = userDir(home);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return {
    uiPort: portFrom(env.PORT, 1880),
    userDir: folder,
    flowFile: "flows.json",
    credentialSecret: secrets.nodeRedCredentials,
    httpAdminRoot: "/admin",
    httpNodeRoot: "/",
    httpNodeMiddleware: bodyMiddleware(),
    httpAdminMiddleware: editorLogout(currentAuth),
    adminAuth: editorAuth(currentAuth),
    dashboard: {
      middleware: dashboardPages(currentAuth),
      ioMiddleware: dashboardSockets(currentAuth),
    },
    telemetry: { enabled: false, updateNotification: false },
    diagnostics: { enabled: true, ui: true },
    runtimeState: { enabled: false, ui: false },
    functionExternalModules: false,
    editorTheme: {
      page: { title: "Plategate" },
      header: { title: "Plategate" },
      tours: false,
      projects: { enabled: false },
    },
    logging: nodeRedLogging(appLog(env)),
  };
}
