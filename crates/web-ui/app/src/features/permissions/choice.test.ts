import { expect, test } from "vitest";
import { choose, keysOf } from "./choice";

const groups = {
  control: { description: "Power", permissions: { start: "Start", stop: "Stop" } },
  files: { description: "Files", permissions: { read: "Read" } },
};

test("keys name the group and the permission", () => {
  expect(keysOf(groups)).toEqual(["control.start", "control.stop", "files.read"]);
});

test("a group is chosen and left in the order of the catalogue", () => {
  const some = choose(groups, ["files.read"], ["control.stop", "control.start"], true);
  expect(some).toEqual(["control.start", "control.stop", "files.read"]);
  expect(choose(groups, some, ["control.start", "control.stop"], false)).toEqual(["files.read"]);
});

test("what this page does not know stays chosen", () => {
  expect(choose(groups, ["extension.new"], ["files.read"], true)).toEqual(["files.read", "extension.new"]);
});
