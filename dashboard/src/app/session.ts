import { computed, reactive, ref, shallowRef } from "vue";
import { api, ApiFailure, onForbidden } from "./api";
import { language } from "./i18n";

export interface Me {
  name: string;
  role: string | null;
  permissions: string[];
}

export type Theme = "auto" | "light" | "dark";

export const me = reactive<Me>({ name: "", role: null, permissions: [] });
export const loaded = ref(false);

export const may = (right: string): boolean => me.permissions.includes(right);

const THEME = "plategate.theme";
const chosenTheme = ref<Theme>((localStorage.getItem(THEME) as Theme | null) ?? "auto");
const darkDevice = matchMedia("(prefers-color-scheme: dark)");
const deviceIsDark = ref(darkDevice.matches);
darkDevice.addEventListener("change", (event) => (deviceIsDark.value = event.matches));

export const theme = computed(() => chosenTheme.value);
export const isDark = computed(() =>
  chosenTheme.value === "auto" ? deviceIsDark.value : chosenTheme.value === "dark",
);

interface Preferences {
  language?: string | null;
  theme?: Theme | null;
}

const PREFERENCES = "/api/v1/me/preferences";

/** Keeps what a person chose, on this device and with the user, so that it is there on every other. */
export function prefer(choice: { language?: string; theme?: Theme }): void {
  if (choice.language) language.value = choice.language;
  if (choice.theme) {
    chosenTheme.value = choice.theme;
    localStorage.setItem(THEME, choice.theme);
  }
  // Kept on this device already; the next choice or login brings it to the server.
  api(PREFERENCES, { method: "PATCH", body: choice }).catch(() => undefined);
}

/** Why it is not known who looks. */
export const sessionError = shallowRef<ApiFailure | null>(null);

let loading: Promise<void> | null = null;

/** Who looks, and what they chose; asked once. */
export function loadSession(): Promise<void> {
  loading ??= (async () => {
    try {
      Object.assign(me, await api<Me>("/api/v1/me"));
      loaded.value = true;
      sessionError.value = null;
      const chosen = await api<Preferences>(PREFERENCES);
      if (chosen.language) language.value = chosen.language;
      if (chosen.theme) {
        chosenTheme.value = chosen.theme;
        localStorage.setItem(THEME, chosen.theme);
      }
    } catch (failure) {
      loading = null; // the next page, or the person, asks again
      if (failure instanceof ApiFailure) sessionError.value = failure;
    }
  })();
  return loading;
}

/** A right was taken away while the page was open: what it no longer allows goes from the menu. */
onForbidden(async () => {
  if (!loaded.value) return;
  try {
    Object.assign(me, await api<Me>("/api/v1/me"));
  } catch {
    // the refusal itself is shown where it was met
  }
});

/** Ends the login and shows the login page. */
export async function logout(): Promise<void> {
  await api("/auth/session", { method: "DELETE" }).catch(() => undefined);
  location.assign("/login");
}
