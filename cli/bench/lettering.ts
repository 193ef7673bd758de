/**
 * Letters and digits as strokes in a box of 10 by 16, so that drawn plates look
 * the same on machines without fonts.
 */
const STROKES: Readonly<Record<string, string>> = {
  "0": "M5 1Q9 1 9 5V11Q9 15 5 15Q1 15 1 11V5Q1 1 5 1Z",
  "1": "M2 4L6 1V15",
  "2": "M1 4.5Q1 1 5 1Q9 1 9 4.5Q9 7 5.5 10L1 15H9",
  "3": "M1 3.5Q2 1 5 1Q9 1 9 4.5Q9 7.5 4 7.5Q9.2 7.5 9.2 11.3Q9.2 15 5 15Q1.5 15 .8 12",
  "4": "M7 15V1L1 11H9.5",
  "5": "M8.5 1H2L1.5 7Q3 6 5 6Q9 6 9 10.5Q9 15 5 15Q1.5 15 1 12",
  "6": "M8 1.5Q1 2 1 10Q1 15 5 15Q9 15 9 10.5Q9 6.5 5.2 6.5Q2 6.5 1.2 9.5",
  "7": "M1 1H9L4 15",
  "8": "M5 7.5Q1.5 7.5 1.5 4.2Q1.5 1 5 1Q8.5 1 8.5 4.2Q8.5 7.5 5 7.5Q1 7.5 1 11.2Q1 15 5 15Q9 15 9 11.2Q9 7.5 5 7.5Z",
  "9": "M2 14.5Q9 14 9 6Q9 1 5 1Q1 1 1 5.5Q1 9.5 4.8 9.5Q8 9.5 8.8 6.5",
  A: "M.5 15L5 1L9.5 15M2.3 10H7.7",
  B: "M1.5 1H5.5Q8.5 1 8.5 4.2Q8.5 7.5 5.5 7.5H1.5M5.5 7.5Q9.2 7.5 9.2 11.2Q9.2 15 5.5 15H1.5V1",
  C: "M9 4Q8.5 1 5 1Q1 1 1 6V10Q1 15 5 15Q8.5 15 9 12",
  D: "M1.5 1H4.5Q9 1 9 6V10Q9 15 4.5 15H1.5Z",
  E: "M8.5 1H1.5V15H8.5M1.5 7.8H7.5",
  K: "M1.5 1V15M8.8 1L1.5 9M4 6.5L9 15",
  L: "M1.5 1V15H8.5",
  R: "M1.5 15V1H5.5Q9 1 9 4.5Q9 8 5.5 8H1.5M5.5 8L9 15",
  T: "M.5 1H9.5M5 1V15",
  X: "M1 1L9 15M9 1L1 15",
  Y: "M.5 1L5 8L9.5 1M5 8V15",
  Z: "M1 1H9L1 15H9",
};

/** Width of a letter with the space after it, in stroke units. */
const PITCH = 14;
const HEIGHT = 16;

/** SVG elements that show a text stretched into a box. */
export function lettering(
  text: string,
  [x, y, w, h]: readonly [x: number, y: number, w: number, h: number],
): string {
  const width = text.length * PITCH - (PITCH - 10);
  const letters = [...text].map(
    (char, i) => `<path transform="translate(${i * PITCH} 0)" d="${STROKES[char] ?? ""}"/>`,
  );
  const place = `translate(${x} ${y}) scale(${w / width} ${h / HEIGHT})`;
  return `<g transform="${place}" fill="none" stroke="#111" stroke-width="2.3">${letters.join("")}</g>`;
}
