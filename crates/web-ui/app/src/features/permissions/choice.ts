import type { PermissionGroups } from "./requests";

/** The keys of all permissions of these groups, such as `files.read`. */
export function keysOf(groups: PermissionGroups): string[] {
  return Object.entries(groups).flatMap(([group, { permissions }]) =>
    Object.keys(permissions).map((name) => `${group}.${name}`),
  );
}

/** What is chosen when these keys are switched on or off. Keys keep the order of the groups, and unknown ones stay. */
export function choose(
  groups: PermissionGroups,
  chosen: readonly string[],
  keys: readonly string[],
  on: boolean,
): string[] {
  const next = new Set(chosen);
  for (const key of keys) {
    if (on) next.add(key);
    else next.delete(key);
  }
  const known = keysOf(groups);
  const others = [...next].filter((key) => !known.includes(key));
  return [...known.filter((key) => next.has(key)), ...others];
}
