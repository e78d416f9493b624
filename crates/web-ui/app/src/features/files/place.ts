import { clean } from "./paths";

export type SortKey = "name" | "size" | "modified";

/** What the address says of the list: where, and in which order. */
export interface Place {
  path?: string;
  sort?: Exclude<SortKey, "name">;
  down?: true;
}

/** Reads the address; what means nothing is left out. */
export function readPlace(search: Record<string, unknown>): Place {
  const path = typeof search.path === "string" ? clean(search.path) : "/";
  return {
    ...(path === "/" ? {} : { path }),
    ...(search.sort === "size" || search.sort === "modified" ? { sort: search.sort } : {}),
    ...(search.down === true ? { down: true } : {}),
  };
}
