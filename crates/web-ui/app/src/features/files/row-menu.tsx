import {
  IconArchive,
  IconCopy,
  IconDownload,
  IconFolderOpen,
  IconFolderShare,
  IconForms,
  IconInfoCircle,
  IconLock,
  IconPackageExport,
  IconPencil,
  IconServer2,
  IconTrash,
  type Icon as TablerIcon,
} from "@tabler/icons-react";
import { type Message, useT } from "@/i18n";
import { Icon } from "@/ui/icon";
import { Menu } from "@/ui/menu";
import { isArchive, openerOf } from "./kinds";
import { m } from "./messages";
import type { FileEntry } from "./requests";
import type { Rights } from "./rights";

/** What can be done with rows; dialogs ask for the rest. */
export type Action =
  | "open"
  | "edit"
  | "rename"
  | "move"
  | "copy"
  | "remote"
  | "archive"
  | "extract"
  | "download"
  | "details"
  | "modes"
  | "delete";

interface Item {
  action: Action;
  label: Message;
  icon: TablerIcon;
  danger?: boolean;
  key?: string;
}

/** The actions that make sense for these entries and are allowed. */
export function actionsFor(entries: readonly FileEntry[], rights: Rights): Item[] {
  const [only] = entries.length === 1 ? entries : [];
  const items: (Item | false | undefined)[] = [
    only && { action: "open", label: m.open, icon: IconFolderOpen, key: "Enter" },
    only?.inner_editable && openerOf(only) === "list" && rights.read
      ? { action: "edit", label: m.edit, icon: IconPencil }
      : undefined,
    rights.read && { action: "download", label: m.download, icon: IconDownload },
    rights.update && { action: "rename", label: m.rename, icon: IconForms, key: "F2" },
    rights.update && { action: "move", label: m.move, icon: IconFolderShare },
    rights.create && { action: "copy", label: m.copy, icon: IconCopy },
    rights.read && { action: "remote", label: m.copyRemote, icon: IconServer2 },
    rights.archive && { action: "archive", label: m.archive, icon: IconArchive },
    only && rights.archive && !only.directory && isArchive(only.name)
      ? { action: "extract", label: m.extract, icon: IconPackageExport }
      : undefined,
    rights.update && { action: "modes", label: m.permissions, icon: IconLock },
    only && { action: "details", label: m.details, icon: IconInfoCircle },
    rights.delete && { action: "delete", label: m.delete, icon: IconTrash, danger: true, key: "Del" },
  ];
  return items.filter((item) => Boolean(item)) as Item[];
}

interface Props {
  at: { x: number; y: number };
  name: string;
  entries: readonly FileEntry[];
  rights: Rights;
  onAction: (action: Action) => void;
  onClose: () => void;
}

/** The menu of a row, where it was asked for. */
export function RowMenu({ at, name, entries, rights, onAction, onClose }: Props) {
  const t = useT();
  return (
    <Menu
      opened
      onChange={(open) => {
        if (!open) onClose();
      }}
      width={224}
      position="bottom-start"
      offset={2}
      transitionProps={{ duration: 0 }}
      trapFocus
      returnFocus={false}
    >
      <Menu.Target>
        <button
          type="button"
          className="menu-anchor"
          tabIndex={-1}
          aria-label={t(m.actionsFor, { name })}
          style={{ left: at.x, top: at.y }}
        />
      </Menu.Target>
      <Menu.Dropdown>
        {actionsFor(entries, rights).map(({ action, label, icon, danger, key }) => (
          <Menu.Item
            key={action}
            leftSection={<Icon of={icon} />}
            {...(danger ? { "data-danger": true } : {})}
            {...(key ? { rightSection: <kbd className="hide-m">{key}</kbd> } : {})}
            onClick={() => onAction(action)}
          >
            {t(label)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
