import { IconRefresh, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { api, take } from "@/api/client";
import { allocationsQuery, type Node, nodeQuery } from "@/api/queries";
import { useT } from "@/i18n";
import { date, limit } from "@/lib/format";
import { TopBar } from "@/shell/top-bar";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { ErrorCard } from "@/ui/failure";
import { SkeletonCard } from "@/ui/feedback";
import { useTitle } from "@/ui/page";
import { toast } from "@/ui/toasts";
import { Allocations } from "./allocations";
import { m } from "./messages";
import { NodeCheck, NodeConfiguration } from "./node-connect";
import { NodeForm } from "./node-form";
import { NodeState } from "./nodes";

const tabs = [
  [undefined, m.tabOverview],
  ["settings", m.tabSettings],
  ["configuration", m.tabConfiguration],
  ["allocations", m.tabAllocations],
] as const;

/** One node: how it does, its settings, its configuration file and its addresses. */
export default function NodePage() {
  const t = useT();
  const { node: id } = useParams({ from: "/signed-in/admin/admin/nodes/$node" });
  const { tab } = useSearch({ from: "/signed-in/admin/admin/nodes/$node" });
  const node = useQuery(nodeQuery(id));
  useTitle(node.data?.name ?? t(m.nodes));
  return (
    <>
      <TopBar
        title={node.data?.name ?? "…"}
        parent={{ label: t(m.nodes), to: "/admin/nodes" }}
        status={node.data ? <NodeState node={id} pill /> : null}
      />
      <main className="page" id="main">
        <nav className="tabs" aria-label={t(m.tabsLabel)}>
          {tabs.map(([value, label]) => (
            <Link
              key={label.id}
              to="/admin/nodes/$node"
              params={{ node: id }}
              search={value ? { tab: value } : {}}
              activeOptions={{ exact: true, includeSearch: true }}
              aria-current={tab === value ? "page" : undefined}
            >
              {t(label)}
            </Link>
          ))}
        </nav>
        {node.isError ? (
          <ErrorCard title={t(m.loadOneFailed)} error={node.error} retry={() => void node.refetch()} />
        ) : !node.data ? (
          <SkeletonCard lines={5} />
        ) : tab === "settings" ? (
          <Settings key={node.data.uuid} node={node.data} />
        ) : tab === "configuration" ? (
          <Configuration node={node.data} />
        ) : tab === "allocations" ? (
          <Allocations node={id} />
        ) : (
          <Overview node={node.data} />
        )}
      </main>
    </>
  );
}

function Overview({ node }: { node: Node }) {
  const t = useT();
  const used = useQuery(allocationsQuery(node.uuid, { per_page: 1 }));
  return (
    <div className="grid2">
      <div className="stack">
        <NodeCheck node={node.uuid} url={node.url} every={10_000} />
        <DeleteNode node={node} />
      </div>
      <section className="card">
        <div className="hd">
          <h2>{t(m.facts)}</h2>
        </div>
        <div className="bd">
          <dl className="dl sm">
            <dt>{t(m.location)}</dt>
            <dd>{node.location.name}</dd>
            <dt>{t(m.address)}</dt>
            <dd className="mono breakable">{node.url}</dd>
            <dt>{t(m.sftp)}</dt>
            <dd className="mono">
              {node.sftp_host ?? new URL(node.url).hostname}:{node.sftp_port}
            </dd>
            <dt>{t(m.memory)}</dt>
            <dd>{limit(node.memory, t(m.unlimited))}</dd>
            <dt>{t(m.disk)}</dt>
            <dd>{limit(node.disk, t(m.unlimited))}</dd>
            <dt>{t(m.tabAllocations)}</dt>
            <dd>{used.data?.total ?? "…"}</dd>
            <dt>{t(m.created)}</dt>
            <dd>{date(new Date(node.created))}</dd>
          </dl>
          {node.description ? <p className="sm t2 lead">{node.description}</p> : null}
        </div>
      </section>
    </div>
  );
}

function DeleteNode({ node }: { node: Node }) {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => take(api.DELETE("/api/admin/nodes/{node}", { params: { path: { node: node.uuid } } })),
    onSuccess: async () => {
      toast(t(m.nodeDeleted, { name: node.name }));
      await navigate({ to: "/admin/nodes" });
      await client.invalidateQueries({ queryKey: ["nodes"] });
    },
  });
  return (
    <section className="card pad stack g12">
      <h2>{t(m.deleteNode)}</h2>
      <p className="sm t2">{t(m.deleteNodeText)}</p>
      <div>
        <Button look="danger" size="sm" icon={IconTrash} onClick={() => setAsking(true)}>
          {t(m.deleteNodeAct)}
        </Button>
      </div>
      <Confirm
        title={t(m.deleteNodeAsk, { name: node.name })}
        text={t(m.deleteNodeLost)}
        name={node.name}
        keep={t(m.deleteNodeKeep)}
        act={t(m.deleteNodeAct)}
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

function Settings({ node }: { node: Node }) {
  const t = useT();
  const client = useQueryClient();
  return (
    <div className="narrow">
      <NodeForm
        node={node}
        submit={t(m.save)}
        onDone={async () => {
          toast(t(m.saved));
          await client.invalidateQueries({ queryKey: ["nodes"] });
        }}
      />
    </div>
  );
}

function Configuration({ node }: { node: Node }) {
  const t = useT();
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const reset = useMutation({
    mutationFn: () =>
      take(api.POST("/api/admin/nodes/{node}/reset-token", { params: { path: { node: node.uuid } } })),
    onSuccess: async () => {
      setAsking(false);
      toast(t(m.tokenDone));
      await client.invalidateQueries({ queryKey: ["nodes", "configuration", node.uuid] });
    },
  });
  return (
    <div className="grid2">
      <NodeConfiguration node={node.uuid} />
      <div className="stack">
        <NodeCheck node={node.uuid} url={node.url} every={5_000} />
        <section className="card pad stack g12">
          <h2>{t(m.token)}</h2>
          <p className="sm t2">{t(m.tokenText)}</p>
          <div>
            <Button look="danger" size="sm" icon={IconRefresh} onClick={() => setAsking(true)}>
              {t(m.tokenReset)}
            </Button>
          </div>
        </section>
      </div>
      <Confirm
        title={t(m.tokenAsk, { name: node.name })}
        text={t(m.tokenLost)}
        keep={t(m.tokenKeep)}
        act={t(m.tokenReset)}
        open={asking}
        busy={reset.isPending}
        error={reset.error}
        onClose={() => {
          setAsking(false);
          reset.reset();
        }}
        onConfirm={() => reset.mutate()}
      />
    </div>
  );
}
