import { describe, expect, it } from "vitest";
import { checkRules, controlFor, isRequired } from "./rules";

describe("checkRules", () => {
  it("treats an empty value as not set", () => {
    expect(checkRules(["string", "min:3"], "")).toBeNull();
    expect(checkRules(["required", "string"], "  ")).toEqual({ kind: "required" });
  });

  it("counts characters of text and the value of numbers", () => {
    expect(checkRules(["string", "max:3"], "12345")).toEqual({ kind: "max", bound: 3, text: true });
    expect(checkRules(["numeric", "max:8"], "7778")).toEqual({ kind: "max", bound: 8, text: false });
    expect(checkRules(["integer", "between:1024,65535"], "25565")).toBeNull();
    expect(checkRules(["string", "max:2"], "🐟🐟")).toBeNull();
  });

  it("reads patterns with any delimiters", () => {
    const rule = "regex:/^([\\w\\d._-]+)(\\.jar)$/";
    expect(checkRules([rule], "server.jar")).toBeNull();
    expect(checkRules([rule], "server.zip")).toEqual({ kind: "pattern" });
    expect(checkRules(["regex:([a-z]+$)"], "abc")).toBeNull();
    expect(checkRules(["not_regex:/x/"], "axb")).toEqual({ kind: "pattern" });
  });

  it("leaves what this engine can't read to the server", () => {
    expect(checkRules(["regex:/(?>a)/", "some_new_rule:1"], "b")).toBeNull();
  });

  it("takes names in any spelling", () => {
    expect(checkRules(["alphaDash"], "a b")).toEqual({ kind: "alpha_dash" });
    expect(checkRules(["Required"], "")).toEqual({ kind: "required" });
    expect(checkRules(["int"], "1.5")).toEqual({ kind: "integer" });
  });

  it("compares choices exactly", () => {
    expect(checkRules(["in:a,b"], "A")).toEqual({ kind: "in", options: ["a", "b"] });
    expect(checkRules(['in:"x,y",z'], "x,y")).toBeNull();
  });
});

describe("controlFor", () => {
  it("follows the rules", () => {
    expect(controlFor(["required", "boolean"], "1")).toEqual({ kind: "switch", on: "1", off: "0" });
    expect(controlFor(["in:true,false"], "true")).toEqual({ kind: "switch", on: "true", off: "false" });
    expect(controlFor(["in:a,b,c"], "a")).toEqual({ kind: "select", options: ["a", "b", "c"] });
    expect(controlFor(["nullable", "integer"], "")).toEqual({ kind: "number" });
    expect(controlFor(["string"], "")).toEqual({ kind: "text" });
    expect(isRequired(["nullable", "string"])).toBe(false);
  });
});
