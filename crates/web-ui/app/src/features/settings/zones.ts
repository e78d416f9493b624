/** All time zones this browser knows, with the one that is set even if it does not know it. */
export function timezones(current: string | null): string[] {
  const all = new Set(["UTC", ...Intl.supportedValuesOf("timeZone")]);
  if (current) all.add(current);
  return [...all].sort((a, b) => a.localeCompare(b, "en"));
}

/** The time in a zone to the minute, or nothing for a zone that this browser does not know. */
export function timeIn(zone: string, at: Date, locale: string): string {
  try {
    return at.toLocaleTimeString(locale, { timeZone: zone, hour: "2-digit", minute: "2-digit" });
  } catch {
    return "";
  }
}
