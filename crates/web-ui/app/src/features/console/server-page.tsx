import { useSuspenseQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { accountQuery, type Server } from "@/api/queries";
import { useServer } from "@/features/server/context";
import { StateBanner } from "@/features/server/state-banner";
import { can } from "@/features/servers/state";
import { useT } from "@/i18n";
import { against, bytes, limit, mib, percent, span } from "@/lib/format";
import { useTitle } from "@/ui/page";
import { ConsoleView } from "./console-view";
import { LoadCard } from "./load-card";
import { m } from "./messages";
import type { Session } from "./session";

/** A server's first page: console and load. */
export default function ServerPage() {
  const t = useT();
  const { server, state, session } = useServer();
  const { data: account } = useSuspenseQuery(accountQuery);
  useTitle(t(m.pageTitle, { name: server.name }));
  return (
    <main className="page fill conpage" id="main">
      <div className="stack">
        <StateBanner server={server} state={state} />
        <Strip server={server} session={session} />
      </div>
      <div className="grid2 congrid">
        <ConsoleView
          session={session}
          server={server.uuid}
          sender={account?.username ?? ""}
          egg={server.egg.uuid}
          canSend={can(server, "control.console")}
        />
        <div className="stack conside">
          <LoadCard session={session} limits={server.limits} />
          <Details server={server} />
        </div>
      </div>
    </main>
  );
}

/** The readings that matter, in one card. */
function Strip({ server, session }: { server: Server; session: Session }) {
  const t = useT();
  const { stats, rate, power } = session.state();
  const on = power !== null && power !== "offline";
  const [now, setNow] = useState(() => Date.now());
  const base = useRef({ at: Date.now(), uptime: 0 });
  if (stats && stats.uptime !== base.current.uptime) base.current = { at: Date.now(), uptime: stats.uptime };
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1_000);
    return () => window.clearInterval(timer);
  }, []);
  const { limits } = server;
  const of = (text: string) => <small>{t(m.of, { limit: text })}</small>;
  const uptime = on && stats ? span((stats.uptime + Math.max(0, now - base.current.at)) / 1_000) : "–";
  const readings: [string, string, ReactNode][] = [
    [t(m.uptime), uptime, null],
    [
      t(m.cpu),
      on && stats ? percent(stats.cpu_absolute) : "–",
      limits.cpu > 0 ? of(String(limits.cpu)) : null,
    ],
    [
      t(m.memory),
      on && stats ? against(stats.memory_bytes, limits.memory) : "–",
      limits.memory > 0 ? of(bytes(mib(limits.memory))) : null,
    ],
    [
      t(m.disk),
      stats ? against(stats.disk_bytes, limits.disk) : "–",
      limits.disk > 0 ? of(bytes(mib(limits.disk))) : null,
    ],
    [t(m.networkIn), on && rate ? bytes(rate.rx) : "–", on && rate ? <small>/s</small> : null],
    [t(m.networkOut), on && rate ? bytes(rate.tx) : "–", on && rate ? <small>/s</small> : null],
  ];
  return (
    <dl className="strip">
      {readings.map(([name, value, rest]) => (
        <div key={name}>
          <dt className="k">{name}</dt>
          <dd className="v">
            {value} {rest}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Details({ server }: { server: Server }) {
  const t = useT();
  return (
    <section className="card pad stack g12">
      <h2>{t(m.details)}</h2>
      <dl className="dl sm">
        <dt>{t(m.game)}</dt>
        <dd>{server.egg.name}</dd>
        <dt>{t(m.node)}</dt>
        <dd>
          {server.node_name}, {server.location_name}
        </dd>
        <dt>{t(m.disk)}</dt>
        <dd>{limit(server.limits.disk, t(m.noLimit))}</dd>
        <dt>{t(m.sftp)}</dt>
        <dd className="mono">
          {server.sftp_host}:{server.sftp_port}
        </dd>
        <dt>{t(m.id)}</dt>
        <dd className="mono">{server.uuid_short}</dd>
      </dl>
    </section>
  );
}
