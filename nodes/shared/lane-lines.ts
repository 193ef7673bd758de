/**
 * Which lane a camera belongs to, a line a camera: `CAM001 = entry  # remark`.
 * @returns camera id to lane id
 * @throws Error for a line that is not understood
 */
export function laneLines(text: string): Map<string, string> {
  const lines = text
    .split("\n")
    .map((line) => (line.split("#")[0] ?? "").trim())
    .filter((line) => line !== "");
  return new Map(
    lines.map((line) => {
      const [camera = "", lane = "", ...rest] = line.split("=").map((part) => part.trim());
      if (camera === "" || lane === "" || rest.length > 0) {
        throw new Error(`"${line}" is not written as camera = lane`);
      }
      return [camera, lane];
    }),
  );
}
