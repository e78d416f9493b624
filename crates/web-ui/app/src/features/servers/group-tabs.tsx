import {
  IconArrowLeft,
  IconArrowRight,
  IconDotsVertical,
  IconEdit,
  IconPlus,
  IconTrash,
} from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { asFailure } from "@/api/error";
import { useT } from "@/i18n";
import { Button, IconButton } from "@/ui/button";
import { Confirm, Dialog } from "@/ui/dialog";
import { Icon } from "@/ui/icon";
import { Menu } from "@/ui/menu";
import { toast, toastFailure } from "@/ui/toasts";
import { GroupForm } from "./group-form";
import { ALL, deleteGroup, type Group, groupsQuery, orderGroups } from "./group-requests";
import { m } from "./messages";

interface Props {
  groups: Group[];
  /** The group that is shown; nothing for all servers. */
  shown: Group | undefined;
}

/** The groups of the list of servers, and what can be done with them. */
export function GroupTabs({ groups, shown }: Props) {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate({ from: "/" });
  const [open, setOpen] = useState<"new" | Group | null>(null);
  const [leaving, setLeaving] = useState<Group | null>(null);
  const again = () => client.invalidateQueries({ queryKey: ["servers"] });
  const order = useMutation({
    mutationFn: (wanted: Group[]) => orderGroups(wanted.map((g) => g.uuid)),
    onMutate: (wanted) => client.setQueryData(groupsQuery.queryKey, wanted),
    onError: (error) => toastFailure(t(m.groupNotMoved), asFailure(error)),
    onSettled: again,
  });
  const remove = useMutation({
    mutationFn: () => deleteGroup(leaving?.uuid ?? ""),
    onSuccess: async () => {
      setLeaving(null);
      toast(t(m.groupDeleted));
      await navigate({ search: { group: ALL } });
      await again();
    },
  });
  const at = shown ? groups.findIndex((g) => g.uuid === shown.uuid) : -1;
  function move(by: number) {
    const next = [...groups];
    const [moved] = next.splice(at, 1);
    if (moved) next.splice(at + by, 0, moved);
    order.mutate(next);
  }
  if (groups.length === 0)
    return (
      <>
        <Button size="sm" icon={IconPlus} onClick={() => setOpen("new")}>
          {t(m.newGroup)}
        </Button>
        <Forms open={open} onClose={() => setOpen(null)} />
      </>
    );
  return (
    <div className="row wrap g8 group-row">
      <nav className="tabs grow" aria-label={t(m.groups)}>
        <Link to="/" search={{ group: ALL }} aria-current={shown ? undefined : "page"}>
          {t(m.allServers)}
        </Link>
        {groups.map((g) => (
          <Link
            key={g.uuid}
            to="/"
            search={{ group: g.uuid }}
            aria-current={g.uuid === shown?.uuid ? "page" : undefined}
          >
            {g.name}
          </Link>
        ))}
      </nav>
      {shown ? (
        <Menu width={200} position="bottom-end" offset={4}>
          <Menu.Target>
            <IconButton icon={IconDotsVertical} label={t(m.groupActions, { name: shown.name })} />
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<Icon of={IconEdit} />} onClick={() => setOpen(shown)}>
              {t(m.editGroup)}
            </Menu.Item>
            <Menu.Item leftSection={<Icon of={IconArrowLeft} />} disabled={at <= 0} onClick={() => move(-1)}>
              {t(m.groupLeft)}
            </Menu.Item>
            <Menu.Item
              leftSection={<Icon of={IconArrowRight} />}
              disabled={at === groups.length - 1}
              onClick={() => move(1)}
            >
              {t(m.groupRight)}
            </Menu.Item>
            <Menu.Item leftSection={<Icon of={IconTrash} />} data-danger onClick={() => setLeaving(shown)}>
              {t(m.deleteGroup)}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      ) : null}
      <IconButton icon={IconPlus} label={t(m.newGroup)} onClick={() => setOpen("new")} />
      <Forms open={open} onClose={() => setOpen(null)} />
      <Confirm
        title={t(m.deleteGroupTitle, { name: leaving?.name ?? "" })}
        text={t(m.deleteGroupText)}
        keep={t(m.keep)}
        act={t(m.deleteGroup)}
        open={leaving !== null}
        busy={remove.isPending}
        error={remove.error}
        onClose={() => {
          remove.reset();
          setLeaving(null);
        }}
        onConfirm={() => remove.mutate()}
      />
    </div>
  );
}

function Forms({ open, onClose }: { open: "new" | Group | null; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate({ from: "/" });
  return (
    <Dialog title={t(open === "new" ? m.newGroup : m.editGroup)} open={open !== null} onClose={onClose}>
      {open ? (
        <GroupForm
          known={open === "new" ? null : open}
          onCancel={onClose}
          onDone={async (group) => {
            onClose();
            toast(t(m.groupSaved));
            await client.invalidateQueries({ queryKey: ["servers"] });
            await navigate({ search: { group } });
          }}
        />
      ) : null}
    </Dialog>
  );
}
