import { describe, expect, it } from "vitest";
import { all, kept, nothing, pick, step, typed } from "./selection";

const order = ["a", "b", "c", "d", "delta"];
const marked = (s: { names: ReadonlySet<string> }) => [...s.names];

describe("a selection", () => {
  it("is one row, several, or a range", () => {
    let s = pick(nothing, order, "b");
    expect(marked(s)).toEqual(["b"]);
    s = pick(s, order, "d", { shift: true });
    expect(marked(s)).toEqual(["b", "c", "d"]);
    s = pick(s, order, "c", { keep: true });
    expect(marked(s)).toEqual(["b", "d"]);
    s = pick(s, order, "a", { shift: true, keep: true });
    expect(marked(s).sort()).toEqual(["a", "b", "c", "d"]);
  });

  it("follows the keyboard only with shift", () => {
    let s = step(nothing, order, 1, false);
    expect([s.cursor, marked(s)]).toEqual(["a", []]);
    s = step(s, order, 2, true);
    expect(marked(s)).toEqual(["a", "b", "c"]);
    s = step(s, order, -1, true);
    expect(marked(s)).toEqual(["a", "b"]);
    expect(step(s, order, 99, false).cursor).toBe("delta");
    expect(step(nothing, order, -1, false).cursor).toBe("delta");
    expect(step(nothing, order, order.length, false).cursor).toBe("delta");
    expect(step(nothing, order, -order.length, false).cursor).toBe("a");
    expect(step(nothing, [], 1, false)).toBe(nothing);
  });

  it("forgets what is gone, and is the same when nothing is", () => {
    const s = all(pick(nothing, order, "b"), order);
    expect(kept(s, new Set(order))).toBe(s);
    const rest = kept(s, new Set(["a", "c"]));
    expect([marked(rest), rest.cursor]).toEqual([["a", "c"], null]);
  });

  it("is found by typing", () => {
    expect(typed(order, null, "d")).toBe("d");
    expect(typed(order, "d", "d")).toBe("delta");
    expect(typed(order, "d", "de")).toBe("delta");
    expect(typed(order, "delta", "a")).toBe("a");
    expect(typed(order, null, "x")).toBe(null);
  });
});
