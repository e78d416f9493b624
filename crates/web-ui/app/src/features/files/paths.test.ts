import { describe, expect, it } from "vitest";
import { clean, freeName, isWithin, join, nameOf, nameProblem, parentOf, relative, trail } from "./paths";

describe("paths", () => {
  it("have one way to be written", () => {
    expect(clean("")).toBe("/");
    expect(clean("//a/./b/../c/")).toBe("/a/c");
    expect(clean("../../etc")).toBe("/etc");
    expect(clean("/a%2Fb #1/ä.yml")).toBe("/a%2Fb #1/ä.yml");
  });

  it("are joined, taken apart and told from each other", () => {
    expect(join("/a", "b/c")).toBe("/a/b/c");
    expect(join("/a", "/c")).toBe("/c");
    expect(parentOf("/a/b")).toBe("/a");
    expect(parentOf("/")).toBe("/");
    expect(nameOf("/a/b.yml")).toBe("b.yml");
    expect(nameOf("/")).toBe("");
    expect(trail("/a/b")).toEqual([
      { name: "a", path: "/a" },
      { name: "b", path: "/a/b" },
    ]);
    expect(isWithin("/ab", "/a")).toBe(false);
    expect(isWithin("/a/b", "/a")).toBe(true);
    expect(isWithin("/a", "/")).toBe(true);
  });

  it("are told from a directory", () => {
    expect(relative("/a/b", "/a/c/d")).toBe("../c/d");
    expect(relative("/", "/x")).toBe("x");
    expect(relative("/a", "/a/x")).toBe("x");
  });
});

describe("names", () => {
  it.each([
    ["", "empty"],
    ["  ", "empty"],
    ["a/b", "slash"],
    ["..", "dots"],
    ["ä".repeat(128), "long"],
    ["there", "taken"],
    [".hidden", null],
    ["ä #%.txt", null],
  ])("%j: %s", (name, problem) => {
    expect(nameProblem(name, new Set(["there"]))).toBe(problem);
  });

  it("get a free one beside those that are taken", () => {
    expect(freeName("a.zip", new Set(), "copy")).toBe("a copy.zip");
    expect(freeName("a.zip", new Set(["a copy.zip"]), "copy")).toBe("a copy 2.zip");
    expect(freeName(".env", new Set(), "copy")).toBe(".env copy");
  });
});
