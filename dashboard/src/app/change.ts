import { ref, shallowRef } from "vue";
import { ApiFailure } from "./api";

/** A change asked of the API: whether it is under way, and why the last one failed. */
export function useChange() {
  const busy = ref(false);
  const failure = shallowRef<ApiFailure | null>(null);

  /** @returns what the work gave, or null where the API refused it */
  async function run<R>(work: () => Promise<R>): Promise<R | null> {
    busy.value = true;
    failure.value = null;
    try {
      return await work();
    } catch (thrown) {
      if (!(thrown instanceof ApiFailure)) throw thrown;
      failure.value = thrown;
      return null;
    } finally {
      busy.value = false;
    }
  }
  return { busy, failure, run };
}
