import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo, LookupFunction } from "node:net";
import { addressRules } from "../../adapters/outbound/addresses";
import { digestHeader, parseChallenge } from "../../adapters/outbound/digest";
import { OutboundError } from "../../adapters/outbound/errors";
import { Outbound, type OutboundOptions } from "../../adapters/outbound/outbound";

const codeOf = (error: unknown): string => (error instanceof OutboundError ? error.code : "?");

describe("outbound addresses", () => {
  it("are never link-local or a cloud's metadata, in any spelling", () => {
    const forbidden = addressRules();
    for (const address of [
      "169.254.169.254",
      "169.254.0.1",
      "fe80::1",
      "febf::1",
      "fe80::1%eth0",
      "[fe80::1]",
      "::ffff:169.254.169.254",
      "::ffff:a9fe:a9fe",
      "64:ff9b::a9fe:a9fe",
      "2002:a9fe:a9fe::1",
      "::169.254.169.254",
      "fd00:ec2::254",
      "100.100.100.200",
      "not an address",
    ]) {
      assert.equal(forbidden(address), true, address);
    }
    for (const address of ["127.0.0.1", "10.1.2.3", "192.168.1.9", "::1", "fd12::1", "8.8.8.8"]) {
      assert.equal(forbidden(address), false, address);
    }
  });

  it("can be forbidden further by OUTBOUND_DENY", () => {
    const forbidden = addressRules("10.0.0.0/8, 192.168.7.7 fd00::/8");
    assert.equal(forbidden("10.9.9.9"), true);
    assert.equal(forbidden("::ffff:10.9.9.9"), true);
    assert.equal(forbidden("192.168.7.7"), true);
    assert.equal(forbidden("192.168.7.8"), false);
    assert.equal(forbidden("fd12::1"), true);
    assert.throws(() => addressRules("10.0.0.0/33"), /10\.0\.0\.0\/33/);
    assert.throws(() => addressRules("intranet"), /intranet/);
    assert.throws(() => addressRules("10.0.0.0/"), /neither/);
  });
});

describe("outbound requests", () => {
  let server: Server;
  let base: string;
  let port: number;
  const seen: { method: string; url: string; authorization: string | undefined; body: string }[] =
    [];
  const made: Outbound[] = [];

  before(async () => {
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (data: Buffer) => (body += data.toString()));
      request.on("end", () => {
        const { method = "", url = "", headers } = request;
        seen.push({ method, url, authorization: headers.authorization, body });
        const to = new URL(url, "http://x").searchParams.get("to");
        if (url.startsWith("/slow")) return;
        if (url.startsWith("/big")) response.end("x".repeat(5_000));
        else if (to) response.writeHead(Number(url.slice(1, 4)), { location: to }).end();
        else response.end("fine");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    port = (server.address() as AddressInfo).port;
    base = `http://127.0.0.1:${port}`;
  });
  beforeEach(() => {
    seen.length = 0;
  });
  afterEach(async () => {
    for (const one of made.splice(0)) await one.close();
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  function outbound(options: OutboundOptions = {}): Outbound {
    const one = new Outbound({ deny: "", ...options });
    made.push(one);
    return one;
  }

  /** Names resolve to what the test says. */
  function names(table: Record<string, string[]>): LookupFunction {
    return (hostname, options, callback) => {
      const found = (table[hostname] ?? []).map((address) => ({
        address,
        family: address.includes(":") ? 6 : 4,
      }));
      const [first] = found;
      if (!first) callback(new Error("ENOTFOUND"), "", 0);
      else if (options.all) callback(null, found);
      else callback(null, first.address, first.family);
    };
  }

  it("go to loopback and give the answer whatever its status", async () => {
    const answer = await outbound().send(`${base}/hello`, { method: "POST", body: "hi" });
    assert.equal(answer.status, 200);
    assert.equal(answer.body.toString(), "fine");
    assert.equal(seen[0]?.body, "hi");
  });

  it("log in with the user and password of the address, where no other login is given", async () => {
    const lookup = names({ "a.test": ["127.0.0.1"], "b.test": ["127.0.0.1"] });
    const out = outbound({ lookup });
    const to = (host: string, path = "/") => `http://us%40er:p%3Aw@${host}:${port}${path}`;
    const basic = `Basic ${Buffer.from("us@er:p:w").toString("base64")}`;
    await out.send(to("a.test"));
    await out.send(to("a.test"), { headers: { Authorization: "Bearer t" } });
    const away = encodeURIComponent(`http://b.test:${port}/`);
    await out.send(to("a.test", `/302?to=${away}`), { maxRedirects: 1 });
    assert.deepEqual(
      seen.map(({ authorization }) => authorization),
      [basic, "Bearer t", basic, undefined],
    );
  });

  it("say in errors nothing of a path, which may be a key", async () => {
    const error = await outbound()
      .send("http://me:hunter2@127.0.0.1:1/services/hunter3?key=hunter4")
      .then(() => assert.fail("it was answered"), String);
    assert.match(error, /http:\/\/me:\*\*\*@127\.0\.0\.1:1\/… cannot be reached/);
    assert.doesNotMatch(error, /hunter/);
  });

  it("are stopped by what a name resolves to, also where one of several is bad", async () => {
    const lookup = names({
      "good.test": ["127.0.0.1"],
      "bad.test": ["169.254.169.254"],
      "mixed.test": ["127.0.0.1", "fe80::1"],
    });
    const out = outbound({ lookup });
    assert.equal((await out.send(`http://good.test:${port}/`)).status, 200);
    for (const name of ["bad.test", "mixed.test"]) {
      await assert.rejects(
        out.send(`http://${name}:${port}/`),
        (error) => codeOf(error) === "forbidden_address",
      );
    }
    assert.equal(seen.length, 1);
  });

  it("are stopped by literal addresses in every spelling", async () => {
    for (const host of ["169.254.169.254", "2852039166", "0xa9.0xfea9fe", "[::ffff:a9fe:a9fe]"]) {
      await assert.rejects(
        outbound().send(`http://${host}/`),
        (error) => codeOf(error) === "forbidden_address",
        host,
      );
    }
  });

  it("are stopped on a redirect to a forbidden place", async () => {
    const lookup = names({ "inner.test": ["169.254.169.254"] });
    const out = outbound({ lookup });
    for (const to of ["http://169.254.169.254/latest", "http://inner.test/"]) {
      await assert.rejects(
        out.send(`${base}/302?to=${encodeURIComponent(to)}`, { maxRedirects: 3 }),
        (error) => codeOf(error) === "forbidden_address",
      );
    }
    assert.equal(seen.length, 2);
  });

  it("follow redirects only when asked, with limits, keeping secrets at home", async () => {
    const out = outbound();
    const headers = { authorization: "Bearer secret", "content-type": "text/plain" };
    const other = `http://localhost:${port}/end`;
    const plain = await out.send(`${base}/302?to=/end`);
    assert.equal(plain.status, 302);
    await out.send(`${base}/302?to=/end`, { maxRedirects: 1, headers });
    assert.equal(seen.at(-1)?.authorization, "Bearer secret");
    const lookup = names({ localhost: ["127.0.0.1"] });
    await outbound({ lookup }).send(`${base}/307?to=${other}`, {
      ...{ method: "POST", body: "kept", maxRedirects: 1, headers },
    });
    const crossed = seen.at(-1);
    assert.deepEqual(
      [crossed?.method, crossed?.body, crossed?.authorization],
      ["POST", "kept", undefined],
    );
    await out.send(`${base}/303?to=/end`, { method: "POST", body: "gone", maxRedirects: 1 });
    assert.deepEqual([seen.at(-1)?.method, seen.at(-1)?.body], ["GET", ""]);
    const loop = `${base}/302?to=${encodeURIComponent(`${base}/302?to=/302?to=/x`)}`;
    await assert.rejects(
      out.send(loop, { maxRedirects: 1 }),
      (error) => codeOf(error) === "too_many_redirects",
    );
  });

  it("end in time, and before an answer without end", async () => {
    const slow = outbound().send(`${base}/slow`, { timeoutMs: 150 });
    await assert.rejects(slow, (error) => codeOf(error) === "timeout");
    const big = outbound().send(`${base}/big`, { maxBytes: 1_000 });
    await assert.rejects(big, (error) => codeOf(error) === "too_large");
  });

  it("say what is wrong without saying secrets", async () => {
    const secret = outbound().send("http://user:geheim@127.0.0.1:1/x?token=t0k");
    await assert.rejects(secret, (error: Error) => {
      assert.equal(codeOf(error), "unreachable");
      assert.doesNotMatch(error.message, /geheim|t0k/);
      return true;
    });
    await assert.rejects(outbound().send("nonsense"), (error) => codeOf(error) === "bad_url");
    await assert.rejects(outbound().send("file:///etc/passwd"), /neither http/);
  });
});

describe("Digest", () => {
  it("answers as RFC 7616's example does", () => {
    const challenge = parseChallenge([
      'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, ' +
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
      'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, ' +
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
    ]);
    assert.equal(challenge?.algorithm, "SHA-256", "the stronger of the two");
    const header = digestHeader(challenge, {
      method: "GET",
      uri: "/dir/index.html",
      user: "Mufasa",
      password: "Circle of Life",
      count: 1,
      cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    });
    assert.match(
      header,
      /response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"/,
    );
  });

  it("picks itself out of a header with several schemes", () => {
    const found = parseChallenge('Basic realm="a", Digest realm="b", nonce="n1", stale=TRUE');
    assert.deepEqual([found?.realm, found?.nonce, found?.stale], ["b", "n1", true]);
    assert.equal(parseChallenge('Basic realm="a"'), null);
    assert.equal(parseChallenge(undefined), null);
  });
});
