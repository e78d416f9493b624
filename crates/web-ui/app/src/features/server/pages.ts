import {
  IconActivity,
  IconAdjustmentsHorizontal,
  IconArchive,
  IconCalendarTime,
  IconDatabaseImport,
  IconFolder,
  IconNetwork,
  IconSettings,
  IconTerminal2,
  IconUsers,
} from "@tabler/icons-react";
import type { Server } from "@/api/queries";
import { can } from "@/features/servers/state";
import { m as shell } from "@/shell/messages";
import type { NavItem } from "@/shell/nav-items";
import { m } from "./messages";

/** One page below a server. */
interface ServerPageEntry extends Omit<NavItem, "to"> {
  /** What follows the server's address; empty for the first page. */
  path: string;
  /** What one has to be allowed to see it: any one of these; nothing for everybody with access. */
  needs?: string[];
}

/** All pages of a server, in the order of the sidebar. */
const serverPages: ServerPageEntry[] = [
  { path: "", label: shell.console, icon: IconTerminal2, exact: true },
  { path: "/files", label: shell.files, icon: IconFolder, needs: ["files.read"] },
  { path: "/schedules", label: m.schedules, icon: IconCalendarTime, needs: ["schedules.read"] },
  { path: "/people", label: m.people, icon: IconUsers, needs: ["subusers.read"] },
  { path: "/backups", label: m.backups, icon: IconArchive, needs: ["backups.read"] },
  { path: "/network", label: m.network, icon: IconNetwork, needs: ["allocations.read"] },
  { path: "/startup", label: m.startup, icon: IconAdjustmentsHorizontal, needs: ["startup.read"] },
  { path: "/mounts", label: m.mounts, icon: IconDatabaseImport, needs: ["mounts.read"] },
  { path: "/settings", label: m.settings, icon: IconSettings },
  { path: "/activity", label: m.activity, icon: IconActivity, needs: ["activity.read"] },
];

/** The pages of a server that this person may open. `id` is how the address names the server. */
export function pagesOf(id: string, server: Pick<Server, "permissions"> | undefined): NavItem[] {
  return serverPages
    .filter(({ needs }) => !needs || (server && needs.some((permission) => can(server, permission))))
    .map(({ path, label, icon, exact }) => ({
      to: `/server/${id}${path}`,
      label,
      icon,
      ...(exact ? { exact } : {}),
    }));
}

/** The part of an address below its server, such as `/settings`; empty for the first page. Deeper places belong to their server alone. */
export function pathBelow(address: string): string {
  const path = address.match(/^\/server\/[^/]+(\/[^/?#]+)/)?.[1] ?? "";
  return serverPages.some((page) => page.path === path) ? path : "";
}
