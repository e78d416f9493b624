import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useServer } from "@/features/server/context";
import { can } from "@/features/servers/state";
import { useT } from "@/i18n";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { toast } from "@/ui/toasts";
import { m } from "./messages";
import { deleteGroup, type Group } from "./requests";

interface Props {
  group: Group;
  onEdit: () => void;
  onDeleted: () => Promise<void>;
}

/** What can be done with a group. */
export function GroupMenu({ group, onEdit, onDeleted }: Props) {
  const t = useT();
  const { server } = useServer();
  const [leaving, setLeaving] = useState(false);
  const remove = useMutation({
    mutationFn: () => deleteGroup(server.uuid, group.uuid),
    onSuccess: async () => {
      setLeaving(false);
      toast(t(m.groupDeleted, { name: group.name }));
      await onDeleted();
    },
  });
  return (
    <>
      {can(server, "backup-groups.update") ? (
        <Button size="sm" onClick={onEdit}>
          {t(m.editGroup)}
        </Button>
      ) : null}
      {can(server, "backup-groups.delete") ? (
        <Button size="sm" onClick={() => setLeaving(true)}>
          {t(m.deleteGroup)}
        </Button>
      ) : null}
      <Confirm
        title={t(m.deleteTitle, { name: group.name })}
        text={t(m.deleteGroupText)}
        keep={t(m.keep)}
        act={t(m.deleteGroup)}
        open={leaving}
        busy={remove.isPending}
        error={remove.error}
        onClose={() => {
          remove.reset();
          setLeaving(false);
        }}
        onConfirm={() => remove.mutate()}
      />
    </>
  );
}
