import { describe, expect, it } from "vitest";
import { timeIn, timezones } from "./zones";

describe("time zones", () => {
  it("are in order, each once, with the one that is set", () => {
    const all = timezones("Mars/Olympus");
    expect(all).toContain("Europe/Berlin");
    expect(all).toContain("UTC");
    expect(all).toContain("Mars/Olympus");
    expect(new Set(all).size).toBe(all.length);
    expect(timezones(null)).not.toContain("Mars/Olympus");
  });

  it("tell the time, where they are known", () => {
    const noon = new Date("2026-01-15T12:00:00Z");
    expect(timeIn("UTC", noon, "de")).toBe("12:00");
    expect(timeIn("Europe/Berlin", noon, "de")).toBe("13:00");
    expect(timeIn("Mars/Olympus", noon, "de")).toBe("");
  });
});
