import { axisRead } from "./axis";
import { dahuaRead } from "./dahua";
import { frigateEnd, frigateRead } from "./frigate";
import { hikvisionRead } from "./hikvision";
import { plateRecognizerReads } from "./plate-recognizer";
import { rekorRead } from "./rekor";
import type { PushedRead, PushSource } from "./types";

/**
 * What a report of a source says of plates; nothing for heartbeats and whatever else it
 * sends. @throws RangeError where it is not written as the source writes
 */
export function decodeReport(source: PushSource, text: string): PushedRead[] {
  const one = (read: PushedRead | null): PushedRead[] => (read ? [read] : []);
  switch (source) {
    case "hikvision":
      return one(hikvisionRead(text));
    case "dahua":
      return one(dahuaRead(text));
    case "axis":
      return one(axisRead(json(text)));
    case "platerecognizer":
      return plateRecognizerReads(json(text));
    case "rekor":
      return one(rekorRead(json(text)));
    case "frigate": {
      const message = json(text);
      return one(frigateRead(message) ?? frigateEnd(message));
    }
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RangeError("the report is no JSON");
  }
}
