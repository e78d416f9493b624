import {
  IconBraces,
  IconCoffee,
  IconFile,
  IconFileCode,
  IconFileSettings,
  IconFileText,
  IconFileZip,
  IconFolder,
  IconPhoto,
  type Icon as TablerIcon,
} from "@tabler/icons-react";
import { Icon } from "@/ui/icon";
import { type Kind, kindOf } from "./kinds";
import type { FileEntry } from "./requests";

const icons: Record<Kind, TablerIcon> = {
  folder: IconFolder,
  archive: IconFileZip,
  image: IconPhoto,
  program: IconCoffee,
  settings: IconFileSettings,
  data: IconBraces,
  code: IconFileCode,
  text: IconFileText,
  other: IconFile,
};

export function FileIcon({ entry }: { entry: Pick<FileEntry, "name" | "directory" | "mime"> }) {
  const kind = kindOf(entry);
  return (
    <span className={kind === "folder" ? "fi dir" : "fi"}>
      <Icon of={icons[kind]} />
    </span>
  );
}
