import { describe, expect, it } from "vitest";
import { piecesOf } from "./command";
import { changesOf, defaultsOf, problemOf, refusedOf } from "./draft";
import type { Variable } from "./requests";

function variable(name: string, value: string, more: Partial<Variable> = {}): Variable {
  return {
    name,
    name_translations: {},
    description: null,
    description_translations: {},
    env_variable: name,
    default_value: "default",
    value,
    is_editable: true,
    is_secret: false,
    rules: ["required", "string", "max:10"],
    created: "2026-11-18T09:30:00Z",
    ...more,
  };
}

describe("a draft of variables", () => {
  const all = [variable("A", "a"), variable("B", "default"), variable("C", "c", { is_editable: false })];

  it("sends what differs from what is stored, and nothing that may not be changed", () => {
    expect(changesOf(all, {})).toEqual({});
    expect(changesOf(all, { A: "a", B: "other", C: "x" })).toEqual({ B: "other" });
    expect(changesOf(all, { A: "" })).toEqual({ A: "" });
  });

  it("takes a default that breaks the egg's own rules", () => {
    const odd = variable("D", "x", { default_value: "much too long for it", rules: ["max:10"] });
    expect(problemOf(odd, "much too long for it")).toBeNull();
    expect(problemOf(odd, "also much too long")).toEqual({ kind: "max", bound: 10, text: true });
    expect(problemOf(variable("E", "x", { default_value: "" }), "")).toEqual({ kind: "required" });
  });

  it("goes back to the egg's defaults", () => {
    expect(defaultsOf(all)).toEqual({ A: "default" });
    expect(defaultsOf([variable("N", "x", { default_value: null })])).toEqual({ N: "" });
  });

  it("finds the variable that a refusal names", () => {
    expect(refusedOf({ "variables.A": ["is too long"], name: ["is wrong"] })).toEqual({ A: "is too long" });
  });
});

describe("a startup command", () => {
  const values = new Map([
    ["JAR", "server.jar"],
    ["SERVER_MEMORY", "1024"],
  ]);

  it("shows the values that are known", () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: eggs write placeholders so.
    expect(piecesOf("java -Xmx{{SERVER_MEMORY}}M -jar ${JAR} {{ OTHER }}", values)).toEqual([
      { text: "java -Xmx" },
      { text: "1024", variable: "SERVER_MEMORY", filled: true },
      { text: "M -jar " },
      { text: "server.jar", variable: "JAR", filled: true },
      { text: " " },
      { text: "{{ OTHER }}", variable: "OTHER", filled: false },
    ]);
  });

  it("leaves a command without placeholders alone", () => {
    expect(piecesOf("./run", values)).toEqual([{ text: "./run" }]);
    expect(piecesOf("", values)).toEqual([]);
  });
});
