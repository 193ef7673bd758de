// How old the live picture is when it arrives: `npm run bench:live`, on the demo gate.
import { setTimeout as delay } from "node:timers/promises";
import { startDemo } from "./demo-application.mjs";

const PICTURES = 100;
/** Pictures that come while the models are loaded say nothing about later. */
const LEFT_OUT = 20;

await startDemo(async ({ request }) => {
  while (!(await request("/api/v1/cameras/gate-camera/snapshot.jpg")).ok) await delay(200);
  const response = await request("/api/v1/cameras/gate-camera/live.mjpg");
  const ages = [];
  let text = "";
  for await (const chunk of response.body) {
    const now = Date.now();
    text = (text + Buffer.from(chunk).toString("latin1")).slice(-400_000);
    for (const [part, at] of text.matchAll(/X-Timestamp: (\S+)\r\n/g)) {
      ages.push(now - Date.parse(at));
      text = text.slice(text.indexOf(part) + part.length);
    }
    if (ages.length >= PICTURES + LEFT_OUT) break;
  }
  const sorted = ages.slice(LEFT_OUT, LEFT_OUT + PICTURES).sort((a, b) => a - b);
  const at = (share) => sorted[Math.floor(sorted.length * share)];
  console.log(
    `live picture, ms from capture to arrival: p50 ${at(0.5)}, p95 ${at(0.95)}, max ${sorted.at(-1)}`,
  );
});
