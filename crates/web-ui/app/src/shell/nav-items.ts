import {
  IconDeviceGamepad2,
  IconEgg,
  IconLayoutDashboard,
  IconLayoutGrid,
  IconMapPin,
  IconServer2,
  IconShieldCog,
  IconUserCog,
  IconUsers,
  type Icon as TablerIcon,
} from "@tabler/icons-react";
import type { Message } from "@/i18n";
import { m } from "./messages";

export interface NavItem {
  to: string;
  label: Message;
  icon: TablerIcon;
  /** Only the very page is "current", not the pages below it. */
  exact?: boolean;
}

export interface NavGroup {
  title?: Message;
  items: NavItem[];
}

export const userNav = (admin: boolean): NavGroup[] => [
  {
    items: [
      { to: "/", label: m.servers, icon: IconLayoutGrid, exact: true },
      { to: "/account", label: m.account, icon: IconUserCog },
    ],
  },
  ...(admin
    ? [{ title: m.operator, items: [{ to: "/admin", label: m.adminArea, icon: IconShieldCog }] }]
    : []),
];

export const adminNav: NavGroup[] = [
  { items: [{ to: "/admin", label: m.overview, icon: IconLayoutDashboard, exact: true }] },
  {
    title: m.infrastructure,
    items: [
      { to: "/admin/nodes", label: m.nodes, icon: IconServer2 },
      { to: "/admin/servers", label: m.servers, icon: IconDeviceGamepad2 },
      { to: "/admin/locations", label: m.locations, icon: IconMapPin },
    ],
  },
  { title: m.access, items: [{ to: "/admin/users", label: m.users, icon: IconUsers }] },
  { title: m.content, items: [{ to: "/admin/nests", label: m.nests, icon: IconEgg }] },
];
