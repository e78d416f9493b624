import { describe, expect, it } from "vitest";
import { noChange, planRename } from "./rename";

const names = ["world.zip", "world_nether.zip", "eula.txt"];
const taken = new Set([...names, "old.zip"]);

describe("renaming many", () => {
  it("replaces text and keeps the ending where something is added", () => {
    const plan = planRename(
      names,
      { ...noChange, find: "world", replace: "map", before: "2026 ", after: "-x" },
      taken,
    );
    expect(plan.rows.map((r) => r.to)).toEqual([
      "2026 map-x.zip",
      "2026 map_nether-x.zip",
      "2026 eula-x.txt",
    ]);
    expect(plan.rows.every((r) => r.problem === null)).toBe(true);
  });

  it("numbers in the order of the list", () => {
    const many = Array.from({ length: 11 }, (_, i) => `shot${i}.png`);
    const plan = planRename(
      many,
      { ...noChange, find: "shot\\d+", replace: "shot", pattern: true, number: true },
      new Set(many),
    );
    expect(plan.rows[0]?.to).toBe("shot 01.png");
    expect(plan.rows[10]?.to).toBe("shot 11.png");
  });

  it("knows groups, and says when an expression can't be read", () => {
    expect(
      planRename(
        ["a-b.txt"],
        { ...noChange, find: "(\\w)-(\\w)", replace: "$2-$1", pattern: true },
        new Set(),
      ).moves,
    ).toEqual([{ from: "a-b.txt", to: "b-a.txt" }]);
    const bad = planRename(names, { ...noChange, find: "(", pattern: true }, taken);
    expect([bad.badPattern, bad.moves]).toEqual([true, []]);
  });

  it("tells what is in the way", () => {
    const problems = (rule: Partial<typeof noChange>) =>
      planRename(names, { ...noChange, ...rule }, taken).rows.map((r) => r.problem);
    expect(problems({ find: "world", replace: "old" })).toEqual(["taken", null, null]);
    expect(problems({ find: "world_nether", replace: "world" })).toEqual(["taken", "taken", null]);
    expect(problems({ find: "eula.txt", replace: "" })).toEqual([null, null, "empty"]);
    expect(problems({ find: "_", replace: "/" })).toEqual([null, "slash", null]);
  });

  it("moves only what changes", () => {
    expect(planRename(names, { ...noChange, find: "nope" }, taken).moves).toEqual([]);
  });
});
