import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { nodeStatusQuery, nodesQuery } from "@/api/queries";
import { useT } from "@/i18n";
import { limit } from "@/lib/format";
import { TopBar } from "@/shell/top-bar";
import { ButtonLink } from "@/ui/button";
import { EmptyWire } from "@/ui/feedback";
import { ListTable } from "@/ui/list-table";
import { useTitle } from "@/ui/page";
import { StateMark, stateNames } from "@/ui/state-mark";
import { m } from "./messages";

/** All nodes. The table is there at once; each node's state arrives by itself. */
export default function Nodes() {
  const t = useT();
  const navigate = useNavigate({ from: "/admin/nodes" });
  const { search = "", page = 1 } = useSearch({ from: "/signed-in/admin/admin/nodes" });
  const list = useQuery(nodesQuery({ page, ...(search ? { search } : {}) }));
  useTitle(t(m.nodes));
  const create = (
    <ButtonLink to="/admin/nodes/new" look="primary" icon={IconPlus}>
      {t(m.newNode)}
    </ButtonLink>
  );
  return (
    <>
      <TopBar title={t(m.nodes)}>{create}</TopBar>
      <main className="page" id="main">
        <ListTable
          caption={t(m.nodes)}
          query={list}
          rowKey={(n) => n.uuid}
          loadFailed={t(m.loadFailed)}
          empty={<EmptyWire title={t(m.nodesEmpty)} text={t(m.nodesEmptyText)} />}
          search={{
            value: search,
            placeholder: t(m.findNode),
            onChange: (text) => void navigate({ search: { search: text }, replace: true }),
          }}
          onPage={(next) => void navigate({ search: (old) => ({ ...old, page: next }) })}
          columns={[
            {
              key: "name",
              head: t(m.name),
              cell: (n) => (
                <Link className="nm" to="/admin/nodes/$node" params={{ node: n.uuid }}>
                  {n.name}
                </Link>
              ),
            },
            { key: "state", head: t(m.state), cell: (n) => <NodeState node={n.uuid} /> },
            {
              key: "location",
              head: t(m.location),
              phone: "meta",
              cell: (n) => <span className="t2">{n.location.name}</span>,
            },
            {
              key: "url",
              head: t(m.address),
              phone: "hide",
              cell: (n) => <span className="mono t2">{n.url.replace(/^https?:\/\//, "")}</span>,
            },
            {
              key: "memory",
              head: t(m.memory),
              num: true,
              phone: "hide",
              cell: (n) => <span className="t2">{limit(n.memory, t(m.unlimited))}</span>,
            },
            {
              key: "disk",
              head: t(m.disk),
              num: true,
              phone: "hide",
              cell: (n) => <span className="t2">{limit(n.disk, t(m.unlimited))}</span>,
            },
          ]}
        />
      </main>
    </>
  );
}

/** A node's state, asked for on its own so that one dead node delays nothing else. */
export function NodeState({ node, pill }: { node: string; pill?: boolean }) {
  const t = useT();
  const { data, isError } = useQuery(nodeStatusQuery(node, 15_000));
  if (!data && !isError) return <span className="sm t3">{t(m.asking)}</span>;
  if (data?.reachable)
    return <StateMark state="running" word={t(stateNames.healthy)} {...(pill ? { pill } : {})} />;
  if (data && !data.last_seen)
    return <StateMark state="offline" word={t(stateNames.unknown)} {...(pill ? { pill } : {})} />;
  return <StateMark state="unreachable" {...(pill ? { pill } : {})} />;
}
