import { onBeforeUnmount, onMounted, ref, shallowRef, type Ref, type ShallowRef } from "vue";
import { ApiFailure } from "./api";
import { onNews, type Topic } from "./news";

export interface Loaded<T> {
  data: ShallowRef<T | null>;
  /** Why the last try failed; the data shown is then that of an earlier one. */
  error: ShallowRef<ApiFailure | null>;
  loading: Ref<boolean>;
  reload(): Promise<void>;
}

interface Options {
  /** News that the data may have changed. */
  on?: Topic[];
  /** Ask again after this many ms, for what no news tells of; not while the page is hidden. */
  every?: number;
  /** Least time between two requests that news cause, in ms. */
  gap?: number;
  /** False: the page calls reload() itself the first time. */
  now?: boolean;
}

/**
 * Data of the API for a component: loaded when it appears, again on news, one
 * request at a time, and the newest answer wins.
 */
export function useLoad<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  { on = [], every = 0, gap = 500, now = true }: Options = {},
): Loaded<T> {
  const data = shallowRef<T | null>(null);
  const error = shallowRef<ApiFailure | null>(null);
  const loading = ref(false);
  let running: AbortController | null = null;
  let again = false;
  let timer = 0;
  let asked = 0;
  let waiting = 0;

  async function reload(): Promise<void> {
    running?.abort();
    const mine = new AbortController();
    running = mine;
    asked = Date.now();
    loading.value = true;
    try {
      data.value = await ask(mine.signal);
      error.value = null;
    } catch (failure) {
      if (mine.signal.aborted) return;
      if (!(failure instanceof ApiFailure)) throw failure;
      error.value = failure;
    } finally {
      if (running === mine) {
        running = null;
        loading.value = false;
        if (again) {
          again = false;
          refresh();
        }
      }
    }
  }
  /** On news: what is under way may have missed it, so ask once more after it. */
  const refresh = (): void => {
    if (document.hidden) return;
    const left = asked + gap - Date.now();
    if (running) again = true;
    else if (left <= 0) void reload();
    else if (!waiting) {
      waiting = window.setTimeout(() => {
        waiting = 0;
        refresh();
      }, left);
    }
  };
  const shown = (): void => {
    if (!document.hidden) refresh();
  };

  onNews(on, refresh);
  onMounted(() => {
    if (now) void reload();
    if (every > 0) timer = window.setInterval(refresh, every);
    document.addEventListener("visibilitychange", shown);
  });
  onBeforeUnmount(() => {
    running?.abort();
    clearInterval(timer);
    clearTimeout(waiting);
    document.removeEventListener("visibilitychange", shown);
  });
  return { data, error, loading, reload };
}
