import { describe, expect, it } from "vitest";
import { backoff, type Line, LineQueue, mergeReplay, sanitize } from "./lines";

const line = (text: string): Line => ({ at: 0, kind: "output", text });

describe("sanitize", () => {
  it("keeps colours", () => {
    expect(sanitize("\x1b[1;31mred\x1b[0m \x1b[38;2;1;2;3mtrue\x1b[m")).toBe(
      "\x1b[1;31mred\x1b[0m \x1b[38;2;1;2;3mtrue\x1b[m",
    );
  });

  it.each([
    ["title", "\x1b]0;title\x07text"],
    ["clipboard", "\x1b]52;c;aGk=\x1b\\text"],
    ["link", "\x1b]8;;javascript:alert(1)\x1b\\text\x1b]8;;\x1b\\"],
    ["cursor", "\x1b[?25l\x1b[2J\x1b[Htext"],
    ["device control", "\x1bP1$r\x1b\\text"],
    ["private SGR", "\x1b[>4;2mtext"],
    ["reset", "\x1bctext"],
    ["bell and backspace", "te\x07\x08xt"],
    ["C1 controls", "\x9b31mtext".replace("31m", "")],
  ])("drops %s", (_, input) => {
    expect(sanitize(input)).toBe("text");
  });

  it("shows the last version of a progress line", () => {
    expect(sanitize("10 %\r20 %\r30 %\r\n")).toBe("30 %");
  });
});

describe("mergeReplay", () => {
  it("appends only what is new", () => {
    expect(mergeReplay(["a", "b", "c"], ["a", "b", "c", "d", "e"])).toEqual({
      fresh: ["d", "e"],
      gap: false,
    });
  });

  it("adds nothing when nothing was missed", () => {
    expect(mergeReplay(["a", "b", "c"], ["b", "c"])).toEqual({ fresh: [], gap: false });
  });

  it("finds the place although lines repeat", () => {
    expect(mergeReplay(["x", "tick", "tick"], ["x", "tick", "tick", "tick"]).gap).toBe(false);
  });

  it("tells when lines are missing", () => {
    expect(mergeReplay(["a", "b"], ["m", "n"])).toEqual({ fresh: ["m", "n"], gap: true });
  });

  it("takes everything on the first connection", () => {
    expect(mergeReplay([], ["a"])).toEqual({ fresh: ["a"], gap: false });
  });
});

describe("LineQueue", () => {
  it("drops the oldest lines and counts them", () => {
    const queue = new LineQueue(10);
    for (let i = 0; i < 25; i += 1) queue.push(line(String(i)));
    const { lines, skipped } = queue.drain();
    expect(lines.length + skipped).toBe(25);
    expect(lines.length).toBeLessThanOrEqual(11);
    expect(lines.at(-1)?.text).toBe("24");
    expect(queue.drain()).toEqual({ lines: [], skipped: 0 });
  });
});

describe("backoff", () => {
  it("doubles up to 30 s and never hits at once", () => {
    expect(backoff(0, 0.999)).toBeLessThanOrEqual(500);
    expect(backoff(3, 0.999)).toBeLessThanOrEqual(4_000);
    expect(backoff(50, 0.999)).toBeLessThanOrEqual(30_000);
    expect(backoff(50, 0)).toBe(200);
  });
});
