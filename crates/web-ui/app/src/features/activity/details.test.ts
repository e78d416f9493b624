import { expect, test } from "vitest";
import { factsOf, hasDetails } from "./details";

test("plain values are told, identifiers and nested values are not", () => {
  const data = {
    uuid: "1",
    name: "Weekly",
    files: ["a", "b", "c", "d"],
    nested: { a: 1 },
    size: 3,
    more: "x",
  };
  expect(factsOf(data)).toEqual([
    ["name", "Weekly"],
    ["files", "a, b, c …"],
    ["size", "3"],
  ]);
});

test("what is no object has no facts", () => {
  expect(factsOf(null)).toEqual([]);
  expect(factsOf("text")).toEqual([]);
  expect(hasDetails({})).toBe(false);
  expect(hasDetails({ a: 1 })).toBe(true);
});
