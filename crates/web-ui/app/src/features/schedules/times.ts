import type { Trigger } from "./requests";

/** When a schedule runs, as people choose it. */
export type Times =
  | { repeat: "hand" }
  | { repeat: "daily"; time: string }
  | { repeat: "weekly"; time: string; day: string }
  | { repeat: "hourly"; every: number }
  | { repeat: "minutely"; every: number }
  | { repeat: "pattern"; pattern: string }
  | { repeat: "events" };

const two = (n: string) => n.padStart(2, "0");
const isNumber = (text: string) => /^\d{1,2}$/.test(text);

/** What a cron pattern says, as far as it can be chosen without one. */
export function readPattern(pattern: string): Times {
  const own: Times = { repeat: "pattern", pattern };
  let parts = pattern.trim().split(/\s+/);
  // The seconds may be left out.
  if (parts.length === 6 && parts[0] === "0") parts = parts.slice(1);
  const [minute = "", hour = "", day, month, weekday = ""] = parts;
  if (parts.length !== 5 || day !== "*" || month !== "*") return own;
  if (isNumber(minute) && isNumber(hour)) {
    const time = `${two(hour)}:${two(minute)}`;
    if (weekday === "*") return { repeat: "daily", time };
    return /^[0-6]$/.test(weekday) ? { repeat: "weekly", time, day: weekday } : own;
  }
  if (weekday !== "*") return own;
  const everyHour = minute === "0" ? /^\*(?:\/(\d{1,2}))?$/.exec(hour) : null;
  if (everyHour) return { repeat: "hourly", every: Number(everyHour[1] ?? 1) };
  const everyMinute = hour === "*" ? /^\*(?:\/(\d{1,2}))?$/.exec(minute) : null;
  return everyMinute ? { repeat: "minutely", every: Number(everyMinute[1] ?? 1) } : own;
}

/** When these triggers start a schedule. */
export function readTriggers(triggers: readonly Trigger[]): Times {
  const [only] = triggers;
  if (!only) return { repeat: "hand" };
  return triggers.length === 1 && only.type === "cron" ? readPattern(only.schedule) : { repeat: "events" };
}

/** The cron pattern of a choice; nothing for those that have none. */
export function writePattern(times: Times): string | null {
  switch (times.repeat) {
    case "daily":
    case "weekly": {
      const [hour = "0", minute = "0"] = times.time.split(":");
      return `${Number(minute)} ${Number(hour)} * * ${times.repeat === "weekly" ? times.day : "*"}`;
    }
    case "hourly":
      return times.every === 1 ? "0 * * * *" : `0 */${times.every} * * *`;
    case "minutely":
      return times.every === 1 ? "* * * * *" : `*/${times.every} * * * *`;
    case "pattern":
      return times.pattern.trim();
    default:
      return null;
  }
}

/** The names of the weekdays from Sunday, as patterns count them. */
export function weekdays(locale: string): string[] {
  const format = new Intl.DateTimeFormat(locale, { weekday: "long", timeZone: "UTC" });
  // The 4th of January 1970 was a Sunday.
  return Array.from({ length: 7 }, (_, i) => format.format(new Date(Date.UTC(1970, 0, 4 + i))));
}
