import tseslint from "typescript-eslint";
import { builtinModules } from "node:module";

// nodes, cli -> api, workers, adapters -> core; core is pure (no I/O, no packages of the outside world).
const forbidden = {
  core: ["adapters", "workers", "api", "nodes", "cli"],
  adapters: ["api", "nodes", "cli"],
  workers: ["api", "nodes", "cli"],
  api: ["nodes", "cli"],
  nodes: ["cli"],
  cli: ["nodes"],
};
const upward = (layers) => [
  {
    regex: `^(\\.\\./)+(${layers.join("|")})/`,
    message: "Layers import downward only: see docs/architecture.md",
  },
];

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
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/consistent-type-imports": ["error", { disallowTypeAnnotations: false }],
      "@typescript-eslint/no-require-imports": "off",
      "max-lines": ["error", { max: 350, skipBlankLines: true, skipComments: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-console": "error",
    },
  },
  ...Object.entries(forbidden).map(([layer, above]) => ({
    files: [`${layer}/**/*.ts`],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: upward(above),
          paths: layer === "core" ? impure.map((name) => ({ name, message: "core is pure" })) : [],
        },
      ],
    },
  })),
  {
    files: ["core/**/*.ts"],
    rules: {
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
