import type { Share } from "../../core/vision/metrics";
import type { SetResult } from "./accuracy";

/** A table for people. */
export function accuracyTable(results: readonly SetResult[]): string {
  return results.map(one).join("\n\n");
}

function one(r: SetResult): string {
  const lines = [
    `${r.set}: ${r.pictures} pictures, ${r.plates} plates, ${r.errors} errors, ${r.ms.toFixed(0)} ms a picture`,
    ...r.detection.map(
      (d) =>
        `  found at IoU ${d.iou}   recall ${percent(d.recall)}   precision ${percent(d.precision)}`,
    ),
    `  mean IoU of hits ${r.meanIou.toFixed(3)}`,
  ];
  if (r.alarms.pictures > 0) {
    lines.push(`  false alarms ${r.alarms.found} on ${r.alarms.pictures} pictures without a plate`);
  }
  if (r.exact.of > 0) {
    lines.push(
      `  exact text ${percent(r.exact)}   with O=0, I=1 ${percent(r.folded)}   character errors ${(100 * r.cer).toFixed(1)} %`,
    );
  }
  for (const b of r.buckets) {
    const text = b.exact.of > 0 ? `   exact ${percent(b.exact)}   folded ${percent(b.folded)}` : "";
    lines.push(`  from ${String(b.from).padStart(3)} px wide   recall ${percent(b.recall)}${text}`);
  }
  return lines.join("\n");
}

function percent(s: Share): string {
  const p = (v: number): string => (100 * v).toFixed(1);
  return `${p(s.share)} % (${s.hits}/${s.of}, ${p(s.low)} to ${p(s.high)})`;
}
