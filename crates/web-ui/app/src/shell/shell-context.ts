import { createContext, useContext } from "react";

export interface ShellControls {
  openMenu: () => void;
  openSearch: () => void;
}

const nothing: ShellControls = { openMenu: () => undefined, openSearch: () => undefined };

export const ShellContext = createContext<ShellControls>(nothing);

/** Opens the parts of the frame from inside a page. */
export function useShell(): ShellControls {
  return useContext(ShellContext);
}
