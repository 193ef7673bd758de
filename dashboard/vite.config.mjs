// Builds the dashboard's widget into resources/dashboard/, from where Node-RED serves it.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);

/** Dashboard 2 brings Vue and shows it as window.Vue; a second copy would not share its state. */
function vueOfDashboard() {
  const id = "\0vue-of-dashboard";
  const names = Object.keys(require("vue")).filter((name) => /^[A-Za-z_$][\w$]*$/.test(name));
  return {
    name: "vue-of-dashboard",
    enforce: "pre",
    resolveId: (source) => (source === "vue" ? id : null),
    load: (source) =>
      source === id
        ? `const V = window.Vue;\n${names.map((name) => `export const ${name} = V.${name};`).join("\n")}`
        : null,
  };
}

export default defineConfig({
  root: here,
  configFile: false,
  mode: "production",
  logLevel: "warn",
  plugins: [vueOfDashboard(), vue()],
  define: {
    "process.env.NODE_ENV": '"production"',
    __VUE_OPTIONS_API__: "true",
    __VUE_PROD_DEVTOOLS__: "false",
  },
  build: {
    outDir: join(here, "..", "resources", "dashboard"),
    emptyOutDir: true,
    target: "es2022",
    cssCodeSplit: false,
    reportCompressedSize: false,
    lib: {
      entry: join(here, "src", "main.ts"),
      formats: ["es"],
      fileName: () => "plategate.js",
      cssFileName: "plategate",
    },
    rolldownOptions: { output: { chunkFileNames: "[name]-[hash].js", minify: true } },
  },
});
