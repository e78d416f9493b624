import { expect, test } from "vitest";
import { detailOf, kindOf } from "./kinds";

const t = (_: unknown, values?: object) => JSON.stringify(values ?? {});

test("a step that a form would not show whole is shown as JSON", () => {
  const backup = {
    type: "create_backup" as const,
    ignore_failure: false,
    foreground: true,
    ignored_files: [],
  };
  expect(kindOf(backup)).toBe("create_backup");
  expect(kindOf({ ...backup, ignored_files: ["logs"] })).toBe("other");
  expect(kindOf({ ...backup, name: { variable: "name" } })).toBe("other");
  expect(kindOf({ type: "sleep", duration: 90_000 })).toBe("sleep");
  expect(kindOf({ type: "sleep", duration: 1_500 })).toBe("other");
  expect(kindOf({ type: "end_if" })).toBe("other");
});

test("a step says what it does", () => {
  expect(detailOf(t, { type: "send_command", ignore_failure: false, command: "save-all" })).toBe("save-all");
  expect(detailOf(t, { type: "send_command", ignore_failure: false, command: { variable: "what" } })).toBe(
    "{{what}}",
  );
  expect(detailOf(t, { type: "exit", successful: false })).toBe("successful false");
});
