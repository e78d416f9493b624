import { IconFileImport, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { api, take } from "@/api/client";
import { eggsQuery, nestQuery } from "@/api/queries";
import { useT } from "@/i18n";
import { TopBar } from "@/shell/top-bar";
import { Button } from "@/ui/button";
import { Confirm, Dialog } from "@/ui/dialog";
import { EmptyWire } from "@/ui/feedback";
import { ListTable } from "@/ui/list-table";
import { useTitle } from "@/ui/page";
import { toast } from "@/ui/toasts";
import { EggImport } from "./egg-import";
import { m } from "./messages";

/** One nest with its eggs. */
export default function NestPage() {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { nest: id } = useParams({ from: "/signed-in/admin/admin/nests/$nest" });
  const nest = useQuery(nestQuery(id));
  const eggs = useQuery(eggsQuery(id));
  const [dialog, setDialog] = useState<"import" | "delete" | null>(null);
  const name = nest.data?.name ?? "…";
  useTitle(name);
  const remove = useMutation({
    mutationFn: () =>
      take(
        api.DELETE("/api/admin/nests/{nest}", {
          params: { path: { nest: id } },
          body: { delete_eggs: true },
        }),
      ),
    onSuccess: async () => {
      toast(t(m.nestDeleted, { name }));
      await navigate({ to: "/admin/nests" });
      await client.invalidateQueries({ queryKey: ["nests"] });
    },
  });
  return (
    <>
      <TopBar title={name} parent={{ label: t(m.nests), to: "/admin/nests" }}>
        <Button look="primary" icon={IconFileImport} onClick={() => setDialog("import")}>
          {t(m.importEgg)}
        </Button>
      </TopBar>
      <main className="page" id="main">
        {nest.data?.description ? <p className="t2">{nest.data.description}</p> : null}
        <ListTable
          caption={t(m.eggs)}
          query={eggs}
          rowKey={(e) => e.uuid}
          loadFailed={t(m.loadFailed)}
          empty={<EmptyWire title={t(m.nestEggsEmpty)} text={t(m.nestEggsEmptyText)} />}
          columns={[
            {
              key: "name",
              head: t(m.name),
              cell: (e) => (
                <Link className="nm" to="/admin/nests/$nest/eggs/$egg" params={{ nest: id, egg: e.uuid }}>
                  {e.name}
                </Link>
              ),
            },
            {
              key: "description",
              head: t(m.description),
              phone: "meta",
              cell: (e) => <span className="t2 clamp">{e.description}</span>,
            },
            {
              key: "author",
              head: t(m.author),
              phone: "hide",
              cell: (e) => <span className="t2">{e.author}</span>,
            },
            {
              key: "images",
              head: t(m.images),
              num: true,
              phone: "hide",
              cell: (e) => <span className="t2">{Object.keys(e.docker_images).length}</span>,
            },
          ]}
        />
        <section className="card pad stack g12 narrow">
          <h2>{t(m.nestDelete)}</h2>
          <p className="sm t2">{t(m.nestDeleteText)}</p>
          <div>
            <Button look="danger" size="sm" icon={IconTrash} onClick={() => setDialog("delete")}>
              {t(m.nestDeleteAct)}
            </Button>
          </div>
        </section>
      </main>
      <Dialog title={t(m.importTitle)} open={dialog === "import"} onClose={() => setDialog(null)}>
        <EggImport nest={id} onClose={() => setDialog(null)} />
      </Dialog>
      <Confirm
        title={t(m.nestDeleteAsk, { name })}
        text={t(m.nestDeleteLost)}
        name={name}
        keep={t(m.nestKeep)}
        act={t(m.nestDeleteAct)}
        open={dialog === "delete"}
        busy={remove.isPending}
        error={remove.error}
        onClose={() => {
          setDialog(null);
          remove.reset();
        }}
        onConfirm={() => remove.mutate()}
      />
    </>
  );
}
