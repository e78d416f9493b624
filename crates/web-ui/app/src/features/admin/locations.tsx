import { IconDotsVertical, IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { api, take } from "@/api/client";
import { type Location, locationsQuery } from "@/api/queries";
import { useT } from "@/i18n";
import { date } from "@/lib/format";
import { TopBar } from "@/shell/top-bar";
import { Button, IconButton } from "@/ui/button";
import { Confirm, Dialog } from "@/ui/dialog";
import { EmptyWire } from "@/ui/feedback";
import { Icon } from "@/ui/icon";
import { ListTable } from "@/ui/list-table";
import { Menu } from "@/ui/menu";
import { useTitle } from "@/ui/page";
import { toast } from "@/ui/toasts";
import { LocationForm } from "./location-form";
import { m } from "./messages";

/** All locations, with what can be done to them. */
export default function Locations() {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate({ from: "/admin/locations" });
  const { search = "", page = 1 } = useSearch({ from: "/signed-in/admin/admin/locations" });
  const list = useQuery(locationsQuery({ page, ...(search ? { search } : {}) }));
  const [editing, setEditing] = useState<Location | "new" | null>(null);
  const [deleting, setDeleting] = useState<Location | null>(null);
  useTitle(t(m.locations));

  const remove = useMutation({
    mutationFn: (location: Location) =>
      take(api.DELETE("/api/admin/locations/{location}", { params: { path: { location: location.uuid } } })),
    onSuccess: async (_, location) => {
      toast(t(m.locationDeleted, { name: location.name }));
      setDeleting(null);
      await client.invalidateQueries({ queryKey: ["locations"] });
    },
  });
  const create = (
    <Button look="primary" icon={IconPlus} onClick={() => setEditing("new")}>
      {t(m.newLocation)}
    </Button>
  );

  return (
    <>
      <TopBar title={t(m.locations)}>{create}</TopBar>
      <main className="page" id="main">
        <ListTable
          caption={t(m.locations)}
          query={list}
          rowKey={(l) => l.uuid}
          loadFailed={t(m.loadFailed)}
          empty={<EmptyWire title={t(m.locationsEmpty)} text={t(m.locationsEmptyText)} />}
          search={{
            value: search,
            placeholder: t(m.findLocation),
            onChange: (text) => void navigate({ search: { search: text }, replace: true }),
          }}
          onPage={(next) => void navigate({ search: (old) => ({ ...old, page: next }) })}
          columns={[
            { key: "name", head: t(m.name), cell: (l) => <span className="nm">{l.name}</span> },
            {
              key: "description",
              head: t(m.description),
              phone: "meta",
              cell: (l) => <span className="t2">{l.description}</span>,
            },
            {
              key: "created",
              head: t(m.created),
              phone: "hide",
              cell: (l) => <span className="t2">{date(new Date(l.created))}</span>,
            },
            {
              key: "actions",
              head: t(m.actions),
              phone: "acts",
              cell: (l) => (
                <Menu width={180} position="bottom-end" offset={4}>
                  <Menu.Target>
                    <IconButton icon={IconDotsVertical} label={`${t(m.actions)}: ${l.name}`} />
                  </Menu.Target>
                  <Menu.Dropdown>
                    <Menu.Item leftSection={<Icon of={IconPencil} />} onClick={() => setEditing(l)}>
                      {t(m.edit)}
                    </Menu.Item>
                    <Menu.Item
                      leftSection={<Icon of={IconTrash} />}
                      data-danger
                      onClick={() => setDeleting(l)}
                    >
                      {t(m.remove)}
                    </Menu.Item>
                  </Menu.Dropdown>
                </Menu>
              ),
            },
          ]}
        />
      </main>
      <Dialog
        title={editing && editing !== "new" ? t(m.editLocation, { name: editing.name }) : t(m.newLocation)}
        open={editing !== null}
        onClose={() => setEditing(null)}
      >
        <LocationForm
          {...(editing && editing !== "new" ? { location: editing } : {})}
          submit={editing === "new" ? t(m.create) : t(m.save)}
          back={<Button onClick={() => setEditing(null)}>{t(m.cancel)}</Button>}
          onDone={async (name) => {
            toast(editing === "new" ? t(m.locationCreated, { name }) : t(m.saved));
            setEditing(null);
            await client.invalidateQueries({ queryKey: ["locations"] });
          }}
        />
      </Dialog>
      <Confirm
        title={t(m.locationDelete, { name: deleting?.name })}
        text={t(m.locationDeleteText)}
        keep={t(m.locationKeep)}
        act={t(m.locationDeleteAct)}
        open={deleting !== null}
        busy={remove.isPending}
        error={remove.error}
        onClose={() => {
          setDeleting(null);
          remove.reset();
        }}
        onConfirm={() => deleting && remove.mutate(deleting)}
      />
    </>
  );
}
