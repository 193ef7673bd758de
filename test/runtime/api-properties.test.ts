import Ajv2020, { type ValidateFunction } from "ajv/dist/2020";
import formats from "ajv-formats";
import assert from "node:assert/strict";
import fc from "fast-check";
import { operations } from "../../api/catalogue";
import {
  ROLE_PERMISSIONS,
  ROLES,
  SCOPE_PERMISSIONS,
  SCOPES,
  type Permission,
} from "../../api/auth/permissions";
import { openApiDocument } from "../../api/openapi/document";
import { discard, startApplication, type RunningApplication } from "../fixtures/application";
import {
  describedOperations,
  hostileRequest,
  validRequest,
  type Described,
  type Generated,
} from "../fixtures/api-requests";
import type { JsonSchema } from "../fixtures/json-schema";

type Headers = Record<string, string>;

const RUNS = Number(process.env.PLATEGATE_PROPERTY_RUNS ?? 8);
const PASSWORD = "a password of this test";
/** Longest that any answer may take, in milliseconds; a test of a camera waits for it. */
const PATIENCE_MS = 30_000;

/** Left out where requests are sent with all rights: they would end the test's own login. */
const SELF_ENDING = new Set(["plategate.token_logout", "plategate.roles.update"]);

const document = JSON.parse(JSON.stringify(openApiDocument(operations.values()))) as JsonSchema;
const all = describedOperations(document);

describe("every operation of the OpenAPI document", function () {
  this.timeout(300_000);
  let app: RunningApplication;
  const roles = new Map<string, Headers>();
  const keys = new Map<string, Headers>();
  const validators = new Map<JsonSchema, ValidateFunction>();
  const ajv = new Ajv2020({ strict: false });
  (formats as unknown as { default: (to: unknown) => void }).default(ajv);
  ajv.addSchema({ $id: "document", ...document });

  before(async () => {
    app = await startApplication({ env: { PLATEGATE_API_KEY: "edge-key-of-this-test" } });
    for (const role of ROLES) {
      await create("/api/v1/users", { username: `of-${role}`, role, password: PASSWORD });
      const login = await post("/auth/token", { username: `of-${role}`, password: PASSWORD });
      const { access_token: token } = (await login.json()) as { access_token: string };
      roles.set(role, { Authorization: `Bearer ${token}` });
    }
    for (const scope of SCOPES) {
      const made = await create("/api/v1/api_keys", { name: scope, scopes: [scope] });
      keys.set(scope, { "X-API-Key": String(made.key) });
    }
    untouched = await counts();
  });
  after(() => discard(app));

  const listed = async (path: string) =>
    (await (await app.get(path)).json()) as { total: number; items: Record<string, unknown>[] };

  /** How many there are of everything that requests can make or remove. */
  async function counts(): Promise<Record<string, number>> {
    const lists = all.filter(
      ({ id, method, path, responses }) =>
        method === "GET" &&
        !path.includes("{") &&
        !/audit|sessions|metrics/.test(id) &&
        JSON.stringify(responses["200"] ?? {}).includes('"total"'),
    );
    assert.ok(lists.length > 10);
    const totals = await Promise.all(
      lists.map(async ({ path }) => [path, (await listed(path)).total] as const),
    );
    return Object.fromEntries(totals);
  }
  let untouched: Record<string, number>;

  const post = (path: string, body: object) =>
    fetch(`${app.address}${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });

  async function create(path: string, body: object): Promise<Record<string, unknown>> {
    const response = await app.get(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    assert.equal(response.status, 201, await response.clone().text());
    return (await response.json()) as Record<string, unknown>;
  }

  /** Sends a request; a stream without end is left after its headers. */
  async function send(
    { path, init }: Generated,
    headers: Headers,
  ): Promise<{ status: number; body: unknown }> {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
    try {
      const response = await fetch(`${app.address}${path}`, {
        ...init,
        headers: { ...init.headers, ...headers },
        signal: stop.signal,
        redirect: "manual",
      });
      const type = response.headers.get("content-type") ?? "";
      const body: unknown = type.includes("application/json") ? await response.json() : null;
      return { status: response.status, body };
    } catch (error) {
      throw new Error(`${init.method} ${path}: no answer (${String(error)})`, { cause: error });
    } finally {
      clearTimeout(timer);
      stop.abort();
    }
  }

  function fits(one: Described, status: number, body: unknown, what: string): void {
    const described = one.responses[String(status)];
    const allowed = status === 413 || status === 429 || status === 404 || described !== undefined;
    assert.ok(allowed, `${what}: ${status} is not described: ${JSON.stringify(body)}`);
    if (status >= 400 && described?.content === undefined) {
      const { error_code: code, request_id: id } = body as Record<string, unknown>;
      assert.ok(code && id, `${what}: ${JSON.stringify(body)}`);
      return;
    }
    const schema = described?.content?.["application/json"]?.schema;
    if (!schema) return;
    let validate = validators.get(schema);
    if (!validate) {
      validate = ajv.compile(absolute(schema));
      validators.set(schema, validate);
    }
    const problems = () => JSON.stringify(validate.errors?.slice(0, 3));
    assert.ok(
      validate(body),
      `${what}: ${status} ${problems()} ${JSON.stringify(body).slice(0, 600)}`,
    );
  }

  for (const one of all.filter(({ right }) => right !== "public")) {
    it(`${one.id}: asks for ${one.right}`, async () => {
      const [request] = fc.sample(validRequest(one, document), 1);
      assert.ok(request);
      const holds = (rights: readonly Permission[]) =>
        one.right === "signed_in" || rights.includes(one.right as Permission);
      const refused: [string, Headers, number][] = [
        ["nobody", {}, 401],
        ["a forged token", { Authorization: "Bearer a.b.c" }, 401],
        ...ROLES.filter((role) => !holds(ROLE_PERMISSIONS[role])).map(
          (role): [string, Headers, number] => [role, roles.get(role) ?? {}, 403],
        ),
        ...SCOPES.filter((scope) => !holds(SCOPE_PERMISSIONS[scope])).map(
          (scope): [string, Headers, number] => [`key ${scope}`, keys.get(scope) ?? {}, 403],
        ),
      ];
      await Promise.all(
        refused.map(async ([who, headers, wanted]) => {
          assert.equal((await send(request, headers)).status, wanted, who);
        }),
      );
    });
  }

  it("was left unchanged by all that", async () => {
    assert.deepEqual(await counts(), untouched);
    const { items } = await listed("/api/v1/roles");
    const changed = items.filter(({ given, taken }) => String(given) + String(taken) !== "");
    assert.deepEqual(changed, []);
  });

  for (const one of all.filter(({ id }) => !SELF_ENDING.has(id))) {
    it(`${one.id}: answers as described, whatever comes`, async () => {
      const requests = fc.oneof(validRequest(one, document), hostileRequest(one, document));
      await fc.assert(
        fc.asyncProperty(requests, async (request) => {
          const { status, body } = await send(request, roles.get("admin") ?? {});
          const what = `${request.init.method} ${request.path.slice(0, 300)} ${bodyText(request)}`;
          assert.ok(status < 500 || one.responses[String(status)]?.content, `${what}: ${status}`);
          assert.ok(status !== 401 || one.right === "public" || /password/.test(one.id), what);
          fits(one, status, body, what);
        }),
        { numRuns: RUNS, endOnFailure: true },
      );
    });
  }

  it("left the application healthy", async () => {
    assert.equal((await fetch(`${app.address}/healthz`)).status, 200);
    assert.equal(await app.stop(), 0);
  });
});

function bodyText({ init }: Generated): string {
  return typeof init.body === "string" ? init.body.slice(0, 400) : init.body ? "form" : "";
}

/** A schema with its references into the document. */
function absolute(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/')) as JsonSchema;
}
