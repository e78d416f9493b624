import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type AdminServer, adminServersQuery } from "@/api/queries";
import { panelState } from "@/features/servers/state";
import { useT } from "@/i18n";
import { address, limit } from "@/lib/format";
import { TopBar } from "@/shell/top-bar";
import { ButtonLink } from "@/ui/button";
import { EmptyWire } from "@/ui/feedback";
import { type Column, ListTable } from "@/ui/list-table";
import { useTitle } from "@/ui/page";
import { StateMark } from "@/ui/state-mark";
import { m } from "./messages";

/** The columns of a table of servers, here and on the overview. */
export function useServerColumns(): Column<AdminServer>[] {
  const t = useT();
  return [
    {
      key: "name",
      head: t(m.name),
      cell: (s) => (
        <Link className="nm" to="/admin/servers/$server" params={{ server: s.uuid }}>
          {s.name}
        </Link>
      ),
    },
    {
      key: "status",
      head: t(m.status),
      cell: (s) => {
        const state = panelState(s);
        return state ? <StateMark state={state} /> : <span className="t2">{t(m.installed)}</span>;
      },
    },
    {
      key: "owner",
      head: t(m.owner),
      phone: "hide",
      cell: (s) => <span className="t2">{s.owner.username}</span>,
    },
    {
      key: "game",
      head: t(m.game),
      phone: "meta",
      cell: (s) => (
        <span className="t2">
          {s.egg.name}
          <span className="only-m inline-m">, {s.node.name}</span>
        </span>
      ),
    },
    { key: "node", head: t(m.node), phone: "hide", cell: (s) => <span className="t2">{s.node.name}</span> },
    {
      key: "address",
      head: t(m.address),
      phone: "hide",
      cell: (s) => <span className="mono t2">{s.allocation ? address(s.allocation) : "–"}</span>,
    },
    {
      key: "memory",
      head: t(m.memory),
      num: true,
      phone: "hide",
      cell: (s) => <span className="t2">{limit(s.limits.memory, t(m.unlimited))}</span>,
    },
  ];
}

/** All servers of the panel. */
export default function AdminServers() {
  const t = useT();
  const navigate = useNavigate({ from: "/admin/servers" });
  const { search = "", page = 1 } = useSearch({ from: "/signed-in/admin/admin/servers" });
  const list = useQuery({
    ...adminServersQuery({ page, ...(search ? { search } : {}) }),
    refetchInterval: 15_000,
  });
  const columns = useServerColumns();
  useTitle(t(m.servers));
  return (
    <>
      <TopBar title={t(m.servers)}>
        <ButtonLink to="/admin/servers/new" look="primary" icon={IconPlus}>
          {t(m.newServer)}
        </ButtonLink>
      </TopBar>
      <main className="page" id="main">
        <ListTable
          caption={t(m.servers)}
          query={list}
          rowKey={(s) => s.uuid}
          loadFailed={t(m.loadFailed)}
          empty={<EmptyWire title={t(m.serversEmpty)} text={t(m.serversEmptyText)} />}
          search={{
            value: search,
            placeholder: t(m.findServer),
            onChange: (text) => void navigate({ search: { search: text }, replace: true }),
          }}
          onPage={(next) => void navigate({ search: (old) => ({ ...old, page: next }) })}
          columns={columns}
        />
      </main>
    </>
  );
}
