import assert from "node:assert/strict";
import { HttpDriver } from "../../adapters/barriers/http-driver";
import {
  httpOptions,
  type HttpFields,
  type HttpSecrets,
} from "../../adapters/barriers/http-fields";
import { readInput, readValue } from "../../adapters/barriers/http-template";
import { BarrierError } from "../../core/barrier/ports";
import { until } from "../fixtures/barrier-kit";
import { RelayServer } from "../fixtures/relay-server";
import { ownCertificates } from "../fixtures/certificates";

const codeOf = (error: unknown): string => (error instanceof BarrierError ? error.code : "?");

describe("barrier over HTTP", () => {
  let relay: RelayServer;
  let url: string;
  const open: HttpDriver[] = [];

  beforeEach(async () => {
    relay = new RelayServer();
    url = await relay.start();
  });
  afterEach(async () => {
    for (const driver of open.splice(0)) await driver.dispose();
    await relay.stop();
  });

  function driver(fields: HttpFields, secrets: HttpSecrets = {}): HttpDriver {
    const made = new HttpDriver(httpOptions({ url, timeoutMs: 2_000, ...fields }, secrets));
    open.push(made);
    return made;
  }

  const expected: Record<string, RegExp> = {
    "shelly-gen2": /^GET \/rpc\/Switch\.Set\?id=0&on=true&toggle_after=0\.4 $/,
    "shelly-gen1": /^GET \/relay\/0\?turn=on&timer=0\.4 $/,
    "controlbyweb-xml": /^GET \/state\.xml\?relayState=2&pulseTime=0\.4 $/,
    controlbyweb: /^PUT \/ \{"slot":0,"io":\{"relay":\{"0":\{"relayStatus":1\}\}\}\}$/,
    generic: /^POST \/open \{"action":"open"\}$/,
    hikvision: /^PUT \/ISAPI\/Parking\/channels\/1\/barrierGate .*<ctrlMode>open<\/ctrlMode>/,
    dahua: /^GET \/cgi-bin\/trafficSnap\.cgi\?action=openStrobe&channel=1.*plateNumber=AB%2012 $/,
  };

  for (const [preset, wanted] of Object.entries(expected)) {
    it(`speaks ${preset}, and the relay falls back after the pulse`, async () => {
      const made = driver({ preset });
      const { confirmed } = await made.open(400, { plate: "AB 12", passageId: "p" });
      assert.equal(confirmed, true);
      const { method, url: path, body } = relay.requests.at(-1) ?? {};
      assert.match(`${method} ${path} ${body}`, wanted);
      assert.equal(relay.output, true);
      await until(() => !relay.output);
    });
  }

  for (const preset of ["shelly-gen2", "shelly-gen1", "controlbyweb", "controlbyweb-xml"]) {
    it(`holds, releases and reads back with ${preset}`, async () => {
      const made = driver({ preset });
      await made.hold();
      assert.equal(relay.output, true);
      const readBack = made.capabilities.readBack;
      assert.equal((await made.status()).energised, readBack ? true : null);
      await made.release();
      assert.equal(relay.output, false);
      assert.equal((await made.status()).energised, readBack ? false : null);
    });
  }

  describe("with a close output of its own", () => {
    const any = (path: string) => ({ method: "POST", path, expectStatus: "100-599" });
    const actions = {
      deviceTimed: false,
      open: any("/up/on"),
      off: any("/up/off"),
      hold: any("/up/on"),
      close: any("/down/on"),
    };
    const withEnd = { ...actions, closeOff: any("/down/off") };
    const sent = (): string[] => relay.requests.splice(0).map(({ url: path }) => path);

    it("drops both where nothing is known, and then what was sent last", async () => {
      const made = driver({ preset: "custom", actions: withEnd });
      await made.safe();
      assert.deepEqual(sent().sort(), ["/down/off", "/up/off"]);
      await made.hold();
      await made.release();
      assert.deepEqual(sent(), ["/up/on", "/up/off"]);
      await made.close(60_000);
      await made.safe(); // something came under the boom
      assert.deepEqual(sent(), ["/down/on", "/down/off"]);
      await made.close(50);
      await until(() => relay.requests.length === 2);
      assert.deepEqual(sent(), ["/down/on", "/down/off"], "the pulse's end is ours");
    });

    it("sends nothing to the open output where a close that the device times is dropped", async () => {
      const made = driver({ preset: "custom", actions: { ...actions, deviceTimed: true } });
      await made.safe();
      await made.open(50);
      await made.close(50);
      sent();
      await made.safe();
      assert.deepEqual(sent(), []);
      await made.safe();
      assert.deepEqual(sent(), ["/up/off"]);
    });

    it("has to be told how the close ends, where the device does not end it", () => {
      assert.throws(() => driver({ preset: "custom", actions }), /closeOff/);
    });
  });

  it("closes with Hikvision", async () => {
    const made = driver({ preset: "hikvision" });
    assert.equal(made.capabilities.close, true);
    await made.close(500);
    assert.match(relay.requests.at(-1)?.body ?? "", /<ctrlMode>close</);
  });

  it("reads inputs where the rules say", async () => {
    const rules = { loop: "input:0.state", closed: "!input:1.state", fault: "input:9.state" };
    const made = driver({ preset: "shelly-gen2", inputRules: rules });
    relay.inputs = [true, false];
    const { inputs } = await made.status();
    assert.deepEqual(inputs, {
      opened: null,
      closed: true,
      loop: true,
      photocell: null,
      fault: null,
    });
  });

  it("takes requests of one's own, templates encoded for where they stand", async () => {
    const actions = {
      deviceTimed: true,
      open: {
        method: "POST",
        path: "/open?plate={{plate}}",
        headers: { "x-pulse": "{{pulse_ms}}" },
        body: '{"action":"open"}',
        expectStatus: "200,204",
        expectBody: '/"ok":\\s*true/',
      },
    };
    await driver({ preset: "custom", actions }).open(400, { plate: 'A&"B', passageId: null });
    const request = relay.requests.at(-1);
    assert.equal(request?.url, "/open?plate=A%26%22B");
    assert.equal(request?.headers["x-pulse"], "400");
    const picky = { ...actions, open: { ...actions.open, expectBody: "done" } };
    const unmet = driver({ preset: "custom", actions: picky });
    await assert.rejects(unmet.open(400), (error) => codeOf(error) === "unexpected_answer");
    const unknown = { ...actions, open: { ...actions.open, path: "/{{nonsense}}" } };
    assert.throws(
      () => driver({ preset: "custom", actions: unknown }),
      (error) => codeOf(error) === "configuration" && /nonsense/.test(String(error)),
    );
  });

  for (const algorithm of ["MD5", "SHA-256"] as const) {
    it(`logs in with Digest ${algorithm}, reusing the nonce`, async () => {
      relay.auth = { type: "digest", user: "admin", password: 'p"w', algorithm };
      const made = driver({ preset: "dahua", auth: "digest" }, { user: "admin", password: 'p"w' });
      await made.open(300);
      await made.open(300);
      assert.equal(relay.requests.length, 3, "one challenge, two opens");
      const wrong = driver({ preset: "dahua", auth: "digest" }, { user: "admin", password: "no" });
      await assert.rejects(wrong.open(300), (error: Error) => {
        assert.equal(codeOf(error), "refused");
        assert.match(error.message, /user and password/);
        return true;
      });
    });
  }

  it("logs in with Basic and Bearer", async () => {
    relay.auth = { type: "basic", user: "u", password: "ü:1" };
    await driver({ preset: "generic", auth: "basic" }, { user: "u", password: "ü:1" }).open(300);
    relay.auth = { type: "bearer", token: "t0k" };
    await driver({ preset: "generic", auth: "bearer" }, { token: "t0k" }).open(300);
    await assert.rejects(driver({ preset: "generic" }).open(300), /401/);
  });

  it("tells a relay that is silent, broken, gone or moved", async () => {
    const made = driver({ preset: "shelly-gen2", timeoutMs: 300 });
    relay.trouble = "silent";
    await assert.rejects(made.open(300), (error) => codeOf(error) === "timeout");
    relay.trouble = "error";
    await assert.rejects(made.open(300), (error) => codeOf(error) === "unexpected_answer");
    relay.trouble = "redirect";
    await assert.rejects(made.open(300), /redirects/);
    relay.trouble = "cut";
    await assert.rejects(made.open(300), (error) => codeOf(error) === "unreachable");
    relay.trouble = "none";
    await made.open(300);
    await relay.unplug();
    await assert.rejects(made.open(300), (error) => codeOf(error) === "unreachable");
  });

  it("drops the output when the network is back after a cut in mid-pulse", async () => {
    const made = driver({ preset: "controlbyweb", timeoutMs: 500 });
    const troubles: string[] = [];
    made.listen((event) => event.type === "trouble" && troubles.push(event.detail));
    await made.open(300);
    await relay.unplug();
    await until(() => troubles.length > 0);
    assert.equal(relay.output, true, "nobody could tell it");
    await relay.start(Number(new URL(url).port));
    await until(() => !relay.output);
  });

  it("trusts its own certificate authority and no other", async () => {
    const { ca, server } = await ownCertificates();
    const secure = new RelayServer();
    const address = await secure.start(0, server);
    try {
      await assert.rejects(
        driver({ preset: "generic", url: address }).open(300),
        (error: Error) => {
          assert.equal(codeOf(error), "refused");
          assert.match(error.message, /certificate/);
          return true;
        },
      );
      await driver({ preset: "generic", url: address, ca }).open(300);
      await driver({ preset: "generic", url: address, acceptAnyCertificate: true }).open(300);
      assert.equal(secure.requests.length, 2);
    } finally {
      await secure.stop();
    }
  });

  it("never goes to a link-local address", async () => {
    const made = driver({ preset: "generic", url: "http://169.254.169.254" });
    await assert.rejects(made.open(300), (error) => codeOf(error) === "forbidden_address");
  });
});

describe("HTTP barrier fields", () => {
  it("refuses what cannot be right, naming the field", () => {
    const wrong = (fields: HttpFields, text: RegExp): void => {
      assert.throws(
        () => httpOptions({ url: "http://h", ...fields }),
        (error: Error) => codeOf(error) === "configuration" && text.test(error.message),
      );
    };
    wrong({ url: "" }, /address is empty/);
    wrong({ url: "gate" }, /not a URL/);
    wrong({ url: "ftp://h" }, /http/);
    wrong({ url: "http://u:p@h" }, /user and password/);
    wrong({ preset: "acme" }, /no preset/);
    wrong({ channel: "x" }, /channel/);
    wrong({ auth: "digest" }, /user is empty/);
    wrong({ auth: "bearer" }, /token is empty/);
    wrong({ preset: "custom" }, /actions are empty/);
    wrong({ preset: "custom", actions: "{" }, /not JSON/);
    wrong({ preset: "generic", inputRules: '{"loop":"a"}' }, /status request/);
    wrong({ inputRules: '{"door":"a"}' }, /"door"/);
    wrong({ timeoutMs: 1 }, /timeout/);
  });

  it("reads values by path, comparison and pattern", () => {
    const text = '{"a":{"b":[{"c":1}]},"s":"OPEN","x":null}';
    assert.equal(readValue("a.b.0.c", text), true);
    assert.equal(readValue("!a.b.0.c", text), false);
    assert.equal(readValue("s=open", text), true);
    assert.equal(readValue("s", text), null, "neither yes nor no");
    assert.equal(readValue("x", text), null);
    assert.equal(readValue("__proto__.y", text), null);
    assert.equal(readValue("/relaystate>1</", "<relaystate>1</relaystate>"), true);
    assert.equal(readValue("a", "no json"), null);
  });

  it("takes an answer that no rule of an input foresees for unknown, not for off", () => {
    const of = (rule: string, value: unknown) => readInput(rule, JSON.stringify({ v: value }));
    assert.deepEqual(
      [of("v", true), of("v", 0), of("v", "busy"), of("v", null)],
      [true, false, null, null],
    );
    assert.deepEqual([of("v=1", 1), of("v=1", 0), of("v=1", "error")], [true, false, null]);
    assert.deepEqual([of("v=off", "on"), of("!v=1", 1), of("!v=1", "?")], [false, false, null]);
    assert.deepEqual([of("v=open", "open"), of("v=open", "closed")], [true, null]);
    const both = "v=open|closed";
    assert.deepEqual(
      [of(both, "open"), of(both, "closed"), of(both, "fault")],
      [true, false, null],
    );
    assert.deepEqual([of(`!${both}`, "closed"), of(`!${both}`, "fault")], [true, null]);
    const patterns = "/loop>1</|/loop>0</";
    const answers = ["<loop>1</loop>", "<loop>0</loop>", "<html>busy</html>"];
    assert.deepEqual(
      answers.map((text) => readInput(patterns, text)),
      [true, false, null],
    );
    assert.deepEqual(
      answers.map((text) => readInput("/loop>1</", text)),
      [true, null, null],
    );
    assert.equal(readInput("/loop/|/loop>0</", "<loop>0</loop>"), null, "both is neither");
  });
});
