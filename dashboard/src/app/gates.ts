import { computed } from "vue";
import { api, type Page } from "./api";
import { useLoad } from "./load";

/** Rules of a lane that can be set; shares from 0 to 1. */
export interface LaneRules {
  min_confidence: number;
  min_reads: number;
  few_reads_confidence: number;
  max_age_seconds: number;
  second_factor: string[];
  second_factor_seconds: number;
}

/** A gate that runs, with the rules that count for it and who says so. */
export interface Gate {
  /** null: it takes its lanes from its cameras. */
  lane_id: string | null;
  site_id: string;
  time_zone: string;
  rules: LaneRules;
  in_node: string[];
  in_environment: string[];
}

/** The gates that run, and the rules that the environment sets. */
export function useGates() {
  const gates = useLoad((signal) => api<Page<Gate>>("/api/v1/gates", { signal }), {
    on: ["lists"],
  });
  const all = computed(() => gates.data.value?.items ?? []);
  return {
    ...gates,
    all,
    environment: computed(() => [...new Set(all.value.flatMap((gate) => gate.in_environment))]),
  };
}
