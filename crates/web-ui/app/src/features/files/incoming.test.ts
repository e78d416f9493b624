import { describe, expect, it } from "vitest";
import { conflicts, type Dropped, settle, sizeOf } from "./incoming";

const file = (name: string, text = "x") => new File([text], name);
const dropped: Dropped = {
  files: [
    { below: "", file: file("a.yml", "four") },
    { below: "", file: file("new.yml") },
    { below: "maps/arena", file: file("one.schem") },
  ],
  folders: ["maps", "maps/arena", "maps/empty"],
};
const taken = new Set(["a.yml", "maps", "a copy.yml"]);
const paths = (d: Dropped) => d.files.map((f) => `${f.below}/${f.file.name}`);

describe("what is dropped onto a directory", () => {
  it("is compared with what is there", () => {
    expect(conflicts(dropped, taken)).toEqual(["a.yml", "maps"]);
    expect(conflicts(dropped, new Set())).toEqual([]);
    expect(sizeOf(dropped)).toBe(6);
  });

  it("replaces, leaves out, or stands beside it", () => {
    expect(settle(dropped, "replace", taken, "copy")).toBe(dropped);
    expect(paths(settle(dropped, "skip", taken, "copy"))).toEqual(["/new.yml"]);
    const both = settle(dropped, "both", taken, "copy");
    expect(paths(both)).toEqual(["/a copy 2.yml", "/new.yml", "maps copy/arena/one.schem"]);
    expect(both.folders).toEqual(["maps copy", "maps copy/arena", "maps copy/empty"]);
  });
});
