import { InvalidArgumentError, type Command } from "commander";
import { CameraError, parseAddress, probeCamera, shownAddress } from "../adapters/cameras";

interface CameraFlags {
  user?: string;
  passwordEnv: string;
  udp?: boolean;
  insecureTls?: boolean;
  timeout: number;
  json?: boolean;
}

/** Adds `plategate camera test`. */
export function register(program: Command): void {
  program
    .command("camera")
    .description("look at cameras")
    .command("test")
    .description("connect to a camera, wait for a picture, say what it sends")
    .argument("<address>", "rtsp://…, http://…, a video file, a folder of pictures, demo:gate")
    .option("--user <name>", "user of the camera")
    .option("--password-env <variable>", "variable with its password", "PLATEGATE_CAMERA_PASSWORD")
    .option("--udp", "RTSP over UDP instead of TCP")
    .option("--insecure-tls", "accept a certificate that no authority signed")
    .option("--timeout <seconds>", "give up after", seconds, 15)
    .option("--json", "print JSON")
    .action(async (address: string, flags: CameraFlags) => {
      if (!(await test(address, flags))) process.exitCode = 1;
    });
}

async function test(address: string, flags: CameraFlags): Promise<boolean> {
  const shown = shownAddress(address);
  try {
    const password = process.env[flags.passwordEnv] ?? "";
    const login = flags.user ? { user: flags.user, password } : {};
    const input = parseAddress(address, { ...login, transport: flags.udp ? "udp" : "tcp" });
    const insecureTls = Boolean(flags.insecureTls);
    const info = await probeCamera({ input, insecureTls }, flags.timeout * 1000);
    const rate = info.fps ? `, ${info.fps} frames a second` : "";
    const text = `${shown}: ${info.codec}, ${info.width} x ${info.height}${rate}`;
    print(flags, { address: shown, ok: true, ...info }, text);
    return true;
  } catch (error) {
    if (!(error instanceof CameraError)) throw error;
    const { code, message } = error;
    print(flags, { address: shown, ok: false, code, message }, `${shown}: ${message} [${code}]`);
    return false;
  }
}

function print({ json }: CameraFlags, result: object, text: string): void {
  process.stdout.write(`${json ? JSON.stringify(result) : text}\n`);
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 600)) throw new InvalidArgumentError("must be 1 to 600 seconds.");
  return value;
}
