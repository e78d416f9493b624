/** The most ports that one request may add. */
export const MAX_PORTS = 1000;

export type PortRanges =
  | { ok: true; ports: number[] }
  | { ok: false; problem: "empty" | "syntax" | "bounds" | "order" | "many"; at: string };

/** Reads `25565, 25570-25580` into single ports, each once, in the order written. */
export function parsePorts(text: string): PortRanges {
  const found = new Set<number>();
  const parts = text
    .split(/[\s,;]+/)
    .map((p) => p.trim())
    .filter((p) => p !== "");
  if (parts.length === 0) return { ok: false, problem: "empty", at: "" };
  for (const part of parts) {
    const match = /^(\d{1,6})(?:[-–](\d{1,6}))?$/.exec(part);
    if (!match) return { ok: false, problem: "syntax", at: part };
    const from = Number(match[1]);
    const to = match[2] === undefined ? from : Number(match[2]);
    if (from < 1 || to > 65_535 || from > 65_535) return { ok: false, problem: "bounds", at: part };
    if (to < from) return { ok: false, problem: "order", at: part };
    if (found.size + (to - from + 1) > MAX_PORTS) return { ok: false, problem: "many", at: part };
    for (let port = from; port <= to; port += 1) found.add(port);
  }
  return { ok: true, ports: [...found] };
}
