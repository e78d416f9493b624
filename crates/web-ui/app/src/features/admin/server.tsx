import { IconTerminal2, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { api, take } from "@/api/client";
import { asFailure } from "@/api/error";
import { type AdminServer, adminServerQuery } from "@/api/queries";
import { panelState } from "@/features/servers/state";
import { useT } from "@/i18n";
import { address, date, limit } from "@/lib/format";
import { TopBar } from "@/shell/top-bar";
import { Button, ButtonLink } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { ErrorCard } from "@/ui/failure";
import { SkeletonCard } from "@/ui/feedback";
import { Switch } from "@/ui/field";
import { useTitle } from "@/ui/page";
import { StateMark } from "@/ui/state-mark";
import { toast, toastFailure } from "@/ui/toasts";
import { m } from "./messages";

/** One server from the operator's side. */
export default function AdminServerPage() {
  const t = useT();
  const { server: id } = useParams({ from: "/signed-in/admin/admin/servers/$server" });
  const server = useQuery({ ...adminServerQuery(id), refetchInterval: 10_000 });
  useTitle(server.data?.name ?? t(m.servers));
  const state = server.data ? panelState(server.data) : undefined;
  return (
    <>
      <TopBar
        title={server.data?.name ?? "…"}
        parent={{ label: t(m.servers), to: "/admin/servers" }}
        status={state ? <StateMark state={state} pill /> : null}
      >
        {server.data ? (
          <ButtonLink
            size="sm"
            icon={IconTerminal2}
            to="/server/$server"
            params={{ server: server.data.uuid_short }}
          >
            {t(m.openConsole)}
          </ButtonLink>
        ) : null}
      </TopBar>
      <main className="page" id="main">
        {server.isError ? (
          <ErrorCard title={t(m.loadOneFailed)} error={server.error} retry={() => void server.refetch()} />
        ) : !server.data ? (
          <SkeletonCard lines={6} />
        ) : (
          <div className="grid2">
            <div className="stack">
              <Facts server={server.data} />
            </div>
            <div className="stack">
              <Suspend server={server.data} />
              <DeleteServer server={server.data} />
            </div>
          </div>
        )}
      </main>
    </>
  );
}

function Facts({ server }: { server: AdminServer }) {
  const t = useT();
  const { limits } = server;
  return (
    <section className="card">
      <div className="hd">
        <h2>{t(m.facts)}</h2>
      </div>
      <div className="bd stack">
        <dl className="dl sm">
          <dt>{t(m.owner)}</dt>
          <dd>
            <Link to="/admin/users/$user" params={{ user: server.owner.uuid }}>
              {server.owner.username}
            </Link>
          </dd>
          <dt>{t(m.node)}</dt>
          <dd>
            <Link to="/admin/nodes/$node" params={{ node: server.node.uuid }}>
              {server.node.name}
            </Link>
          </dd>
          <dt>{t(m.address)}</dt>
          <dd className="mono">{server.allocation ? address(server.allocation) : "–"}</dd>
          <dt>{t(m.game)}</dt>
          <dd>
            <Link to="/admin/nests/$nest/eggs/$egg" params={{ nest: server.nest.uuid, egg: server.egg.uuid }}>
              {server.egg.name}
            </Link>
          </dd>
          <dt>{t(m.image)}</dt>
          <dd className="mono breakable">{server.image}</dd>
          <dt>{t(m.memory)}</dt>
          <dd>{limit(limits.memory, t(m.unlimited))}</dd>
          <dt>{t(m.cpu)}</dt>
          <dd>{limits.cpu === 0 ? t(m.unlimited) : `${limits.cpu} %`}</dd>
          <dt>{t(m.disk)}</dt>
          <dd>{limit(limits.disk, t(m.unlimited))}</dd>
          <dt>{t(m.created)}</dt>
          <dd>{date(new Date(server.created))}</dd>
          <dt>UUID</dt>
          <dd className="mono breakable">{server.uuid}</dd>
        </dl>
        <div className="stack g8">
          <h3>{t(m.startupCommand)}</h3>
          <code className="mono-block wrap-lines">{server.startup}</code>
        </div>
      </div>
    </section>
  );
}

function Suspend({ server }: { server: AdminServer }) {
  const t = useT();
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (suspended: boolean) =>
      take(
        api.PATCH("/api/admin/servers/{server}", {
          params: { path: { server: server.uuid } },
          body: { suspended },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: ["admin-servers"] }),
    onError: (error) => toastFailure(t(m.suspendServer), asFailure(error)),
  });
  return (
    <section className="card pad">
      <Switch
        label={t(m.suspendServer)}
        hint={t(m.suspendServerHint)}
        checked={change.isPending ? change.variables : server.is_suspended}
        onChange={(event) => change.mutate(event.currentTarget.checked)}
      />
    </section>
  );
}

function DeleteServer({ server }: { server: AdminServer }) {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const [force, setForce] = useState(false);
  const remove = useMutation({
    mutationFn: () =>
      take(
        api.DELETE("/api/admin/servers/{server}", {
          params: { path: { server: server.uuid } },
          body: { force, delete_backups: true },
        }),
      ),
    onSuccess: async () => {
      toast(t(m.serverDeleted, { name: server.name }));
      await navigate({ to: "/admin/servers" });
      await Promise.all([
        client.invalidateQueries({ queryKey: ["admin-servers"] }),
        client.invalidateQueries({ queryKey: ["servers"] }),
      ]);
    },
  });
  return (
    <section className="card pad stack g12">
      <h2>{t(m.serverDelete)}</h2>
      <p className="sm t2">{t(m.serverDeleteText)}</p>
      <div>
        <Button look="danger" size="sm" icon={IconTrash} onClick={() => setAsking(true)}>
          {t(m.serverDeleteAct)}
        </Button>
      </div>
      <Confirm
        title={t(m.serverDeleteAsk, { name: server.name })}
        text={t(m.serverDeleteLost, { node: server.node.name })}
        name={server.name}
        keep={t(m.serverKeep)}
        act={t(m.serverDeleteAct)}
        open={asking}
        busy={remove.isPending}
        error={remove.error}
        onClose={() => {
          setAsking(false);
          remove.reset();
        }}
        onConfirm={() => remove.mutate()}
      >
        <Switch
          label={t(m.serverForce)}
          checked={force}
          onChange={(event) => setForce(event.currentTarget.checked)}
        />
      </Confirm>
    </section>
  );
}
