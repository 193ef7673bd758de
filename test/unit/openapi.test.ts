import { Validator } from "@seriousme/openapi-schema-validator";
import Ajv2020 from "ajv/dist/2020";
import formats from "ajv-formats";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { operations } from "../../api/catalogue";
import { openApiDocument, openApiPath } from "../../api/openapi/document";

type Json = Record<string, unknown>;

interface Described {
  operationId: string;
  security: Json[];
  responses: Record<string, Json>;
  parameters?: { name: string; in: string; required: boolean; schema: Json }[];
}

describe("the OpenAPI document", () => {
  const document = JSON.parse(JSON.stringify(openApiDocument(operations.values()))) as Json;
  const paths = document.paths as Record<string, Record<string, Described>>;
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => ({ path, method, one })),
  );

  it("is OpenAPI 3.1", async () => {
    const validator = new Validator();
    const result = await validator.validate(document);
    assert.ok(result.valid, JSON.stringify(result.errors, null, 2));
    assert.equal(validator.version, "3.1");
  });

  it("holds every operation once, at its path and method", () => {
    assert.equal(described.length, operations.size);
    const ids = described.map(({ one }) => one.operationId);
    assert.deepEqual([...ids].sort(), [...operations.keys()].sort());
    for (const { id, path, method } of operations.values()) {
      assert.equal(paths[openApiPath(path)]?.[method]?.operationId, id);
    }
  });

  it("describes every part of a path, and nothing else as one", () => {
    for (const { path, one } of described) {
      const parts = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const named = (one.parameters ?? []).filter((parameter) => parameter.in === "path");
      assert.deepEqual(named.map(({ name }) => name).sort(), parts.sort(), path);
      assert.ok(named.every(({ required }) => required));
    }
  });

  it("asks for a credential wherever the operation does", () => {
    for (const { one } of described) {
      const open = operations.get(one.operationId)?.permission === "public";
      assert.equal(one.security.length === 0, open, one.operationId);
      assert.equal("401" in one.responses || open, true, one.operationId);
    }
  });

  it("says what each operation answers", () => {
    for (const { one } of described) {
      assert.ok(operations.get(one.operationId)?.replies, `${one.operationId} has no replies`);
      const good = Object.keys(one.responses).filter((status) => status < "400");
      assert.ok(good.length > 0, one.operationId);
    }
  });

  it("has schemas that a validator takes, and error examples that fit", () => {
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    // Its types say a namespace where CommonJS gives the function itself.
    (formats as unknown as { default: (to: unknown) => void }).default(ajv);
    ajv.addSchema({ $id: "document", ...document });
    const components = document.components as Record<string, Record<string, Json>>;
    for (const name of Object.keys(components.schemas ?? {})) {
      ajv.compile({ $ref: `document#/components/schemas/${name}` });
    }
    const error = ajv.compile({ $ref: "document#/components/schemas/Error" });
    for (const answer of Object.values(components.responses ?? {})) {
      const { example } = (answer.content as Record<string, Json>)["application/json"] as Json;
      assert.ok(error(example), JSON.stringify(error.errors));
    }
  });

  it("is what docs/operations.md was made from", async () => {
    const script = pathToFileURL(join(process.cwd(), "scripts", "flows", "operations-page.mjs"));
    const { operationsPage } = (await import(script.href)) as {
      operationsPage: (all: Iterable<unknown>) => string;
    };
    const page = readFileSync(join(process.cwd(), "docs", "operations.md"), "utf8");
    assert.equal(page, operationsPage(operations.values()), "run npm run flows");
  });
});
