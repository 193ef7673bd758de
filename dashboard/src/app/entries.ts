import { ref, shallowRef, type Ref, type ShallowRef } from "vue";
import { api, ApiFailure, part, withQuery, type Page } from "./api";
import { useLoad, type Loaded } from "./load";

/** One field of a form. Its text is `<texts>.<name>`, its help `<texts>.<name>_help`. */
export interface Field {
  name: string;
  kind:
    "text" | "textarea" | "select" | "many" | "time" | "number" | "words" | "check" | "password";
  /** Of "select" and "many": value and text; "select" may have the value "" for none. */
  options?: { value: string; text: string }[];
  required?: boolean;
  max?: number;
  /** Takes the whole width. */
  wide?: boolean;
  suggestions?: string[];
}

export type Entry = Record<string, unknown>;

export interface Entries<T> extends Loaded<Page<T>> {
  skip: Ref<number>;
  /** Most entries of a page. */
  limit: number;
  query: Ref<Record<string, string>>;
  /** The entry that is being changed; a new one has no id; null = none. */
  editing: ShallowRef<Entry | null>;
  /** Why the last save or removal failed. */
  failure: ShallowRef<ApiFailure | null>;
  busy: Ref<boolean>;
  search(query: Record<string, string>): void;
  go(skip: number): void;
  edit(entry: Entry | null): void;
  /** @returns the saved entry, null where it was refused */
  save(changes: Entry): Promise<Entry | null>;
  remove(): Promise<boolean>;
}

/**
 * A list of the API with its paging and the changing of entries.
 * @param method of partial updates (reference 2 has PUT)
 */
export function useEntries<T>(
  path: string,
  limit: number,
  method: "PATCH" | "PUT" = "PATCH",
): Entries<T> {
  const skip = ref(0);
  const query = ref<Record<string, string>>({});
  const editing = shallowRef<Entry | null>(null);
  const failure = shallowRef<ApiFailure | null>(null);
  const busy = ref(false);
  const list = useLoad(
    (signal) =>
      api<Page<T>>(withQuery(path, { ...query.value, skip: skip.value, limit }), { signal }),
    { on: ["lists"] },
  );

  async function change<R>(work: () => Promise<R>): Promise<R | null> {
    busy.value = true;
    failure.value = null;
    try {
      const done = await work();
      editing.value = null;
      void list.reload();
      return done;
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      failure.value = error;
      return null;
    } finally {
      busy.value = false;
    }
  }
  const idOf = (): string => part(String((editing.value as { id?: string } | null)?.id ?? ""));

  return {
    ...list,
    skip,
    limit,
    query,
    editing,
    failure,
    busy,
    search(wanted) {
      query.value = wanted;
      skip.value = 0;
      void list.reload();
    },
    go(to) {
      skip.value = to;
      void list.reload();
    },
    edit(entry) {
      failure.value = null;
      editing.value = entry;
    },
    save: (changes) =>
      change(() =>
        editing.value?.["id"]
          ? api<Entry>(`${path}/${idOf()}`, { method, body: changes })
          : api<Entry>(path, { method: "POST", body: changes }),
      ),
    remove: async () =>
      (await change(() =>
        api(`${path}/${idOf()}`, { method: "DELETE" }).then(() => true as const),
      )) ?? false,
  };
}

/** What a form shows for a value of an entry. */
export function toForm(field: Field, value: unknown): unknown {
  if (field.kind === "check") return value === true;
  if (field.kind === "many") return Array.isArray(value) ? [...(value as string[])] : [];
  if (field.kind === "words") return Array.isArray(value) ? value.join(", ") : "";
  return value ?? "";
}

/** What the API takes for what stands in a form. */
export function fromForm(field: Field, value: unknown): unknown {
  if (field.kind === "check" || field.kind === "many") return value;
  const text =
    typeof value === "number" ? String(value) : typeof value === "string" ? value.trim() : "";
  if (field.kind === "words")
    return text
      .split(/[,\n]/)
      .map((one) => one.trim())
      .filter(Boolean);
  if (text === "") return null;
  return field.kind === "number" ? Number(text) : text;
}
