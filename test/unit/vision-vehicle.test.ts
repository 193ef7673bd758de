import assert from "node:assert/strict";
import sharp from "sharp";
import { lookAtVehicles } from "../../adapters/vision/vehicles";
import type { Box } from "../../core/messages";
import { nameColour } from "../../core/vision/colour-names";

/** 52 × 11 cm at two pixels a centimetre, in the middle of a picture of 8 × 4.5 m. */
const PLATE: Box = [748, 600, 104, 22];

/** A drawn vehicle of a colour and width (m) from behind, on a road under the sky. */
async function drawn(colour: string, metres: number, tint = "none"): Promise<Buffer> {
  const [x, y, w, h] = PLATE;
  const body = metres * 200;
  const left = x + w / 2 - body / 2;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1600" height="900">
    <rect width="1600" height="500" fill="#9fc4e6"/><rect y="500" width="1600" height="400" fill="#787672"/>
    <rect x="${left}" y="${y - 140}" width="${body}" height="190" rx="14" fill="${colour}"/>
    <rect x="${left + 40}" y="${y - 260}" width="${body - 80}" height="124" fill="#20262b"/>
    <rect x="${x}" y="${y}" width="${w}" height="${h}" fill="#fff" stroke="#111"/>
    ${tint === "none" ? "" : `<rect width="1600" height="900" fill="${tint}" fill-opacity="0.8"/>`}
  </svg>`;
  return sharp(Buffer.from(svg)).jpeg({ quality: 90 }).toBuffer();
}

async function look(picture: Buffer) {
  const [seen] = await lookAtVehicles(picture, 1600, [PLATE]);
  assert.ok(seen);
  return seen;
}

describe("vehicles around plates", () => {
  const paints: [string, string][] = [
    ["#b3121b", "red"],
    ["#1d4fa3", "blue"],
    ["#1f7a3a", "green"],
    ["#f0c419", "yellow"],
    ["#e8720c", "orange"],
    ["#f4f4f2", "white"],
    ["#b9bcc0", "silver"],
    ["#6c6f73", "grey"],
    ["#15161a", "black"],
  ];
  for (const [paint, name] of paints) {
    it(`calls ${paint} ${name}`, async () => {
      const seen = await look(await drawn(paint, 1.8));
      assert.equal(seen.colour, name);
      assert.ok(seen.colourConfidence > 0.5, String(seen.colourConfidence));
    });
  }

  it("puts a box of a car's size around the plate", async () => {
    const { box } = await look(await drawn("#b3121b", 1.8));
    const [x, y, w, h] = box;
    const [px, py, pw, ph] = PLATE;
    assert.ok(x < px && y < py && x + w > px + pw && y + h > py + ph);
    assert.ok(Math.abs(w - 380) < 25 && Math.abs(h - 300) < 25, box.join());
  });

  it("tells size by the body's sides, and only where both are in the picture", async () => {
    const sizes = await Promise.all(
      [0.8, 1.8, 2.5].map(async (metres) => (await look(await drawn("#b3121b", metres))).sizeClass),
    );
    assert.deepEqual(sizes, ["small", "medium", "large"]);
    const near = sharp(await drawn("#b3121b", 1.8)).extract({
      left: 700,
      top: 500,
      width: 200,
      height: 200,
    });
    const [cut] = await lookAtVehicles(await near.jpeg().toBuffer(), 200, [[48, 100, 104, 22]]);
    assert.equal(cut?.colour, "red");
    assert.equal(cut?.sizeClass, "unknown");
    assert.equal(cut?.widthMetres, null);
  });

  it("says unknown under a cast of light and by night", async () => {
    assert.equal((await look(await drawn("#e8e8e8", 1.8, "#8a2be2"))).colour, "unknown");
    assert.equal((await look(await drawn("#b3121b", 1.8, "#000000"))).colour, "unknown");
  });

  it("names colours", () => {
    assert.equal(nameColour(255, 0, 0), "red");
    assert.equal(nameColour(110, 70, 40), "brown");
    assert.equal(nameColour(12, 10, 18), "black");
    assert.equal(nameColour(250, 250, 250), "white");
  });
});
