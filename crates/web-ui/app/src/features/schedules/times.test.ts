import { expect, test } from "vitest";
import { readPattern, readTriggers, type Times, weekdays, writePattern } from "./times";

const known: [string, Times][] = [
  ["30 4 * * *", { repeat: "daily", time: "04:30" }],
  ["5 16 * * 1", { repeat: "weekly", time: "16:05", day: "1" }],
  ["0 */6 * * *", { repeat: "hourly", every: 6 }],
  ["0 * * * *", { repeat: "hourly", every: 1 }],
  ["*/15 * * * *", { repeat: "minutely", every: 15 }],
  ["* * * * *", { repeat: "minutely", every: 1 }],
];

test.each(known)("%s is read and written", (pattern, times) => {
  expect(readPattern(pattern)).toEqual(times);
  expect(readPattern(`0 ${pattern}`)).toEqual(times);
  expect(writePattern(times)).toBe(pattern);
});

test.each(["0 4 1 * *", "0 4 * * 1-5", "5,10 * * * *", "30 0 4 * * *", "@daily", "", "0 */6 * * 1"])(
  "%s stays a pattern",
  (pattern) => {
    expect(readPattern(pattern)).toEqual({ repeat: "pattern", pattern });
  },
);

test("more than one trigger, or another kind, is left as it is", () => {
  expect(readTriggers([])).toEqual({ repeat: "hand" });
  expect(readTriggers([{ type: "crash" }])).toEqual({ repeat: "events" });
  const two = [
    { type: "cron" as const, schedule: "0 4 * * *" },
    { type: "cron" as const, schedule: "0 5 * * *" },
  ];
  expect(readTriggers(two)).toEqual({ repeat: "events" });
});

test("a week begins on Sunday for patterns", () => {
  expect(weekdays("en")[0]).toBe("Sunday");
  expect(weekdays("de")[1]).toBe("Montag");
});
