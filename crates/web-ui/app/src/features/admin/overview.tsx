import {
  IconDeviceGamepad2,
  IconMapPin,
  IconServer2,
  IconUsers,
  type Icon as TablerIcon,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { adminServersQuery, locationsQuery, nodesQuery, usersQuery } from "@/api/queries";
import { type Message, useT } from "@/i18n";
import { limit } from "@/lib/format";
import { SetupBanner } from "@/shell/setup-banner";
import { TopBar } from "@/shell/top-bar";
import { EmptyWire } from "@/ui/feedback";
import { Icon } from "@/ui/icon";
import { ListTable } from "@/ui/list-table";
import { useTitle } from "@/ui/page";
import { m } from "./messages";
import { NodeState } from "./nodes";
import { useServerColumns } from "./servers";

/** The state of the whole panel at one look. */
export default function Overview() {
  const t = useT();
  const nodes = useQuery(nodesQuery({ per_page: 10 }));
  const servers = useQuery({ ...adminServersQuery({ per_page: 5 }), refetchInterval: 15_000 });
  const users = useQuery(usersQuery({ per_page: 1 }));
  const locations = useQuery(locationsQuery({ per_page: 1 }));
  const columns = useServerColumns();
  useTitle(t(m.overview));
  return (
    <>
      <TopBar title={t(m.overview)} />
      <main className="page" id="main">
        <SetupBanner />
        <ul className="cols4 tiles">
          <Tile
            to="/admin/nodes"
            icon={IconServer2}
            title={m.nodes}
            count={m.nodeCount}
            total={nodes.data?.total}
          />
          <Tile
            to="/admin/servers"
            icon={IconDeviceGamepad2}
            title={m.servers}
            count={m.serverCount}
            total={servers.data?.total}
          />
          <Tile
            to="/admin/users"
            icon={IconUsers}
            title={m.users}
            count={m.userCount}
            total={users.data?.total}
          />
          <Tile
            to="/admin/locations"
            icon={IconMapPin}
            title={m.locations}
            count={m.locationCount}
            total={locations.data?.total}
          />
        </ul>
        <section className="stack g12">
          <div className="row">
            <h2>{t(m.nodesHead)}</h2>
            <span className="sp" />
            <Link className="sm inline-link" to="/admin/nodes">
              {t(m.showAll)}
            </Link>
          </div>
          <ListTable
            caption={t(m.nodesHead)}
            query={nodes}
            rowKey={(n) => n.uuid}
            loadFailed={t(m.loadFailed)}
            empty={<EmptyWire title={t(m.nodesEmpty)} text={t(m.nodesEmptyText)} />}
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
        </section>
        <section className="stack g12">
          <div className="row">
            <h2>{t(m.latestServers)}</h2>
            <span className="sp" />
            <Link className="sm inline-link" to="/admin/servers">
              {t(m.showAll)}
            </Link>
          </div>
          <ListTable
            caption={t(m.latestServers)}
            query={servers}
            rowKey={(s) => s.uuid}
            loadFailed={t(m.loadFailed)}
            empty={<EmptyWire title={t(m.serversEmpty)} text={t(m.serversEmptyText)} />}
            columns={columns}
          />
        </section>
      </main>
    </>
  );
}

interface TileProps {
  to: string;
  icon: TablerIcon;
  title: Message;
  count: Message;
  total: number | undefined;
}

function Tile({ to, icon, title, count, total }: TileProps) {
  const t = useT();
  return (
    <li>
      <Link className="card pad tile" to={to}>
        <Icon of={icon} size="l" className="t3" />
        <span>
          <span className="b">{t(title)}</span>
          <br />
          <span className="sm t2">{total === undefined ? "…" : t(count, { total })}</span>
        </span>
      </Link>
    </li>
  );
}
