import { computed } from "vue";
import { api, type Page } from "./api";
import { t } from "./i18n";
import { useLoad } from "./load";

interface Named {
  id: string;
  name: string;
}

/** Groups, schedules and lanes as options of a form. */
export function useListOptions() {
  const groups = useLoad((signal) => api<Page<Named>>("/api/v1/groups?limit=1000", { signal }), {
    on: ["lists"],
  });
  const schedules = useLoad(
    (signal) => api<Page<Named>>("/api/v1/schedules?limit=1000", { signal }),
    { on: ["lists"] },
  );
  const barriers = useLoad((signal) =>
    api<Page<{ lane_id: string | null }>>("/api/v1/barriers", { signal }),
  );
  const named = (page: Page<Named> | null) =>
    (page?.items ?? []).map(({ id, name }) => ({ value: id, text: name }));
  return {
    groups: computed(() => named(groups.data.value)),
    schedules: computed(() => [
      { value: "", text: t("lists.any_time") },
      ...named(schedules.data.value),
    ]),
    lanes: computed(() => [
      ...new Set((barriers.data.value?.items ?? []).flatMap(({ lane_id }) => lane_id ?? [])),
    ]),
  };
}

/** A translated option for each of some codes. */
export function options(group: string, codes: readonly string[], none = false) {
  const list = codes.map((value) => ({ value, text: t(`${group}.${value}`) }));
  return none ? [{ value: "", text: t("lists.either") }, ...list] : list;
}
