import { type ReactNode, useEffect } from "react";
import { settingsName } from "@/shell/panel-name";

/** Sets the title of the page: `Servers · Roost`. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · ${settingsName()}`;
  }, [title]);
}

/** The page's one h1. It takes the focus after a route change. */
export function Title({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <h1 tabIndex={-1} className={className} data-page-title>
      {children}
    </h1>
  );
}
