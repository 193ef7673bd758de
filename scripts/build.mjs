// Compiles TypeScript to dist/ and copies what stands beside it: editor forms, texts, pages.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const out = join(root, "dist");
const require = createRequire(import.meta.url);
// The native compiler: the same checks in a quarter of the time. ESLint needs the older one's API.
const tsc = join(dirname(require.resolve("typescript-native/package.json")), "bin", "tsc");

if (process.argv.includes("--clean")) rmSync(out, { recursive: true, force: true });
try {
  execFileSync(process.execPath, [tsc, "-p", root], { stdio: "inherit", cwd: root });
} catch {
  process.exitCode = 1; // tsc has said why; assets are copied all the same
}
for (const folder of ["nodes", "api"]) copyAssets(join(root, folder));
copyDocumentationViewer();
if (existsSync(join(root, "icons"))) {
  cpSync(join(root, "icons"), join(out, "nodes", "icons"), { recursive: true });
}

await buildDashboard();

/** Swagger UI's two files: the rest of its package is not needed to show a document offline. */
function copyDocumentationViewer() {
  const source = dirname(require.resolve("swagger-ui-dist/package.json"));
  const target = join(out, "api", "openapi", "pages");
  for (const name of ["swagger-ui-bundle.js", "swagger-ui.css", "LICENSE", "NOTICE"]) {
    cpSync(
      join(source, name),
      join(target, name === name.toUpperCase() ? `swagger-ui-${name}` : name),
    );
  }
}

/** Bundles the dashboard's widget, when one of its sources is newer than the bundle. */
async function buildDashboard() {
  const source = join(root, "dashboard");
  const bundle = join(root, "resources", "dashboard", "plategate.js");
  const built = statSync(bundle, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const newest = Math.max(
    ...readdirSync(source, { recursive: true }).map((name) => statSync(join(source, name)).mtimeMs),
  );
  if (built > newest && !process.argv.includes("--clean")) return;
  const { build } = await import("vite");
  const { default: config } = await import("../dashboard/vite.config.mjs");
  await build(config);
}

/** Copies every non-TypeScript file of a source folder to its place in dist/. */
function copyAssets(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) copyAssets(path);
    else if (!name.endsWith(".ts")) {
      const target = join(out, relative(root, path));
      mkdirSync(dirname(target), { recursive: true });
      cpSync(path, target);
    }
  }
}
