import { ref, shallowRef, type Ref, type ShallowRef } from "vue";
import { api, part, withQuery, type ApiFailure, type Page } from "./api";
import { useChange } from "./change";
import { hasText, t } from "./i18n";
import { useLoad, type Loaded } from "./load";

/**
 * One field of a form. Its text is `<texts>.<name>`, its help `<texts>.<name>_help`.
 * A name with dots is a value inside of another: "channel.host".
 */
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
  /** What counts where it is left empty. */
  usual?: string;
  /** Of "number": the least, the most and the step. */
  least?: number;
  most?: number;
  step?: number;
  /** Shown for some values of other fields only, and only then sent. */
  when?: (values: Record<string, unknown>) => boolean;
  /** Why it cannot be changed here. */
  locked?: string | undefined;
  /** What the form works with, where it is not the value itself (per cent of a share). */
  show?: (value: unknown, entry: Entry) => unknown;
  /** The value again for what the form worked with; undefined: it is not sent. */
  keep?: (shown: unknown, values: Record<string, unknown>) => unknown;
}

export type Entry = Record<string, unknown>;

/** What is odd about an entry that was saved all the same; the code's text is in `entry_warnings`. */
export interface EntryWarning {
  field: string;
  code: string;
  message: string;
}

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
  /** What the last save was told. */
  warnings: ShallowRef<EntryWarning[]>;
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
  const warnings = shallowRef<EntryWarning[]>([]);
  const { busy, failure, run } = useChange();
  const list = useLoad(
    (signal) =>
      api<Page<T>>(withQuery(path, { ...query.value, skip: skip.value, limit }), { signal }),
    { on: ["lists"] },
  );

  async function change<R>(work: () => Promise<R>): Promise<R | null> {
    const done = await run(work);
    if (failure.value) return null;
    editing.value = null;
    warnings.value = (done as { warnings?: EntryWarning[] } | null)?.warnings ?? [];
    void list.reload();
    return done;
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
    warnings,
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
      if (entry) warnings.value = [];
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

/** What a form shows for the fields of an entry. */
export function formValues(fields: Field[], entry: Entry): Record<string, unknown> {
  return Object.fromEntries(
    fields.map((field) => {
      const value = valueAt(entry, field.name);
      return [field.name, toForm(field, field.show ? field.show(value, entry) : value)];
    }),
  );
}

/** What the API takes for what stands in a form. @param empty whether fields left empty are sent */
export function formBody(fields: Field[], values: Record<string, unknown>, empty: boolean): Entry {
  const body: Entry = {};
  for (const field of fields) {
    if (field.locked !== undefined || field.when?.(values) === false) continue;
    const plain = fromForm(field, values[field.name]);
    const value = field.keep ? field.keep(plain, values) : plain;
    if (value === undefined || (value === null && !empty)) continue;
    putAt(body, field.name, value);
  }
  return body;
}

/** Fields in which something else stands than what was loaded into the form. */
export function touchedFields(
  fields: Field[],
  values: Record<string, unknown>,
  loaded: Record<string, unknown>,
): Field[] {
  return fields.filter(({ name }) => !same(values[name], loaded[name]));
}

/** Whether two values of JSON are the same. */
export const same = (a: unknown, b: unknown): boolean =>
  JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

function valueAt(entry: Entry, name: string): unknown {
  return name.split(".").reduce<unknown>((at, step) => (at as Entry | null)?.[step], entry);
}

function putAt(body: Entry, name: string, value: unknown): void {
  const steps = name.split(".");
  const last = steps.pop() ?? "";
  let at = body;
  for (const step of steps) at = (at[step] ??= {}) as Entry;
  at[last] = value;
}

function toForm(field: Field, value: unknown): unknown {
  if (field.kind === "check") return value === true;
  if (field.kind === "many") return Array.isArray(value) ? [...(value as string[])] : [];
  if (field.kind === "words") return Array.isArray(value) ? value.join(", ") : (value ?? "");
  return value ?? "";
}

function fromForm(field: Field, value: unknown): unknown {
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

/** What the server says against a field. */
export function errorOfField({ name }: Field, failure: ApiFailure | null): string {
  const mine = failure?.fields.find(({ field }) => field === name || field.startsWith(`${name}.`));
  if (!mine) return "";
  const known = `entry_errors.${mine.code}`;
  return hasText(known) ? t(known) : mine.message;
}

/** The failure where it is not all about fields of the form: then it is shown above it. */
export function generalFailure(fields: Field[], failure: ApiFailure | null): ApiFailure | null {
  if (!failure || failure.fields.length === 0) return failure;
  const known = (one: string): boolean =>
    fields.some(({ name }) => one === name || one.startsWith(`${name}.`));
  return failure.fields.every(({ field }) => known(field)) ? null : failure;
}

/** A share 0..1 that people see in per cent. */
export const perCent: Pick<Field, "kind" | "least" | "most" | "step" | "show" | "keep"> = {
  kind: "number",
  step: 0.1,
  least: 0,
  most: 100,
  show: (value) => (typeof value === "number" ? Math.round(value * 1000) / 10 : null),
  keep: (shown) => (typeof shown === "number" ? shown / 100 : null),
};
