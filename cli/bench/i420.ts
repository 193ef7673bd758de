/** RGB to planes Y, U, V (BT.601 limited range, 4:2:0 with plain chroma averages), as a camera source makes them. */
export function toI420(rgb: Uint8Array, width: number, height: number): Uint8Array {
  const [cw, ch] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  const out = new Uint8Array(width * height + 2 * cw * ch);
  const at = (x: number, y: number, k: number): number =>
    rgb[(Math.min(y, height - 1) * width + Math.min(x, width - 1)) * 3 + k] ?? 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      out[y * width + x] =
        16.5 + 0.256788 * at(x, y, 0) + 0.504129 * at(x, y, 1) + 0.097906 * at(x, y, 2);
    }
  }
  for (let y = 0; y < ch; y++) {
    for (let x = 0; x < cw; x++) {
      const mean = (k: number): number =>
        (at(2 * x, 2 * y, k) +
          at(2 * x + 1, 2 * y, k) +
          at(2 * x, 2 * y + 1, k) +
          at(2 * x + 1, 2 * y + 1, k)) /
        4;
      const [r, g, b] = [mean(0), mean(1), mean(2)];
      const o = width * height + y * cw + x;
      out[o] = 128.5 - 0.148223 * r - 0.290993 * g + 0.439216 * b;
      out[o + cw * ch] = 128.5 + 0.439216 * r - 0.367788 * g - 0.071427 * b;
    }
  }
  return out;
}
