import { IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { api, take } from "@/api/client";
import { type Egg, type EggVariable, eggQuery, eggVariablesQuery, nestQuery } from "@/api/queries";
import { useT } from "@/i18n";
import { TopBar } from "@/shell/top-bar";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { ErrorCard } from "@/ui/failure";
import { SkeletonCard } from "@/ui/feedback";
import { useTitle } from "@/ui/page";
import { toast } from "@/ui/toasts";
import { EggExport } from "./egg-export";
import { m } from "./messages";

/** One egg: what it runs, how it starts and which settings it asks for. */
export default function EggPage() {
  const t = useT();
  const { nest, egg: id } = useParams({ from: "/signed-in/admin/admin/nests/$nest/eggs/$egg" });
  const parent = useQuery(nestQuery(nest));
  const egg = useQuery(eggQuery(nest, id));
  const variables = useQuery(eggVariablesQuery(nest, id));
  useTitle(egg.data?.name ?? t(m.eggs));
  return (
    <>
      <TopBar
        title={egg.data?.name ?? "…"}
        parent={{ label: parent.data?.name ?? t(m.nests), to: "/admin/nests/$nest", params: { nest } }}
      />
      <main className="page" id="main">
        {egg.isError ? (
          <ErrorCard title={t(m.loadOneFailed)} error={egg.error} retry={() => void egg.refetch()} />
        ) : !egg.data ? (
          <SkeletonCard lines={6} />
        ) : (
          <>
            {egg.data.description ? <p className="t2 lead">{egg.data.description}</p> : null}
            <div className="grid2">
              <div className="stack">
                <Variables list={variables.data ?? []} loading={variables.isPending} />
                <Script egg={egg.data} />
              </div>
              <div className="stack">
                <Startup egg={egg.data} />
                <EggExport nest={nest} egg={id} name={egg.data.name} />
                <Remove egg={egg.data} nest={nest} />
              </div>
            </div>
          </>
        )}
      </main>
    </>
  );
}

function Variables({ list, loading }: { list: EggVariable[]; loading: boolean }) {
  const t = useT();
  if (loading) return <SkeletonCard lines={5} />;
  const sorted = [...list].sort((a, b) => a.order - b.order);
  const may = (variable: EggVariable) =>
    t(variable.user_editable ? m.editable : variable.user_viewable ? m.viewable : m.hidden);
  return (
    <section className="card">
      <div className="hd">
        <h2>{t(m.variables)}</h2>
      </div>
      {sorted.length === 0 ? (
        <p className="bd t2">{t(m.variablesNone)}</p>
      ) : (
        <table className="tbl resp">
          <caption className="vh">{t(m.variables)}</caption>
          <thead>
            <tr>
              <th scope="col">{t(m.variable)}</th>
              <th scope="col">{t(m.defaultValue)}</th>
              <th scope="col">{t(m.rules)}</th>
              <th scope="col">{t(m.whoSees)}</th>
            </tr>
          </thead>
          <tbody>
            {sorted.map((v) => (
              <tr key={v.uuid}>
                <td>
                  <span className="nm">{v.name}</span>
                  <br />
                  <span className="mono t3 tech">{v.env_variable}</span>
                </td>
                <td className="mono t2 sm">{v.default_value}</td>
                <td className="mono t3 sm meta">{v.rules.join(", ")}</td>
                <td className="t2 hide-m">{may(v)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Script({ egg }: { egg: Egg }) {
  const t = useT();
  const { container, entrypoint, content } = egg.config_script;
  if (content.trim() === "") return null;
  return (
    <section className="card">
      <div className="hd">
        <h2>{t(m.installScript)}</h2>
      </div>
      <div className="bd stack g12">
        <p className="sm t2">{t(m.installIn, { container, entrypoint })}</p>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long script has to be scrollable with the keyboard. */}
        <pre className="mono-block" tabIndex={0}>
          {content}
        </pre>
      </div>
    </section>
  );
}

function Startup({ egg }: { egg: Egg }) {
  const t = useT();
  return (
    <section className="card">
      <div className="hd">
        <h2>{t(m.startup)}</h2>
      </div>
      <div className="bd stack">
        {Object.entries(egg.startup_commands).map(([name, command]) => (
          <div key={name} className="stack g8">
            <span className="sm t3">{name}</span>
            <code className="mono-block wrap-lines">{command}</code>
          </div>
        ))}
        <dl className="stack g12 facts sm">
          <div>
            <dt>{t(m.images)}</dt>
            {Object.entries(egg.docker_images).map(([name, image]) => (
              <dd key={name}>
                {name}
                <br />
                <span className="mono t3 breakable">{image}</span>
              </dd>
            ))}
          </div>
          {egg.config_startup.done && egg.config_startup.done.length > 0 ? (
            <div>
              <dt>{t(m.doneWhen)}</dt>
              {egg.config_startup.done.map((text) => (
                <dd key={text} className="mono breakable">
                  {text}
                </dd>
              ))}
            </div>
          ) : null}
          <div>
            <dt>{t(m.stopCommand)}</dt>
            <dd className="mono">{egg.config_stop.value || egg.config_stop.type}</dd>
          </div>
          {egg.config_files.length > 0 ? (
            <div>
              <dt>{t(m.configFiles)}</dt>
              {egg.config_files.map((file) => (
                <dd key={file.file} className="mono">
                  {file.file}
                </dd>
              ))}
            </div>
          ) : null}
          {egg.features.length > 0 ? (
            <div>
              <dt>{t(m.features)}</dt>
              <dd>{egg.features.join(", ")}</dd>
            </div>
          ) : null}
        </dl>
      </div>
    </section>
  );
}

function Remove({ egg, nest }: { egg: Egg; nest: string }) {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () =>
      take(api.DELETE("/api/admin/nests/{nest}/eggs/{egg}", { params: { path: { nest, egg: egg.uuid } } })),
    onSuccess: async () => {
      toast(t(m.eggDeleted, { name: egg.name }));
      await navigate({ to: "/admin/nests/$nest", params: { nest } });
      await client.invalidateQueries({ queryKey: ["nests"] });
    },
  });
  return (
    <section className="card pad stack g12">
      <h2>{t(m.eggDelete)}</h2>
      <p className="sm t2">{t(m.eggDeleteText)}</p>
      <div>
        <Button look="danger" size="sm" icon={IconTrash} onClick={() => setAsking(true)}>
          {t(m.eggDeleteAct)}
        </Button>
      </div>
      <Confirm
        title={t(m.eggDeleteAsk, { name: egg.name })}
        text={t(m.eggDeleteLost)}
        keep={t(m.eggKeep)}
        act={t(m.eggDeleteAct)}
        open={asking}
        busy={remove.isPending}
        error={remove.error}
        onClose={() => {
          setAsking(false);
          remove.reset();
        }}
        onConfirm={() => remove.mutate()}
      />
    </section>
  );
}
