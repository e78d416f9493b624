import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync("src/styles/tokens.css", "utf8");

/** The hex colours of one theme; later blocks win, as in the browser. */
function colours(theme: "dark" | "light"): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, selector = "", body = ""] of css.matchAll(/([^{}]+)\{([^{}]*)\}/g)) {
    if (!selector.includes(`data-theme="${theme}"`)) continue;
    for (const [, name = "", value = ""] of body.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/gi))
      found.set(name, value);
  }
  return found;
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((i) => {
    const c = Number.parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function ratio(a: string, b: string): number {
  const [high = 1, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

describe.each(["dark", "light"] as const)("the %s theme", (theme) => {
  const all = colours(theme);
  const get = (name: string) => all.get(name) ?? "#000000";

  it("has all terminal colours", () => {
    expect([...all.keys()].filter((n) => n.startsWith("ansi-"))).toHaveLength(16);
  });

  it.each([...all.keys()].filter((n) => n.startsWith("ansi-")))(
    "shows %s readably in the console",
    (name) => {
      expect(ratio(get(name), get("sunken"))).toBeGreaterThanOrEqual(4.5);
    },
  );

  it.each(["text", "text-2", "text-3", "accent"])("shows %s readably on every surface", (name) => {
    for (const under of ["sunken", "canvas", "surface", "raised", "hover"])
      expect(ratio(get(name), get(under)), under).toBeGreaterThanOrEqual(4.5);
  });

  it.each([...all.keys()].filter((n) => n.startsWith("st-")))("shows %s readably on cards", (name) => {
    expect(ratio(get(name), get("surface"))).toBeGreaterThanOrEqual(4.5);
  });

  it("shows control edges, focus and chart lines at 3:1", () => {
    for (const name of ["control", "focus", "c1", "c2", "c3", "c4"])
      expect(ratio(get(name), get("surface")), name).toBeGreaterThanOrEqual(3);
  });
});
