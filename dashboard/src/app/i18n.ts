import { computed, ref } from "vue";

type Texts = { [key: string]: string | Texts };

/** A catalogue a language: add src/locales/<code>.json and the language is there. */
const files = import.meta.glob<Texts>("../locales/*.json", { eager: true, import: "default" });
const catalogues = new Map(
  Object.entries(files).map(([path, texts]) => [path.replace(/^.*\/|\.json$/g, ""), texts]),
);

/** Why decisions are what they are is written once, in the texts of the node that decides. */
const reasons = import.meta.glob<{ "allowlist-check": { reason: Texts } }>(
  "../../../nodes/allowlist-check/locales/*/allowlist-check.json",
  { eager: true, import: "default" },
);
for (const [path, texts] of Object.entries(reasons)) {
  const code = /locales\/([a-z]{2})/.exec(path)?.[1] ?? "";
  const catalogue = catalogues.get(code);
  if (catalogue) catalogue["reasons"] = texts["allowlist-check"].reason;
}

export const LANGUAGES = [...catalogues.keys()].sort();
const FALLBACK = "en";

/** The login page keeps the language under the same name. */
const STORED = "plategate.language";

function firstLanguage(): string {
  const wanted = [localStorage.getItem(STORED), ...navigator.languages];
  for (const one of wanted) {
    const code = (one ?? "").slice(0, 2);
    if (catalogues.has(code)) return code;
  }
  return FALLBACK;
}

const current = ref(firstLanguage());

/** The language that is shown; setting it keeps it on this device. */
export const language = computed({
  get: () => current.value,
  set(code: string) {
    if (!catalogues.has(code)) return;
    current.value = code;
    localStorage.setItem(STORED, code);
    document.documentElement.lang = code;
  },
});

export function applyLanguage(): void {
  document.documentElement.lang = current.value;
}

function find(code: string, key: string): string | undefined {
  let texts: string | Texts | undefined = catalogues.get(code);
  for (const step of key.split(".")) {
    if (texts === undefined || typeof texts === "string") return undefined;
    texts = texts[step];
  }
  return typeof texts === "string" ? texts : undefined;
}

/** Whether there is a text for a key in the language that is shown. */
export function hasText(key: string): boolean {
  return find(current.value, key) !== undefined;
}

/** The text of a key, its placeholders `{name}` filled in; the key where there is no text. */
export function t(key: string, values: Record<string, string | number> = {}): string {
  const text = find(current.value, key) ?? find(FALLBACK, key) ?? key;
  return text.replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all));
}

/** The text of a code of the API (a reason, a state), or the code in plain words where it is new. */
export function tCode(group: string, code: string | null | undefined): string {
  if (!code) return "—";
  const key = `${group}.${code}`;
  return (
    find(current.value, key) ??
    find(FALLBACK, key) ??
    code.replaceAll("_", " ").replaceAll(".", " ")
  );
}
