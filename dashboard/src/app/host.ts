import { computed, onBeforeUnmount, onMounted, shallowRef } from "vue";

/** What of Dashboard 2 the shell needs: which pages there are, and how to go to one. */
interface Host {
  $router: { push(to: string): Promise<unknown>; replace(to: string): Promise<unknown> };
  $store: {
    state: {
      ui: {
        pages: Record<string, HostPage> | null;
        groups: Record<string, { page: string }> | null;
        widgets: Record<string, HostWidget> | null;
      };
    };
  };
}

interface HostPage {
  id: string;
  name: string;
  icon?: string;
  order: number;
  visible?: boolean;
  route?: { path: string };
}

interface HostWidget {
  type: string;
  props: { group?: string; view?: string };
}

const host = shallowRef<Host | null>(null);

export function useHost(globals: Host): void {
  host.value = globals;
}

let covering = 0;

/**
 * Our pages fill the window. What Dashboard 2 draws beneath is taken from the
 * keyboard and from screen readers while one of them is shown.
 */
export function coverHost(): void {
  const change = (by: number): void => {
    covering += by;
    document.getElementById("app")?.toggleAttribute("inert", covering > 0);
  };
  onMounted(() => change(1));
  onBeforeUnmount(() => change(-1));
}

/** Paths of our views in this dashboard, by name: an integrator may leave some out. */
export const viewPaths = computed(() => {
  const { widgets, groups, pages } = host.value?.$store.state.ui ?? {};
  const paths = new Map<string, string>();
  for (const { type, props } of Object.values(widgets ?? {})) {
    if (type !== "ui-plategate" || !props.view) continue;
    const page = pages?.[groups?.[props.group ?? ""]?.page ?? ""];
    if (page?.route) paths.set(props.view, page.route.path);
  }
  return paths;
});

/** Pages that an integrator has added, without a view of ours. */
export const otherPages = computed(() => {
  const ours = new Set(viewPaths.value.values());
  return Object.values(host.value?.$store.state.ui.pages ?? {})
    .filter(({ route, visible }) => route && visible !== false && !ours.has(route.path))
    .sort((a, b) => a.order - b.order)
    .map(({ name, icon, route }) => ({ name, icon: icon ?? "", path: route?.path ?? "" }));
});

/** Goes to a view, with what it is to show. */
export function goTo(view: string, query: Record<string, string> = {}): void {
  const path = viewPaths.value.get(view);
  if (!path) return;
  const text = new URLSearchParams(query).toString();
  void host.value?.$router.push(text ? `${path}?${text}` : path);
}

export function goToPath(path: string): void {
  void host.value?.$router.push(path);
}

/** Keeps what a page shows in its address, so that it can be sent to somebody and survives a reload. */
export function keepInAddress(query: Record<string, string>): void {
  const text = new URLSearchParams(Object.entries(query).filter(([, value]) => value)).toString();
  const { pathname } = location;
  history.replaceState(history.state, "", text ? `${pathname}?${text}` : pathname);
}

export function addressQuery(): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(location.search));
}
