import { describe, expect, it } from "vitest";
import { MAX_PORTS, parsePorts } from "./ports";

describe("parsePorts", () => {
  it("takes single ports and ranges, each port once", () => {
    expect(parsePorts("25565, 25570-25572 25571")).toEqual({
      ok: true,
      ports: [25565, 25570, 25571, 25572],
    });
  });

  it.each([
    ["", "empty", ""],
    ["abc", "syntax", "abc"],
    ["25565-", "syntax", "25565-"],
    ["0", "bounds", "0"],
    ["65536", "bounds", "65536"],
    ["20-10", "order", "20-10"],
    [`1-${MAX_PORTS + 1}`, "many", `1-${MAX_PORTS + 1}`],
  ])("refuses %j", (text, problem, at) => {
    expect(parsePorts(text)).toEqual({ ok: false, problem, at });
  });
});
