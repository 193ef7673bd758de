import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { io, type Socket } from "socket.io-client";
import { installFlows } from "../../cli/app/flows";
import { Store } from "../../adapters/store/store";
import { blankVehicle } from "../../core/access/blank";
import { discard, startApplication, type RunningApplication } from "../fixtures/application";
import { ask, next } from "../fixtures/lpr-kit";

/** The manual's edge camera and dashboard (reference 4), host aside. */
const MANUAL = `
import socketio, sys, json, time

sio = socketio.Client()
dashboard = socketio.Client()
seen = {}

@sio.event
def lpr_response(data):
    seen['response'] = data

@dashboard.event
def new_detection(data):
    print(f"New detection: {data}", file=sys.stderr)
    seen['detection'] = data

@dashboard.event
def camera_status(data):
    seen['status'] = data

transports = sys.argv[2].split(',')
dashboard.connect(sys.argv[1], transports=transports)
dashboard.emit('join_dashboard')
sio.connect(sys.argv[1], transports=transports)
sio.emit('camera_register', {'camera_id': 'CAM001'})
sio.emit('lpr_data', {
    'camera_id': 'CAM001',
    'plate_number': 'กข1234',
    'confidence': 85.5,
    'location': 'ประตูหน้า',
    'image_data': 'base64_encoded_image'
})
end = time.time() + 20
while len(seen) < 3 and time.time() < end:
    time.sleep(0.02)
print(json.dumps(seen))
sio.disconnect()
dashboard.disconnect()
`;

/** A Python that has python-socketio, or null. */
function python(): string | null {
  for (const name of [process.env.PLATEGATE_TEST_PYTHON ?? "python3", "/usr/bin/python3"]) {
    try {
      execFileSync(name, ["-c", "import socketio, requests, websocket"], { stdio: "ignore" });
      return name;
    } catch {
      // the next one
    }
  }
  return null;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

/** What an integrator does in the editor: says which lane CAM-GATE belongs to. */
function nameLane(home: string): void {
  const userDir = join(home, "node-red");
  mkdirSync(userDir, { recursive: true });
  installFlows(join(__dirname, "..", "..", "..", "flows"), userDir, false);
  const path = join(userDir, "flows.json");
  const nodes = JSON.parse(readFileSync(path, "utf8")) as { type: string; lanes?: string }[];
  const server = nodes.find(({ type }) => type === "lpr-server");
  assert.ok(server);
  server.lanes = "CAM-GATE = entry";
  writeFileSync(path, JSON.stringify(nodes));
}

/** A home whose record knows an allowed vehicle and a camera with a lane. */
async function preparedHome(): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), "plategate-home-"));
  const store = new Store({ home, log: () => undefined });
  const { access, resources } = await store.open();
  await access.vehicles.save(blankVehicle("v1", "กข1234"));
  await resources.cameras.create(
    "CAM-SET",
    {
      name: "Gate",
      rtsp_url: "rtsp://127.0.0.1:9/none",
      high_res_url: null,
      transport: "tcp",
      enabled: true,
      zone_id: null,
      lane_id: "entry",
      fps: 1,
      resolution: null,
      detection_model: null,
      ocr_models: [],
      latitude: null,
      longitude: null,
      bearing: null,
      location: null,
      metadata: {},
    },
    Date.now(),
  );
  await store.close();
  nameLane(home);
  return home;
}

describe("the LPR port of the standalone application", function () {
  this.timeout(180_000);
  let app: RunningApplication;
  let url: string;
  const sockets: Socket[] = [];

  before(async () => {
    const port = await freePort();
    url = `http://localhost:${port}`;
    app = await startApplication({ home: await preparedHome(), env: { LPR_PORT: String(port) } });
  });
  after(async () => {
    for (const socket of sockets) socket.disconnect();
    await discard(app);
  });

  const connect = (): Socket => {
    const socket = io(url, { forceNew: true });
    sockets.push(socket);
    return socket;
  };

  const program = python();
  const lacking = program ? "" : " (skipped: apt install python3-socketio python3-websocket)";
  for (const transport of ["polling", "websocket"]) {
    it(`runs the manual's Python examples over ${transport}${lacking}`, async function () {
      if (!program) return this.skip();
      const script = join(app.home, "manual.py");
      writeFileSync(script, MANUAL);
      const { stdout } = await promisify(execFile)(program, [script, url, transport]);
      const seen = JSON.parse(stdout) as Record<string, Record<string, unknown>>;
      assert.equal(seen.response?.status, "success");
      assert.equal(seen.response?.plate_number, "กข1234");
      assert.match(String(seen.response?.warning), /not a picture/);
      assert.equal(seen.detection?.record_id, seen.response?.record_id);
      assert.equal(seen.status?.camera_id, "CAM001");
    });
  }

  it("answers the manual's requests", async () => {
    const socket = connect();
    const data = { camera_id: "CAM001", plate_number: "กข1234", confidence: 85.5 };
    await ask(socket, "lpr_data", data, "lpr_response");
    const get = async (path: string) =>
      (await (await fetch(`${url}${path}`)).json()) as Record<string, unknown>;
    assert.ok(Number((await get("/api/statistics")).total_records) >= 1);
    const { records } = await get("/api/records?limit=10");
    assert.equal((records as { plate_number: string }[])[0]?.plate_number, "กข1234");
    const { cameras } = await get("/api/cameras");
    assert.ok((cameras as { camera_id: string }[]).some(({ camera_id }) => camera_id === "CAM001"));
  });

  it("has the shipped flow decide for the cameras of the node's list, and moves nothing", async () => {
    const camera = connect();
    const say = (camera_id: string, plate_number: string, confidence: number) =>
      ask(camera, "lpr_data", { camera_id, plate_number, confidence }, "lpr_response");
    await next(camera, "status");
    const allowed = await say("CAM-GATE", "กข 1234", 97);
    assert.equal(allowed.decision, "open");
    assert.equal((await say("CAM-GATE", "ฮฮ 9999", 97)).decision, "deny");
    assert.equal((await say("CAM-GATE", "กข 1234", 40)).decision, "review");
    const configured = await say("CAM-SET", "กข 1234", 97);
    assert.equal(configured.decision, undefined, "the lane of a configured camera is its own");
    const answer = await app.get(`/events/${String(allowed.record_id)}`);
    const event = (await answer.json()) as { plate_text: string; camera_id: string };
    assert.equal(event.plate_text, "กข1234");
    assert.equal(event.camera_id, "CAM-GATE");
    const barriers = (await (await app.get("/api/v1/barriers")).json()) as { total: number };
    assert.equal(barriers.total, 0);
  });
});
