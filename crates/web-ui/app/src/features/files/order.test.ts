import { describe, expect, it } from "vitest";
import { matching, ordered } from "./order";
import { entry } from "./samples";

const names = (list: readonly { name: string }[]) => list.map((e) => e.name);

describe("the order of a list", () => {
  const list = [
    entry("file10.txt", { size: 5 }),
    entry("File2.txt", { size: 50, modified: "2026-11-02T00:00:00Z" }),
    entry("zeta", { directory: true, size: 4096 }),
    entry("alpha", { directory: true }),
    entry(".env", { size: 500 }),
  ];

  it("has directories first and counts numbers", () => {
    expect(names(ordered(list, "name", false))).toEqual(["alpha", "zeta", ".env", "File2.txt", "file10.txt"]);
    expect(names(ordered(list, "name", true))).toEqual(["zeta", "alpha", "file10.txt", "File2.txt", ".env"]);
  });

  it("goes by size and by time, and by name among equals", () => {
    expect(names(ordered(list, "size", true))).toEqual(["alpha", "zeta", ".env", "File2.txt", "file10.txt"]);
    expect(names(ordered(list, "modified", false)).at(-1)).toBe("File2.txt");
  });

  it("leaves what it was given as it was, and is fast", () => {
    const many = Array.from({ length: 10_000 }, (_, i) => entry(`region.${(i * 7919) % 10_000}.mca`));
    const before = many[0];
    const start = performance.now();
    const sorted = ordered(many, "name", false);
    expect(performance.now() - start).toBeLessThan(2_000);
    expect(sorted[10]?.name).toBe("region.10.mca");
    expect(many[0]).toBe(before);
  });

  it("is filtered by name", () => {
    expect(names(matching(list, "FILE"))).toEqual(["file10.txt", "File2.txt"]);
    expect(matching(list, " ")).toBe(list);
  });
});
