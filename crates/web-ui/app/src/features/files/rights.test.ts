import { describe, expect, it } from "vitest";
import { rightsOf } from "./rights";
import { actionsFor } from "./row-menu";
import { entry } from "./samples";

const actions = (permissions: string[], entries = [entry("a.zip")], writable = true) =>
  actionsFor(entries, rightsOf({ permissions }, writable)).map((a) => a.action);

describe("what may be done with files", () => {
  it("follows the permissions", () => {
    expect(actions(["files.read"])).toEqual(["open", "details"]);
    expect(actions(["files.read", "files.read-content"])).toEqual(["open", "download", "remote", "details"]);
    expect(actions(["files.delete"])).toContain("delete");
    expect(actions(["*"])).toContain("extract");
    expect(actions(["files.*"])).toEqual(actions(["*"]));
  });

  it("follows what is marked", () => {
    expect(actions(["*"], [entry("a.txt")])).not.toContain("extract");
    expect(actions(["*"], [entry("a.txt"), entry("b.txt")])).not.toContain("open");
    expect(actions(["*"], [entry("a.txt"), entry("b.txt")])).toContain("rename");
  });

  it("is reading only where nothing can be written", () => {
    expect(actions(["*"], [entry("in an archive.txt")], false)).toEqual([
      "open",
      "download",
      "remote",
      "details",
    ]);
  });
});
