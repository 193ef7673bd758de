import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stopProcess, waitFor } from "../fixtures/application";
import { installInto, nodeTypes, packTarball } from "../fixtures/packed";

interface NodeSet {
  module: string;
  types: string[];
  err?: string;
}

describe("the packed package in somebody's own Node-RED", function () {
  this.timeout(600_000);
  let folder: string;
  let userDir: string;
  let nodeRed: ChildProcess | undefined;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "plategate-pack-"));
    userDir = installInto("userdir", [packTarball(folder)]);
  });
  after(async () => {
    if (nodeRed) await stopProcess(nodeRed, "SIGTERM");
    rmSync(folder, { recursive: true, force: true });
    rmSync(userDir, { recursive: true, force: true });
  });

  it("appears in the palette, every node without an error", async () => {
    let output = "";
    nodeRed = spawn(
      process.execPath,
      [
        require.resolve("node-red/red.js"),
        "--userDir",
        userDir,
        "--port",
        "0",
        "-D",
        "uiHost=127.0.0.1",
      ],
      {
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...process.env, PLATEGATE_HOME: join(userDir, "plategate") },
      },
    );
    nodeRed.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
    nodeRed.stderr?.on("data", (chunk: Buffer) => (output += chunk.toString()));
    await waitFor(
      () => (/Started flows|Waiting for missing/.test(output) ? true : undefined),
      120_000,
      () => output,
    );
    const address = await waitFor(
      () => /Server now running at (http:\S+)/.exec(output)?.[1],
      30_000,
      () => output,
    );
    const port = /:0\//.test(address)
      ? await listeningPort(nodeRed.pid ?? 0)
      : new URL(address).port;
    const response = await fetch(`http://127.0.0.1:${port}/nodes`, {
      headers: { Accept: "application/json" },
    });
    const sets = (await response.json()) as NodeSet[];
    const ours = sets.filter(({ module }) => module === "@plategate/node-red");
    assert.deepEqual(
      ours.filter(({ err }) => err),
      [],
    );
    assert.deepEqual(ours.flatMap(({ types }) => types).sort(), nodeTypes().sort());
    const icons = (await (await fetch(`http://127.0.0.1:${port}/icons`)).json()) as Record<
      string,
      string[]
    >;
    assert.ok(icons["@plategate/node-red"]?.includes("plate-detect.svg"), JSON.stringify(icons));
    const examples = JSON.stringify(
      await (
        await fetch(`http://127.0.0.1:${port}/library/local/_examples_/flows/`)
      )
        .json()
        .catch(() => null),
    );
    assert.ok(examples);
  });
});

/** The TCP port a process listens on, from /proc. */
async function listeningPort(pid: number): Promise<string> {
  const { readFileSync, readdirSync, readlinkSync } = await import("node:fs");
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /socket:\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  for (const file of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    for (const line of readFileSync(file, "utf8").split("\n").slice(1)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state === "0A" && inode && inodes.has(inode))
        return String(parseInt(local?.split(":")[1] ?? "", 16));
    }
  }
  throw new Error("it listens nowhere");
}
