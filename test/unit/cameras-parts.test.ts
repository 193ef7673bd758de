import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { parseAddress, shownAddress } from "../../adapters/cameras";
import { explainFfmpeg, mask } from "../../adapters/cameras/errors";
import { authorize } from "../../adapters/cameras/http-auth";
import { MultipartReader } from "../../adapters/cameras/multipart";
import { readPictureHeader } from "../../adapters/cameras/picture-header";
import { Y4mReader, type Y4mFrame } from "../../adapters/cameras/y4m";
import { claimedJpeg, colourJpeg } from "../fixtures/camera-kit";
import sharp from "sharp";

/** Cuts bytes at the given places. */
function cut(bytes: Buffer, places: number[]): Buffer[] {
  const at = [0, ...places.map((p) => p % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}

describe("cameras: YUV4MPEG2", () => {
  const frame = (fill: number): Buffer =>
    Buffer.concat([Buffer.from("FRAME\n"), Buffer.alloc(5 * 3 + 2 * 3 * 2, fill)]);
  const stream = Buffer.concat([
    Buffer.from("YUV4MPEG2 W5 H3 F12:1 Ip A1:1 C420jpeg XYSCSS=420JPEG\n"),
    ...[frame(1), frame(10), frame(200)],
  ]);

  it("gives the same frames however the pipe cuts the bytes, odd sizes too", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(500), { maxLength: 12 }), (places) => {
        const reader = new Y4mReader();
        const frames: Y4mFrame[] = [];
        for (const chunk of cut(stream, places)) reader.push(chunk, (f) => frames.push(f));
        assert.deepEqual(
          frames.map((f) => [f.width, f.height, f.data.byteLength, new Uint8Array(f.data)[26]]),
          [1, 10, 200].map((fill) => [5, 3, 27, fill]),
        );
      }),
    );
  });

  it("refuses what is no such stream, other pixels and sizes beyond the limit", () => {
    const read = (text: string) => () =>
      new Y4mReader().push(Buffer.from(text), () => assert.fail("a frame"));
    assert.throws(read("RIFF....\n"), /not a YUV4MPEG2/);
    assert.throws(read("x".repeat(2000)), /not a YUV4MPEG2/);
    assert.throws(read("YUV4MPEG2 W4 H4 C444\n"), /unexpected pixels/);
    assert.throws(read("YUV4MPEG2 W20000 H20000 C420jpeg\n"), /too large/);
  });
});

describe("cameras: multipart", () => {
  const bodies = ["first--fram", "\r\n\r\nsecond", ""].map((b) => Buffer.from(b));
  const build = (length: boolean): Buffer =>
    Buffer.concat([
      Buffer.from("preamble\r\n"),
      ...bodies.flatMap((body) => [
        Buffer.from(
          `--frame\r\nContent-Type: image/jpeg\r\n${length ? `Content-Length: ${body.length}\r\n` : ""}\r\n`,
        ),
        body,
        Buffer.from("\r\n"),
      ]),
      Buffer.from("--frame--"),
    ]);

  for (const length of [true, false]) {
    it(`finds the parts ${length ? "with" : "without"} Content-Length, however the bytes are cut`, () => {
      fc.assert(
        fc.property(fc.array(fc.nat(500), { maxLength: 20 }), (places) => {
          const reader = new MultipartReader("--frame");
          const parts: string[] = [];
          for (const chunk of cut(build(length), places)) {
            reader.push(chunk, (body) => parts.push(body.toString()));
          }
          assert.deepEqual(parts, bodies.map(String));
        }),
      );
    });
  }

  it("does not collect without bound", () => {
    const reader = new MultipartReader("frame");
    const none = (): void => assert.fail("a part");
    assert.throws(() => {
      reader.push(Buffer.from("--frame\r\nContent-Length: 99999999999\r\n\r\n"), none);
    }, /too large/);
    const endless = new MultipartReader("frame");
    endless.push(Buffer.from("--frame\r\n\r\n"), none);
    assert.throws(() => {
      for (let i = 0; i < 50; i++) endless.push(Buffer.alloc(1 << 20), none);
    }, /too large/);
  });
});

describe("cameras: picture headers", () => {
  it("reads the size of JPEG, PNG and WebP", async () => {
    const base = sharp({ create: { width: 33, height: 21, channels: 3, background: "#fff" } });
    for (const type of ["jpeg", "png", "webp"] as const) {
      const data = await base.clone().toFormat(type).toBuffer();
      assert.deepEqual(readPictureHeader(data), { type, width: 33, height: 21 });
    }
    const lossless = await base.clone().webp({ lossless: true }).toBuffer();
    assert.deepEqual(readPictureHeader(lossless), { type: "webp", width: 33, height: 21 });
  });

  it("says what is wrong with a bad one, before anything is decoded", async () => {
    const jpeg = await colourJpeg();
    const reason = (data: Buffer) => () => readPictureHeader(data);
    assert.throws(reason(Buffer.alloc(0)), /0 bytes/);
    assert.throws(reason(Buffer.from("<html>no camera here</html>")), /not a JPEG/);
    assert.throws(reason(jpeg.subarray(0, jpeg.length - 40)), /cut off/);
    assert.throws(reason(await claimedJpeg(10_000, 10_000)), /100 megapixels/);
    assert.throws(reason(await claimedJpeg(0, 100)), /header is broken/);
  });

  it("survives any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        for (const head of ["", "\xff\xd8", "\x89PNG", "RIFF"]) {
          const data = Buffer.concat([Buffer.from(head, "latin1"), bytes]);
          try {
            readPictureHeader(data);
          } catch (error) {
            assert.ok(error instanceof Error && !(error instanceof RangeError), String(error));
          }
        }
      }),
    );
  });
});

describe("cameras: HTTP logins", () => {
  const login = { user: "Mufasa", password: "Circle of Life" };

  it("answers Digest as RFC 7616 3.9.1 computes it", () => {
    for (const [algorithm, name] of [
      ["MD5", "md5"],
      ["SHA-256", "sha256"],
    ] as const) {
      const header = authorize(
        [
          `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`,
        ],
        ...(["GET", "/dir/index.html", login] as const),
      );
      const field = (key: string): string =>
        new RegExp(`[ ,]${key}="?([^",]*)`).exec(header ?? "")?.[1] ?? "";
      const hash = (text: string): string => createHash(name).update(text).digest("hex");
      const a1 = hash("Mufasa:http-auth@example.org:Circle of Life");
      const wanted = hash(
        `${a1}:7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v:00000001:${field("cnonce")}:auth:${hash("GET:/dir/index.html")}`,
      );
      assert.equal(field("response"), wanted);
      assert.equal(field("opaque"), "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS");
    }
  });

  it("prefers Digest, falls back to Basic, knows when it knows neither", () => {
    const both = ['Basic realm="x"', 'Digest realm="x", nonce="1"'];
    assert.match(authorize(both, "GET", "/", login) ?? "", /^Digest /);
    assert.match(authorize([both.join(", ")], "GET", "/", login) ?? "", /^Digest /);
    const odd = ['Digest realm="x", nonce="1", algorithm=SHA-512-256', 'Basic realm="x"'];
    assert.equal(authorize(odd, "GET", "/", login), "Basic TXVmYXNhOkNpcmNsZSBvZiBMaWZl");
    assert.equal(authorize(["Negotiate"], "GET", "/", login), null);
  });
});

describe("cameras: addresses and errors", () => {
  it("tells kinds of addresses apart and puts the login in, encoded", () => {
    assert.deepEqual(parseAddress("rtsp://10.0.0.5/live", { user: "a b", password: "p@:/ß" }), {
      ...{ kind: "rtsp", transport: "tcp" },
      url: "rtsp://a%20b:p%40%3A%2F%C3%9F@10.0.0.5/live",
    });
    assert.deepEqual(parseAddress("http://u:s%40@cam/x?y=1"), {
      ...{ kind: "http", url: "http://cam/x?y=1", user: "u", password: "s@" },
    });
    assert.equal(parseAddress(__dirname).kind, "folder");
    assert.equal(parseAddress(__filename).kind, "file");
    assert.equal(parseAddress("demo:gate").kind, "file");
    assert.equal(parseAddress("srt://host:1").kind, "stream");
    for (const bad of ["", "  ", "gopher://x", "http://["]) {
      assert.throws(() => parseAddress(bad), { code: "unsupported" });
    }
  });

  it("shows no password", () => {
    assert.equal(shownAddress("rtsp://admin:secret@cam/1"), "rtsp://admin:***@cam/1");
    assert.equal(mask("x secret y", ["secret"]), "x *** y");
    const error = explainFfmpeg(["rtsp://u:secret@h/x: what is that secret?"], ["secret"]);
    assert.doesNotMatch(error.message, /secret/);
  });

  it("explains ffmpeg's last words", () => {
    const code = (line: string): string => explainFfmpeg([line], []).code;
    assert.equal(code("method DESCRIBE failed: 401 Unauthorized"), "auth_failed");
    assert.equal(code("Connection to tcp://h:1 failed: Connection refused"), "unreachable");
    assert.equal(code("Stream map '0:v:0' matches no streams."), "no_video");
    assert.equal(code("x.mp4: Invalid data found when processing input"), "decode_error");
  });
});
