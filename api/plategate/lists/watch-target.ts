import { forbiddenTarget } from "../../../adapters/outbound/forbidden-target";
import type { WatchEntry } from "../../../core/access/types";
import type { Problem } from "../../../core/access/validate";

/** Says of an entry's webhook where nothing will ever be sent to it (API-DECISIONS, Outbound). */
export async function watchTargetProblems(
  entry: Pick<WatchEntry, "webhookUrl">,
): Promise<Problem[]> {
  if (entry.webhookUrl === null) return [];
  const detail = await forbiddenTarget(entry.webhookUrl);
  if (detail === null) return [];
  return [{ field: "webhookUrl", code: "forbidden_address", severity: "error", detail }];
}
