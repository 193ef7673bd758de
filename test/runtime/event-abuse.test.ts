import assert from "node:assert/strict";
import { connect } from "node:net";
import fc from "fast-check";
import { discard, startApplication, type RunningApplication } from "../fixtures/application";

const KEY = "edge-key-of-the-abuse-test";

/** Texts that break what is not careful: SQL, templates, paths, NUL, halves of characters. */
const nasty = fc.oneof(
  fc.constantFrom(
    "' or '1'='1",
    "'; drop table events; --",
    "1); delete from events where (1=1",
    "%' escape '!",
    "{{7*7}}",
    "${process.exit()}",
    "../../../etc/passwd",
    "\0",
    "\ud800",
    "__proto__",
    "constructor",
    "\u202eABC",
    "😀".repeat(60),
    "A".repeat(5_000),
  ),
  fc.string({ unit: "binary", maxLength: 40 }),
);
const anything = fc.oneof(
  nasty,
  fc.double(),
  fc.integer(),
  fc.constantFrom(null, true, [], {}, [[]], { $gt: "" }, 1e308, -1),
  fc.jsonValue({ maxDepth: 3 }),
);
const FIELDS = [
  "event_id",
  "timestamp",
  "camera_id",
  "zone_id",
  "plate_text",
  "confidence",
  "raw_candidates",
  "vehicle_info",
  "tpms_status",
  "metadata",
];
const body = fc.dictionary(fc.constantFrom(...FIELDS, "__proto__", "extra"), anything);
const PARAMETERS = [
  "skip",
  "limit",
  "camera_id",
  "zone_id",
  "plate_text",
  "start_date",
  "end_date",
  "min_confidence",
  "sort_by",
  "sort_order",
  "interval",
  "purpose",
];

describe("hostile requests to the events' routes", function () {
  this.timeout(240_000);
  let app: RunningApplication;

  before(async () => {
    app = await startApplication({ env: { PLATEGATE_API_KEY: KEY, RATE_LIMITS: "off" } });
    await post(JSON.stringify({ event_id: "witness", plate_text: "W1TNESS" }));
  });
  after(() => discard(app));

  const post = (text: string | Buffer, type = "application/json") =>
    fetch(`${app.address}/events/ingest`, {
      method: "POST",
      headers: { "Content-Type": type, "X-API-Key": KEY },
      body: new Uint8Array(Buffer.from(text)),
    });
  const unharmed = async () => {
    assert.equal((await app.get("/events/witness")).status, 200);
    assert.equal((await fetch(`${app.address}/healthz`)).status, 200);
  };

  it("bodies of any shape are taken or refused, never a failure of ours", async () => {
    await fc.assert(
      fc.asyncProperty(body, async (given) => {
        const { status } = await post(JSON.stringify(given));
        assert.ok([202, 400, 409].includes(status), `${status}: ${JSON.stringify(given)}`);
      }),
      { numRuns: 150 },
    );
    await unharmed();
  });

  it("bytes that are no JSON, broken UTF-8 and broken forms", async () => {
    const binary = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
    const type = fc.constantFrom(
      "application/json",
      "application/json; charset=utf-16",
      "multipart/form-data",
      "multipart/form-data; boundary=x",
      "text/plain",
      "application/x-www-form-urlencoded",
    );
    await fc.assert(
      fc.asyncProperty(binary, type, async (bytes, kind) => {
        const { status } = await post(bytes, kind);
        assert.ok([202, 400, 413, 415].includes(status), `${status} for ${kind}`);
      }),
      { numRuns: 80 },
    );
    const broken = Buffer.from('{"plate_text":"AB\xff\xfe1","event_id":"utf8"}', "latin1");
    assert.equal((await post(broken)).status, 400);
    const part = (disposition: string) =>
      Buffer.concat([
        Buffer.from(`--x\r\nContent-Disposition: form-data; name="event"${disposition}\r\n\r\n`),
        broken,
        Buffer.from("\r\n--x--\r\n"),
      ]);
    for (const as of ["", '; filename="event.json"']) {
      assert.equal((await post(part(as), "multipart/form-data; boundary=x")).status, 400, as);
    }
    assert.equal((await app.get("/events/utf8")).status, 404);
    await unharmed();
  });

  it("queries and paths of any kind", async () => {
    const parameter = fc.tuple(
      fc.constantFrom(...PARAMETERS),
      fc.oneof(nasty, fc.double().map(String)),
    );
    const path = fc.oneof(
      fc.constantFrom("/events", "/events/stats", "/api/v1/passages", "/api/v1/audit"),
      nasty.filter(isWhole).map((text) => `/events/${encodeURIComponent(text)}`),
      nasty.filter(isWhole).map((text) => `/events/${encodeURIComponent(text)}/frame.jpg`),
      nasty.filter(isWhole).map((text) => `/api/v1/plates/${encodeURIComponent(text)}/export`),
    );
    await fc.assert(
      fc.asyncProperty(path, fc.array(parameter, { maxLength: 4 }), async (at, list) => {
        const query = list
          .filter(([, value]) => isWhole(value))
          .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
          .join("&");
        const { status } = await app.get(`${at}?${query}`);
        assert.ok([200, 400, 404, 414, 422, 431].includes(status), `${status}: ${at}?${query}`);
      }),
      { numRuns: 150 },
    );
    for (const raw of ["/events/%ff%fe", "/events?camera_id=%ff", "/events/%", "/events?%00=%00"]) {
      assert.ok((await sendRaw(app, raw)) < 500, raw);
    }
    await unharmed();
  });
});

/** Without halves of characters, which no address can hold. */
function isWhole(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** Sends a path as it is, which fetch would mend, and gives the status. */
async function sendRaw(app: RunningApplication, path: string): Promise<number> {
  const { hostname, port } = new URL(app.address);
  const token = await app.token();
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
      );
    });
    let text = "";
    socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
    socket.on("error", reject);
    socket.on("end", () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 599)));
  });
}
