import type { Server } from "@/api/queries";
import { useT } from "@/i18n";
import { Confirm } from "@/ui/dialog";
import type { Answer, Dropped } from "../incoming";
import { m } from "../messages";
import type { FileEntry } from "../requests";
import { ArchiveDialog } from "./archive-dialog";
import { BulkRenameDialog } from "./bulk-rename-dialog";
import { ConflictDialog } from "./conflict-dialog";
import { DetailsDialog } from "./details-dialog";
import { ModesDialog } from "./modes-dialog";
import { CreateDialog, RenameDialog } from "./name-dialog";
import { CopyDialog, MoveDialog, RemoteCopyDialog } from "./place-dialog";
import { PullDialog } from "./pull-dialog";
import { SearchDialog } from "./search-dialog";
import { SftpDialog } from "./sftp-dialog";

/** What the page of files asks the person. */
export type Asked =
  | { kind: "create"; what: "file" | "folder" }
  | { kind: "rename"; name: string }
  | { kind: "bulk"; names: readonly string[] }
  | { kind: "move" | "copy" | "remote" | "archive"; names: readonly string[] }
  | { kind: "modes" | "delete"; entries: readonly FileEntry[] }
  | { kind: "details"; entry: FileEntry }
  | { kind: "conflict"; dropped: Dropped; names: readonly string[] }
  | { kind: "pull" | "search" | "sftp" };

interface Props {
  asked: Asked;
  server: Server;
  directory: string;
  taken: ReadonlySet<string>;
  readable: boolean;
  onClose: () => void;
  onDelete: (entries: readonly FileEntry[]) => void;
  onMadeFile: (name: string) => void;
  onConflict: (dropped: Dropped, answer: Answer) => void;
}

/** The dialog that is asked for. All of them come in one piece, when the first is needed. */
export default function Dialogs(props: Props) {
  const { asked, server, directory, taken, readable, onClose } = props;
  const t = useT();
  const common = { server: server.uuid, directory, taken, onClose };
  switch (asked.kind) {
    case "create":
      return (
        <CreateDialog
          {...common}
          kind={asked.what}
          onMade={(name) => {
            onClose();
            if (asked.what === "file") props.onMadeFile(name);
          }}
        />
      );
    case "rename":
      return <RenameDialog {...common} name={asked.name} />;
    case "bulk":
      return <BulkRenameDialog {...common} names={asked.names} />;
    case "move":
      return <MoveDialog {...common} names={asked.names} />;
    case "copy":
      return <CopyDialog {...common} names={asked.names} />;
    case "remote":
      return <RemoteCopyDialog {...common} names={asked.names} />;
    case "archive":
      return <ArchiveDialog {...common} names={asked.names} />;
    case "modes":
      return <ModesDialog {...common} entries={asked.entries} />;
    case "details":
      return <DetailsDialog {...common} entry={asked.entry} readable={readable} />;
    case "pull":
      return <PullDialog {...common} />;
    case "search":
      return <SearchDialog {...common} short={server.uuid_short} readable={readable} />;
    case "sftp":
      return <SftpDialog server={server} onClose={onClose} />;
    case "conflict":
      return (
        <ConflictDialog
          names={asked.names}
          onClose={onClose}
          onAnswer={(answer) => {
            onClose();
            props.onConflict(asked.dropped, answer);
          }}
        />
      );
    case "delete": {
      const values = { count: asked.entries.length, name: asked.entries[0]?.name ?? "" };
      return (
        <Confirm
          title={t(m.deleteTitle, values)}
          text={t(asked.entries.some((e) => e.directory) ? m.deleteFolders : m.deleteText)}
          keep={t(m.keep, values)}
          act={t(m.deleteAct, values)}
          open
          busy={false}
          error={null}
          onClose={onClose}
          onConfirm={() => {
            onClose();
            props.onDelete(asked.entries);
          }}
        />
      );
    }
  }
}
