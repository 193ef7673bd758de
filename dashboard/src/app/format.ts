import { language } from "./i18n";

type Time = string | number | Date | null | undefined;

const EMPTY = "—";

function date(value: Time): Date | null {
  if (value === null || value === undefined || value === "") return null;
  const made = new Date(value);
  return Number.isNaN(made.getTime()) ? null : made;
}

/** Thai dates are shown in the common era, as the records have them. */
function locale(): string {
  return language.value === "th" ? "th-TH-u-ca-gregory" : language.value;
}

function shown(value: Time, options: Intl.DateTimeFormatOptions): string {
  const made = date(value);
  return made ? new Intl.DateTimeFormat(locale(), options).format(made) : EMPTY;
}

export const clock = (value: Time): string =>
  shown(value, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

export const day = (value: Time): string =>
  shown(value, { day: "numeric", month: "short", year: "numeric" });

export const dayAndClock = (value: Time): string =>
  shown(value, {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });

/** The time of day for today, else the day with it. */
export function moment(value: Time): string {
  const made = date(value);
  if (!made) return EMPTY;
  return made.toDateString() === new Date().toDateString() ? clock(made) : dayAndClock(made);
}

/** "5 minutes ago". */
export function ago(value: Time, now: number): string {
  const made = date(value);
  if (!made) return EMPTY;
  const seconds = Math.round((made.getTime() - now) / 1000);
  const format = new Intl.RelativeTimeFormat(locale(), { numeric: "auto" });
  if (Math.abs(seconds) < 60) return format.format(Math.min(0, seconds), "second");
  if (Math.abs(seconds) < 3600) return format.format(Math.round(seconds / 60), "minute");
  if (Math.abs(seconds) < 86_400) return format.format(Math.round(seconds / 3600), "hour");
  return format.format(Math.round(seconds / 86_400), "day");
}

export function number(value: number | null | undefined, digits = 0): string {
  if (value === null || value === undefined) return EMPTY;
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);
}

/** A share 0..1 in per cent. */
export function percent(value: number | null | undefined): string {
  if (value === null || value === undefined) return EMPTY;
  return new Intl.NumberFormat(locale(), { style: "percent" }).format(value);
}

/** Seconds as a person says them: "45 s", "12 min", "3 h 5 min". */
export function duration(value: number): string {
  const unit = (amount: number, of: "second" | "minute" | "hour" | "day"): string =>
    new Intl.NumberFormat(locale(), { style: "unit", unit: of, unitDisplay: "short" }).format(
      amount,
    );
  const minutes = Math.round(value / 60);
  if (value < 60) return unit(Math.round(value), "second");
  if (minutes < 60) return unit(minutes, "minute");
  const hours = Math.floor(minutes / 60);
  const [big, small] =
    hours < 24
      ? [unit(hours, "hour"), unit(minutes % 60, "minute")]
      : [unit(Math.floor(hours / 24), "day"), unit(hours % 24, "hour")];
  return (hours < 24 ? minutes % 60 : hours % 24) === 0 ? big : `${big} ${small}`;
}

/** Milliseconds in seconds. */
export function seconds(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return EMPTY;
  return `${new Intl.NumberFormat(locale(), { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(ms / 1000)} s`;
}

export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return EMPTY;
  const units = ["B", "kB", "MB", "GB", "TB"];
  let size = value;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${number(size, size < 10 ? 1 : 0)} ${units[unit]}`;
}

/** An address of a computer; one of IPv4 as people write it, not mapped into IPv6. */
export const host = (address: string | null | undefined): string =>
  address ? address.replace(/^::ffff:(?=\d+\.)/, "") : EMPTY;

/** What an `<input type="datetime-local">` shows for an instant. */
export function toLocalInput(value: Time): string {
  const made = date(value);
  if (!made) return "";
  const local = new Date(made.getTime() - made.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

/** The instant that an `<input type="datetime-local">` means, or null. */
export function fromLocalInput(text: string): string | null {
  return date(text)?.toISOString() ?? null;
}
