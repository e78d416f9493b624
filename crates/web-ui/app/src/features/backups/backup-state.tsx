import { IconCircleCheck } from "@tabler/icons-react";
import { useT } from "@/i18n";
import { Icon } from "@/ui/icon";
import { StateMark } from "@/ui/state-mark";
import { m } from "./messages";
import type { Backup } from "./requests";

/** How far a backup is, or whether it is going away. */
export function BackupState({ backup }: { backup: Backup }) {
  const t = useT();
  if (backup.deletion_status === "deleting") return <StateMark state="stopping" word={t(m.deleting)} />;
  switch (backup.state) {
    case "successful":
      return (
        <span className="st running">
          <Icon of={IconCircleCheck} size="s" />
          {t(m.successful)}
        </span>
      );
    case "failed":
      return <StateMark state="failed" word={t(m.failed)} />;
    default:
      return (
        <StateMark state="installing" word={t(backup.state === "verifying" ? m.verifying : m.creating)} />
      );
  }
}
