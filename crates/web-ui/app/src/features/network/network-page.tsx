import { IconDotsVertical, IconPlus, IconStar, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { asFailure } from "@/api/error";
import { useServer } from "@/features/server/context";
import { isChangeable, ServerPageBody, useServerPatch } from "@/features/server/page";
import { can } from "@/features/servers/state";
import { useT } from "@/i18n";
import { address } from "@/lib/format";
import { Button, IconButton } from "@/ui/button";
import { CopyChip } from "@/ui/copy";
import { Confirm } from "@/ui/dialog";
import { EmptyWire } from "@/ui/feedback";
import { Icon } from "@/ui/icon";
import { ListTable } from "@/ui/list-table";
import { Menu } from "@/ui/menu";
import { toast, toastFailure } from "@/ui/toasts";
import { m } from "./messages";
import { Notes } from "./notes";
import { type Address, addAddress, addressesQuery, changeAddress, removeAddress } from "./requests";

/** The addresses of a server: which is the primary one, what each is for, one more, one less. */
export default function NetworkPage() {
  const t = useT();
  const navigate = useNavigate({ from: "/server/$server/network" });
  const { page = 1 } = useSearch({ from: "/signed-in/server/$server/network" });
  const { server, state } = useServer();
  const [leaving, setLeaving] = useState<Address | null>(null);
  const list = useQuery({ ...addressesQuery(server.uuid, page), enabled: can(server, "allocations.read") });
  const open = isChangeable(state);
  const may = (verb: string) => can(server, `allocations.${verb}`);
  const total = list.data?.total ?? 0;
  const limit = server.feature_limits.allocations;
  const full = list.data !== undefined && total >= limit;
  const add = useAdd();
  const primary = useMakePrimary(page);

  const addButton = (
    <Button
      look="primary"
      icon={IconPlus}
      busy={add.isPending}
      disabled={!open || full || !list.data}
      title={full ? t(m.limitReached, { limit }) : undefined}
      onClick={() => add.mutate()}
    >
      {t(m.add)}
    </Button>
  );

  return (
    <ServerPageBody
      title={m.title}
      needs="allocations.read"
      note={list.data ? t(m.count, { count: total, limit }) : null}
      actions={may("create") && total > 0 ? addButton : null}
    >
      <ListTable
        caption={t(m.title)}
        query={list}
        rowKey={(a) => a.uuid}
        loadFailed={t(m.loadFailed)}
        onPage={(next) => void navigate({ search: { page: next } })}
        empty={
          <EmptyWire title={t(m.emptyTitle)} text={t(may("create") && limit > 0 ? m.emptyText : m.emptyAsk)}>
            {may("create") && limit > 0 ? addButton : null}
          </EmptyWire>
        }
        columns={[
          {
            key: "address",
            head: t(m.address),
            cell: (a) => (
              <span className="row wrap g12">
                <CopyChip plain text={address(a)} what={t(m.theAddress)} />
                {a.is_primary ? (
                  <span className="tag acc">
                    <Icon of={IconStar} />
                    {t(m.primary)}
                  </span>
                ) : null}
              </span>
            ),
          },
          {
            key: "notes",
            head: t(m.notes),
            phone: "meta",
            cell: (a) => <Notes key={a.uuid} address={a} page={page} fixed={!open || !may("update")} />,
          },
          {
            key: "acts",
            head: t(m.actions, { address: "" }),
            phone: "acts",
            cell: (a) =>
              may("update") || may("delete") ? (
                <Menu width={240} position="bottom-end" offset={4}>
                  <Menu.Target>
                    <IconButton icon={IconDotsVertical} label={t(m.actions, { address: address(a) })} />
                  </Menu.Target>
                  <Menu.Dropdown>
                    {may("update") ? (
                      <Menu.Item
                        leftSection={<Icon of={IconStar} />}
                        disabled={!open || a.is_primary}
                        onClick={() => primary.mutate(a)}
                      >
                        {t(m.makePrimary)}
                      </Menu.Item>
                    ) : null}
                    {may("delete") ? (
                      <Menu.Item
                        leftSection={<Icon of={IconTrash} />}
                        data-danger
                        disabled={!open || a.is_primary}
                        onClick={() => setLeaving(a)}
                      >
                        {t(a.is_primary ? m.removePrimary : m.remove)}
                      </Menu.Item>
                    ) : null}
                  </Menu.Dropdown>
                </Menu>
              ) : null,
          },
        ]}
      />
      {full && total > 0 && may("create") ? (
        <p className="sm t3">{t(limit === 0 ? m.limitNone : m.limitReached, { limit })}</p>
      ) : null}
      <RemoveAddress address={leaving} onClose={() => setLeaving(null)} />
    </ServerPageBody>
  );
}

function useAdd() {
  const t = useT();
  const client = useQueryClient();
  const { server } = useServer();
  return useMutation({
    mutationFn: () => addAddress(server.uuid),
    onSuccess: async (added) => {
      toast(t(m.added, { address: address(added) }), t(m.addedText));
      await client.invalidateQueries({ queryKey: ["servers", "addresses", server.uuid] });
      if (added.is_primary) await client.invalidateQueries({ queryKey: ["servers", "one"] });
    },
    onError: (error) => toastFailure(t(m.addFailed), asFailure(error)),
  });
}

/** Marks the new primary address at once, and the old one again when the panel refuses. */
function useMakePrimary(page: number) {
  const t = useT();
  const client = useQueryClient();
  const { server } = useServer();
  const patch = useServerPatch();
  const key = addressesQuery(server.uuid, page).queryKey;
  return useMutation({
    mutationFn: (chosen: Address) => changeAddress(server.uuid, chosen.uuid, { primary: true }),
    onMutate: async (chosen) => {
      await client.cancelQueries({ queryKey: ["servers", "addresses", server.uuid] });
      const before = client.getQueryData(key);
      client.setQueryData(key, (old) =>
        old ? { ...old, data: old.data.map((a) => ({ ...a, is_primary: a.uuid === chosen.uuid })) } : old,
      );
      const undo = patch({ allocation: { ...chosen, is_primary: true } });
      return () => {
        client.setQueryData(key, before);
        undo();
      };
    },
    onSuccess: (_, chosen) => toast(t(m.madePrimary, { address: address(chosen) }), t(m.madePrimaryText)),
    onError: (error, _, undo) => {
      undo?.();
      toastFailure(t(m.primaryFailed), asFailure(error));
    },
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["servers", "addresses", server.uuid] }),
        client.invalidateQueries({ queryKey: ["servers", "one"] }),
      ]),
  });
}

function RemoveAddress({ address: leaving, onClose }: { address: Address | null; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const { server } = useServer();
  const text = leaving ? address(leaving) : "";
  const remove = useMutation({
    mutationFn: () => removeAddress(server.uuid, leaving?.uuid ?? ""),
    onSuccess: async () => {
      toast(t(m.removed, { address: text }));
      onClose();
      await client.invalidateQueries({ queryKey: ["servers", "addresses", server.uuid] });
    },
  });
  return (
    <Confirm
      title={t(m.removeAsk, { address: text })}
      text={t(m.removeText)}
      keep={t(m.keep)}
      act={t(m.remove)}
      open={leaving !== null}
      busy={remove.isPending}
      error={remove.error}
      onClose={() => {
        remove.reset();
        onClose();
      }}
      onConfirm={() => remove.mutate()}
    />
  );
}
