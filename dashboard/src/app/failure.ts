import type { ApiFailure } from "./api";
import { t } from "./i18n";

/** What to tell a person about a request that failed. */
export function failureText(failure: ApiFailure): string {
  if (failure.status === 0) return t("errors.away");
  if (failure.status === 403) return t("errors.forbidden");
  if (failure.body.reason === "uploads_at_once") return t("errors.uploads_at_once");
  if (failure.status === 429)
    return t("errors.too_many", { seconds: failure.body.retry_after_seconds ?? 60 });
  if (failure.status === 507) return t("errors.full");
  if (failure.status >= 500 && failure.status !== 502) return t("errors.server");
  return failure.body.detail ?? t("errors.server");
}
