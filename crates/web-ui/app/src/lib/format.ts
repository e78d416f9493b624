import { LOCALE } from "@/i18n";

const KIB = 1024;
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

function digits(value: number): number {
  return value < 10 ? 1 : 0;
}

function plain(value: number, fraction: number): string {
  return value.toLocaleString(LOCALE, { maximumFractionDigits: fraction });
}

/** A size in binary units with a space before the unit: `5.1 GiB`. */
export function bytes(value: number): string {
  let v = Math.max(0, value);
  let unit = 0;
  while (v >= KIB && unit < UNITS.length - 1) {
    v /= KIB;
    unit += 1;
  }
  return `${plain(v, unit === 0 ? 0 : digits(v))} ${UNITS[unit]}`;
}

/** The short form for cards: `5.1 G`, `512 M`, `53 B`, `0`. */
export function shortBytes(value: number): string {
  const [n = "0", unit = "B"] = bytes(value).split(" ");
  return n === "0" ? n : `${n} ${unit.charAt(0)}`;
}

/** A size beside its limit in MiB, in the limit's unit and without it: `5.1` of `8 GiB`, `0.91` of `2 GiB`. */
export function against(value: number, limitMib: number): string {
  const unit = UNITS.findIndex((u) => bytes(mib(limitMib)).endsWith(` ${u}`));
  const scaled = value / KIB ** unit;
  // What would be rounded to nothing keeps a unit of its own.
  if (limitMib === 0 || (value > 0 && scaled < 0.01)) return bytes(value);
  return plain(scaled, scaled < 1 ? 2 : digits(scaled));
}

/** MiB, the unit of all limits, as bytes. */
export function mib(value: number): number {
  return value * KIB * KIB;
}

/** A limit in MiB as text; 0 means that there is none. */
export function limit(valueMib: number, unlimited: string): string {
  return valueMib === 0 ? unlimited : bytes(mib(valueMib));
}

/** A share of a CPU core in percent: `76 %`. */
export function percent(value: number): string {
  return `${plain(value, value < 10 ? 1 : 0)} %`;
}

/** A span of time in its two largest units: `2 d 4 h`, `9 h 12 m`, `0:41`. */
export function span(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  const d = Math.floor(s / 86_400);
  const h = Math.floor((s % 86_400) / 3_600);
  const m = Math.floor((s % 3_600) / 60);
  if (d > 0) return `${d} d ${h} h`;
  if (h > 0) return `${h} h ${m} m`;
  return `${m}:${String(s % 60).padStart(2, "0")}`;
}

/** Wall-clock time with seconds: `14:18:01`. */
export function clock(at: number): string {
  const d = new Date(at);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}

/** Relative up to a day, then the date. */
export function ago(at: Date, now: Date): string {
  const seconds = Math.round((at.getTime() - now.getTime()) / 1000);
  const f = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto", style: "short" });
  const abs = Math.abs(seconds);
  if (abs < 60) return f.format(seconds, "second");
  if (abs < 3_600) return f.format(Math.round(seconds / 60), "minute");
  if (abs < 86_400) return f.format(Math.round(seconds / 3_600), "hour");
  return date(at);
}

/** A date without the time: `18 Nov 2026`. */
export function date(at: Date): string {
  return at.toLocaleDateString(LOCALE === "en" ? "en-GB" : LOCALE, {
    day: "numeric",
    month: "short",
    year: "numeric",
  });
}

/** A date with the time to the minute: `18 Nov 2026, 14:05`. */
export function dateTime(at: Date): string {
  return at.toLocaleString(LOCALE === "en" ? "en-GB" : LOCALE, { dateStyle: "medium", timeStyle: "short" });
}

/** `ip:port`, with brackets around an IPv6 address; the alias wins where there is one. */
export function address(a: { ip: string; ip_alias?: string | null; port: number }): string {
  const host = a.ip_alias || a.ip;
  return host.includes(":") ? `[${host}]:${a.port}` : `${host}:${a.port}`;
}

/** Up to two initials for an avatar. */
export function initials(...names: string[]): string {
  return names
    .map((n) => n.trim().charAt(0))
    .join("")
    .slice(0, 2)
    .toUpperCase();
}
