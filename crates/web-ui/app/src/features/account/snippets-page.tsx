import { IconCopy, IconDotsVertical, IconEdit, IconPlus, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import * as v from "valibot";
import { asFailure } from "@/api/error";
import { useT } from "@/i18n";
import { Button, IconButton } from "@/ui/button";
import { ComboMany } from "@/ui/combo";
import { Confirm, Dialog } from "@/ui/dialog";
import { EmptyWire } from "@/ui/feedback";
import { TextField } from "@/ui/field";
import { Icon } from "@/ui/icon";
import { ListTable } from "@/ui/list-table";
import { Menu } from "@/ui/menu";
import { RecordFrame, useRecordForm } from "@/ui/record-form";
import { toast, toastFailure } from "@/ui/toasts";
import { m } from "./messages";
import {
  createSnippet,
  deleteSnippet,
  duplicateSnippet,
  ownEggsQuery,
  type Snippet,
  snippetsQuery,
  updateSnippet,
} from "./requests";

/** Console commands under a name. */
export default function SnippetsPage() {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate({ from: "/account/snippets" });
  const { page = 1, search = "" } = useSearch({ from: "/signed-in/user/account/snippets" });
  const list = useQuery(snippetsQuery(page, search));
  const [edited, setEdited] = useState<Snippet | "new" | null>(null);
  const [leaving, setLeaving] = useState<Snippet | null>(null);
  const again = () => client.invalidateQueries({ queryKey: ["account-snippets"] });
  const copy = useMutation({
    // A copy has a name of its own, as long as there is room for it.
    mutationFn: (s: Snippet) => duplicateSnippet(s.uuid, t(m.copyOf, { name: s.name }).slice(0, 31)),
    onSuccess: () => toast(t(m.snippetSaved)),
    onError: (error) => toastFailure(t(m.copySnippet), asFailure(error)),
    onSettled: again,
  });
  const remove = useMutation({
    mutationFn: () => deleteSnippet(leaving?.uuid ?? ""),
    onSuccess: async () => {
      toast(t(m.snippetDeleted));
      setLeaving(null);
      await again();
    },
  });
  const forWhat = (s: Snippet) =>
    s.all_eggs
      ? t(m.forAll)
      : s.eggs.length === 0
        ? t(m.forNothing)
        : t(m.forCount, { count: s.eggs.length });
  return (
    <div className="stack g12">
      <div className="row wrap g12">
        <p className="sm t2 grow">{t(m.snippetsText)}</p>
        <Button look="primary" icon={IconPlus} onClick={() => setEdited("new")}>
          {t(m.newSnippet)}
        </Button>
      </div>
      <ListTable
        caption={t(m.snippets)}
        query={list}
        rowKey={(s) => s.uuid}
        loadFailed={t(m.snippetsFailed)}
        search={{
          value: search,
          placeholder: t(m.keySearch),
          onChange: (text) => void navigate({ search: text ? { search: text } : {}, replace: true }),
        }}
        onPage={(next) => void navigate({ search: (old) => ({ ...old, page: next }) })}
        empty={<EmptyWire title={t(m.noSnippets)} text={t(m.noSnippetsText)} />}
        columns={[
          {
            key: "name",
            head: t(m.name),
            cell: (s) => (
              <span>
                <span className="nm breakable">{s.name}</span>
                <span className="mono sm t2 block breakable">{s.command}</span>
              </span>
            ),
          },
          {
            key: "eggs",
            head: t(m.forEggs),
            phone: "meta",
            cell: (s) => <span className="sm t2">{forWhat(s)}</span>,
          },
          {
            key: "acts",
            head: t(m.actionsOf, { name: "" }),
            phone: "acts",
            cell: (s) => (
              <Menu width={200} position="bottom-end" offset={4}>
                <Menu.Target>
                  <IconButton icon={IconDotsVertical} label={t(m.actionsOf, { name: s.name })} />
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item leftSection={<Icon of={IconEdit} />} onClick={() => setEdited(s)}>
                    {t(m.editSnippet)}
                  </Menu.Item>
                  <Menu.Item leftSection={<Icon of={IconCopy} />} onClick={() => copy.mutate(s)}>
                    {t(m.copySnippet)}
                  </Menu.Item>
                  <Menu.Item leftSection={<Icon of={IconTrash} />} data-danger onClick={() => setLeaving(s)}>
                    {t(m.deleteKey)}
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
            ),
          },
        ]}
      />
      <Dialog
        title={t(edited === "new" ? m.newSnippet : m.editSnippet)}
        open={edited !== null}
        onClose={() => setEdited(null)}
        wide
      >
        {edited ? (
          <SnippetForm
            known={edited === "new" ? null : edited}
            onCancel={() => setEdited(null)}
            onDone={async () => {
              toast(t(m.snippetSaved));
              setEdited(null);
              await again();
            }}
          />
        ) : null}
      </Dialog>
      <Confirm
        title={t(m.deleteSnippetTitle, { name: leaving?.name ?? "" })}
        text={t(m.deleteSnippetText)}
        keep={t(m.keep)}
        act={t(m.deleteKey)}
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

interface FormProps {
  known: Snippet | null;
  onDone: () => Promise<void>;
  onCancel: () => void;
}

function SnippetForm({ known, onDone, onCancel }: FormProps) {
  const t = useT();
  const [eggs, setEggs] = useState<string[]>(known?.eggs ?? []);
  const [search, setSearch] = useState("");
  const found = useQuery(ownEggsQuery(search));
  const form = useRecordForm({
    initial: { name: known?.name ?? "", command: known?.command ?? "" },
    checks: {
      name: v.pipe(v.string(), v.trim(), v.nonEmpty(t(m.needed)), v.maxLength(31, t(m.tooLong, { max: 31 }))),
      command: v.pipe(
        v.string(),
        v.nonEmpty(t(m.needed)),
        v.maxLength(1024, t(m.tooLong, { max: 1024 })),
        v.regex(/^[^\r\n]*$/, t(m.oneLine)),
      ),
    },
    send: async ({ name, command }) => {
      const body = { name: name.trim(), command, eggs };
      if (known) await updateSnippet(known.uuid, body);
      else await createSnippet(body);
    },
    done: onDone,
  });
  return (
    <RecordFrame form={form} submit={t(m.save)} back={<Button onClick={onCancel}>{t(m.cancel)}</Button>}>
      <TextField label={t(m.name)} autoComplete="off" {...form.field("name")} />
      <TextField label={t(m.command)} mono autoComplete="off" spellCheck={false} {...form.field("command")} />
      <ComboMany
        label={t(m.forEggs)}
        hint={t(m.eggsHint)}
        placeholder={t(m.eggsPlaceholder)}
        empty={t(m.eggsEmpty)}
        options={(found.data ?? []).map((egg) => ({ value: egg.uuid, label: egg.name }))}
        onSearch={setSearch}
        values={eggs}
        onChange={setEggs}
      />
    </RecordFrame>
  );
}
