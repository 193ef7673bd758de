/** Names that people give to paint; chromatic ones have a hue. */
export const VEHICLE_COLOURS = [
  { name: "black", chromatic: false },
  { name: "grey", chromatic: false },
  { name: "silver", chromatic: false },
  { name: "white", chromatic: false },
  { name: "red", chromatic: true },
  { name: "orange", chromatic: true },
  { name: "brown", chromatic: true },
  { name: "yellow", chromatic: true },
  { name: "green", chromatic: true },
  { name: "blue", chromatic: true },
  { name: "purple", chromatic: true },
] as const;
export type VehicleColour = (typeof VEHICLE_COLOURS)[number]["name"];

/** Below this saturation a pixel is grey, whatever its hue. */
const GREYISH = 0.22;
/** Darker than this no hue can be told. */
const DARK = 0.16;

/** The name of an sRGB colour (0..255 each), by hue, saturation and value. */
export function nameColour(r: number, g: number, b: number): VehicleColour {
  const most = Math.max(r, g, b);
  const least = Math.min(r, g, b);
  const value = most / 255;
  const saturation = most === 0 ? 0 : (most - least) / most;
  // In dark pixels noise looks like a hue: more of it is asked for.
  if (value < DARK || saturation < GREYISH + Math.max(0, 0.4 - value)) return plainName(value);
  return hueName(hueOf(r, g, b, most, most - least), value, saturation);
}

function plainName(value: number): VehicleColour {
  if (value < 0.25) return "black";
  if (value < 0.52) return "grey";
  return value < 0.8 ? "silver" : "white";
}

/** Degrees, 0 = red. */
function hueOf(r: number, g: number, b: number, most: number, range: number): number {
  let sixth: number;
  if (most === r) sixth = (g - b) / range;
  else if (most === g) sixth = 2 + (b - r) / range;
  else sixth = 4 + (r - g) / range;
  return (sixth * 60 + 360) % 360;
}

function hueName(hue: number, value: number, saturation: number): VehicleColour {
  if (hue < 14 || hue >= 328) return "red";
  if (hue < 45) return value > 0.7 && saturation > 0.6 ? "orange" : "brown";
  if (hue < 70) return "yellow";
  if (hue < 170) return "green";
  if (hue < 262) return "blue";
  return "purple";
}
