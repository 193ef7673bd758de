import { onBeforeUnmount, onMounted, ref, type Ref } from "vue";

/** What may have changed on the server. The news carries no data: pages ask the API for it. */
export type Topic =
  "jobs" | "passages" | "barriers" | "reads" | "lists" | "cameras" | "alerts" | "mode" | "reports";

interface Socket {
  on(event: string, listener: (...values: never[]) => void): void;
  connected: boolean;
}

type Listener = (topics: ReadonlySet<Topic>) => void;

const listeners = new Set<Listener>();
/** Whether the server can tell us of changes. */
export const connected = ref(true);

let heard: Socket | null = null;

/** Listens on Dashboard 2's socket, once for all pages. */
export function hear(socket: Socket): void {
  if (heard === socket) return;
  heard = socket;
  connected.value = socket.connected;
  socket.on("plategate:news", (message: { topics?: Topic[] }) => tell(message.topics ?? []));
  socket.on("connect", () => {
    connected.value = true;
    // What happened meanwhile is not known.
    tell(["jobs", "passages", "barriers", "lists", "cameras", "alerts", "mode", "reports"]);
  });
  socket.on("disconnect", () => (connected.value = false));
}

function tell(topics: Topic[]): void {
  const set = new Set(topics);
  for (const listener of listeners) listener(set);
}

/** Calls back on news of the topics, while the component is there. */
export function onNews(topics: Topic[], work: () => void): void {
  const listener: Listener = (told) => {
    if (topics.some((topic) => told.has(topic))) work();
  };
  onMounted(() => listeners.add(listener));
  onBeforeUnmount(() => listeners.delete(listener));
}

/** The time, for "5 minutes ago"; advances every few seconds while the component is there. */
export function useNow(everyMs = 5000): Ref<number> {
  const now = ref(Date.now());
  let timer = 0;
  onMounted(() => (timer = window.setInterval(() => (now.value = Date.now()), everyMs)));
  onBeforeUnmount(() => clearInterval(timer));
  return now;
}
