/** The plain facts of an event's data, as short pairs: nested values are left to the details. */
export function factsOf(data: unknown, most = 3): [string, string][] {
  if (typeof data !== "object" || data === null || Array.isArray(data)) return [];
  const facts: [string, string][] = [];
  for (const [key, value] of Object.entries(data)) {
    if (facts.length === most) break;
    if (key === "uuid" || key.endsWith("_uuid")) continue;
    if (typeof value === "number" || typeof value === "boolean") facts.push([key, String(value)]);
    else if (typeof value === "string" && value !== "") facts.push([key, value]);
    else if (Array.isArray(value) && value.length > 0 && value.every((v) => typeof v === "string"))
      facts.push([key, value.slice(0, 3).join(", ") + (value.length > 3 ? " …" : "")]);
  }
  return facts;
}

/** Whether there is anything to show of an event's data. */
export function hasDetails(data: unknown): boolean {
  return typeof data === "object" && data !== null && Object.keys(data).length > 0;
}
