import { LOCALE } from "@/i18n";

const locale = () => (LOCALE === "en" ? "en-GB" : LOCALE);

/** The time on the day itself, the day in the same year, else the whole date. */
export function when(text: string, now = new Date()): string {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return "–";
  if (at.toDateString() === now.toDateString())
    return at.toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit" });
  return at.toLocaleDateString(locale(), {
    day: "numeric",
    month: "short",
    ...(at.getFullYear() === now.getFullYear() ? {} : { year: "numeric" }),
  });
}

/** Date, time and zone. */
export function whenExact(text: string): string {
  const at = new Date(text);
  return Number.isNaN(at.getTime())
    ? ""
    : at.toLocaleString(locale(), { dateStyle: "long", timeStyle: "long" });
}
