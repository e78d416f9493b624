import { IconFileImport, IconPlus } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, take } from "@/api/client";
import { eggsQuery, nestsQuery } from "@/api/queries";
import { useT } from "@/i18n";
import { TopBar } from "@/shell/top-bar";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { EmptyWire } from "@/ui/feedback";
import { TextField } from "@/ui/field";
import { ListTable } from "@/ui/list-table";
import { useTitle } from "@/ui/page";
import { RecordFrame, useRecordForm } from "@/ui/record-form";
import { toast } from "@/ui/toasts";
import { optionalText, text } from "./checks";
import { EggImport } from "./egg-import";
import { m } from "./messages";
import { StarterEggs } from "./starter-eggs";

/** All nests, and the two ways to get eggs: the starter set and a file. */
export default function Nests() {
  const t = useT();
  const list = useQuery(nestsQuery);
  const [dialog, setDialog] = useState<"nest" | "import" | null>(null);
  useTitle(t(m.nests));
  return (
    <>
      <TopBar title={t(m.nests)}>
        <Button className="hide-m" icon={IconPlus} onClick={() => setDialog("nest")}>
          {t(m.newNest)}
        </Button>
        <Button look="primary" icon={IconFileImport} onClick={() => setDialog("import")}>
          {t(m.importEgg)}
        </Button>
      </TopBar>
      <main className="page" id="main">
        <ListTable
          caption={t(m.nests)}
          query={list}
          rowKey={(n) => n.uuid}
          loadFailed={t(m.loadFailed)}
          empty={<EmptyWire title={t(m.nestsEmpty)} text={t(m.nestsEmptyText)} />}
          columns={[
            {
              key: "name",
              head: t(m.name),
              cell: (n) => (
                <Link className="nm" to="/admin/nests/$nest" params={{ nest: n.uuid }}>
                  {n.name}
                </Link>
              ),
            },
            {
              key: "description",
              head: t(m.description),
              phone: "meta",
              cell: (n) => <span className="t2">{n.description}</span>,
            },
            {
              key: "author",
              head: t(m.author),
              phone: "hide",
              cell: (n) => <span className="t2">{n.author}</span>,
            },
            { key: "eggs", head: t(m.eggs), num: true, cell: (n) => <EggCount nest={n.uuid} /> },
          ]}
        />
        <StarterEggs />
      </main>
      <Dialog title={t(m.newNest)} open={dialog === "nest"} onClose={() => setDialog(null)}>
        <NestForm onDone={() => setDialog(null)} />
      </Dialog>
      <Dialog title={t(m.importTitle)} open={dialog === "import"} onClose={() => setDialog(null)}>
        <EggImport onClose={() => setDialog(null)} />
      </Dialog>
    </>
  );
}

function EggCount({ nest }: { nest: string }) {
  const t = useT();
  const { data } = useQuery(eggsQuery(nest));
  return <span className="t2">{data ? t(m.eggCount, { total: data.total }) : "…"}</span>;
}

function NestForm({ onDone }: { onDone: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const form = useRecordForm({
    initial: { name: "", author: "", description: "" },
    checks: { name: text(t), author: text(t), description: optionalText(t, 1024) },
    send: ({ name, author, description }) =>
      take(
        api.POST("/api/admin/nests", {
          body: { name: name.trim(), author: author.trim(), description: description.trim() || null },
        }),
      ),
    done: async (_, { name }) => {
      toast(t(m.nestCreated, { name: name.trim() }));
      await client.invalidateQueries({ queryKey: ["nests"] });
      onDone();
    },
  });
  return (
    <RecordFrame form={form} submit={t(m.create)} back={<Button onClick={onDone}>{t(m.cancel)}</Button>}>
      <TextField label={t(m.nestName)} data-autofocus {...form.field("name")} />
      <TextField label={t(m.author)} hint={t(m.authorHint)} {...form.field("author")} />
      <TextField label={t(m.description)} optional {...form.field("description")} />
    </RecordFrame>
  );
}
