import tseslint from "typescript-eslint";
import importX from "eslint-plugin-import-x";
import { builtinModules } from "node:module";

// nodes, cli -> api, workers, adapters -> core; core is pure (no I/O, no packages of the outside world).
const zones = [
  { target: "./core", from: ["./adapters", "./workers", "./api", "./nodes", "./cli"] },
  { target: "./adapters", from: ["./api", "./nodes", "./cli"] },
  { target: "./workers", from: ["./api", "./nodes", "./cli"] },
  { target: "./api", from: ["./nodes", "./cli"] },
  { target: "./nodes", from: ["./cli"] },
  { target: "./cli", from: ["./nodes"] },
].map((zone) => ({ ...zone, message: "Layers import downward only: see docs/architecture.md" }));

const impure = builtinModules
  .filter((name) => !["crypto", "util", "events"].includes(name))
  .flatMap((name) => [name, `node:${name}`]);

export default tseslint.config(
  {
    ignores: [
      "dist/**",
      "node_modules/**",
      "data/**",
      "training/**",
      "test/compat/**/node_modules/**",
      "test/output/**",
    ],
  },
  ...tseslint.configs.recommendedTypeChecked.map((c) => ({ ...c, files: ["**/*.ts"] })),
  {
    files: ["**/*.ts"],
    plugins: { "import-x": importX },
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "import-x/no-restricted-paths": ["error", { zones }],
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/consistent-type-imports": ["error", { disallowTypeAnnotations: false }],
      "@typescript-eslint/no-require-imports": "off",
      "max-lines": ["error", { max: 350, skipBlankLines: true, skipComments: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-console": "error",
    },
  },
  {
    files: ["core/**/*.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        { paths: impure.map((name) => ({ name, message: "core is pure" })) },
      ],
      "no-restricted-properties": [
        "error",
        { object: "Date", property: "now", message: "core takes the clock as an argument" },
      ],
    },
  },
  { files: ["cli/**/*.ts", "scripts/**"], rules: { "no-console": "off" } },
  {
    files: ["test/**/*.ts"],
    rules: {
      "@typescript-eslint/no-unused-expressions": "off",
      "@typescript-eslint/require-await": "off",
    },
  },
);
