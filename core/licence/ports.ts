/** What is counted per month ("2026-11"). Every method rejects with a StoreError on failure. */
export interface UsageRepository {
  /** Adds to the counts of a month; negative amounts are refused by the caller. */
  add(month: string, amounts: Readonly<Record<string, number>>, now: number): Promise<void>;
  of(month: string): Promise<Record<string, number>>;
}
