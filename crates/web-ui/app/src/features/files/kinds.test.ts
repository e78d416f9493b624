import { describe, expect, it } from "vitest";
import { imageType, isArchive, kindOf, languageOf, openerOf } from "./kinds";
import { entry } from "./samples";

describe("kinds of files", () => {
  it.each([
    ["paper-global.yml", "yaml"],
    ["ops.JSON", "json"],
    ["server.properties", "properties"],
    ["velocity.toml", "toml"],
    ["index.mjs", "javascript"],
    ["Main.java", "java"],
    ["init.lua", "lua"],
    ["start.sh", "shell"],
    ["pom.xml", "xml"],
    ["README.md", "markdown"],
    ["eula.txt", null],
    ["no ending", null],
  ])("%s is %s", (name, language) => expect(languageOf(name)).toBe(language));

  it("are told by the first line, too", () => {
    expect(languageOf("start", "#!/usr/bin/env bash")).toBe("shell");
    expect(languageOf("tool", "#!/usr/bin/env node")).toBe("javascript");
    expect(languageOf("feed", '<?xml version="1.0"?>')).toBe("xml");
  });

  it.each(["a.zip", "a.tar.gz", "a.tgz", "a.7z", "a.tar.zst", "A.ZIP"])("%s is an archive", (name) =>
    expect(isArchive(name)).toBe(true),
  );

  it("do not show what runs", () => {
    expect(imageType("icon.png")).toBe("image/png");
    expect(imageType("icon.svg")).toBeNull();
    expect(isArchive("paper.jar")).toBe(false);
    expect(kindOf(entry("paper.jar"))).toBe("program");
  });

  it("open in the list or in the editor", () => {
    expect(openerOf(entry("world", { directory: true }))).toBe("list");
    expect(openerOf(entry("world.zip"))).toBe("list");
    expect(openerOf(entry("eula.txt"))).toBe("editor");
  });
});
