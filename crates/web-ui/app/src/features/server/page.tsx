import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useEffect, useState } from "react";
import { type Server, serverQuery } from "@/api/queries";
import { can } from "@/features/servers/state";
import { type Message, useT } from "@/i18n";
import { Button, ButtonLink } from "@/ui/button";
import { EmptyWire } from "@/ui/feedback";
import { Title, useTitle } from "@/ui/page";
import { type ServerState, StateMark } from "@/ui/state-mark";
import { useServer } from "./context";
import { m } from "./messages";
import { StateBanner } from "./state-banner";

interface Props {
  title: Message;
  /** The permission that the page needs to show anything. */
  needs?: string;
  /** Stands beside the heading. */
  note?: ReactNode;
  actions?: ReactNode;
  narrow?: boolean;
  children: ReactNode;
}

/** What the pages of a server below the console share: heading, the server's state, and what to say without permission. */
export function ServerPageBody({ title, needs, note, actions, narrow, children }: Props) {
  const t = useT();
  const { server, state } = useServer();
  useTitle(t(m.pageTitle, { page: t(title), name: server.name }));
  const allowed = !needs || can(server, needs);
  return (
    <main className={`page${narrow ? " narrow" : ""}`} id="main">
      <div className="phead">
        <Title>{t(title)}</Title>
        <span className="sp" />
        {note ? <span className="sm t3 hide-m">{note}</span> : null}
        {allowed ? actions : null}
      </div>
      <StateBanner server={server} state={state} />
      <LineLost state={state} />
      {allowed ? (
        children
      ) : (
        <EmptyWire title={t(m.denied)} text={t(m.deniedText, { permission: needs })}>
          <ButtonLink to="/server/$server" params={{ server: server.uuid_short }}>
            {t(m.toConsole)}
          </ButtonLink>
        </EmptyWire>
      )}
    </main>
  );
}

/** Says that the live line to the node is down, and when the next attempt is made. */
function LineLost({ state }: { state: ServerState | undefined }) {
  const t = useT();
  const { session } = useServer();
  const { connection, retryAt } = session.state();
  const [now, setNow] = useState(() => Date.now());
  const waiting = connection === "waiting" && retryAt !== null;
  useEffect(() => {
    if (!waiting) return;
    setNow(Date.now());
    const timer = window.setInterval(() => setNow(Date.now()), 1_000);
    return () => window.clearInterval(timer);
  }, [waiting]);
  // A node that does not answer has a banner of its own, and so has a server in a state without a line.
  if (!waiting || state === "unreachable" || state === "suspended" || state === "transferring") return null;
  return (
    <div className="banner offline">
      <StateMark state="offline" word={t(m.lineLost)} shapeOnly />
      <p>
        <b>{t(m.lineLost)}</b>{" "}
        <span className="t2">
          {t(m.lineLostText, { seconds: Math.max(0, Math.ceil((retryAt - now) / 1_000)) })}
        </span>
      </p>
      <Button size="sm" onClick={() => session.retryNow()}>
        {t(m.tryNow)}
      </Button>
    </div>
  );
}

/** Whether the panel takes changes of this server in its state now: everything but what is told to be impossible. */
export function isChangeable(state: ServerState | undefined): boolean {
  return state !== "suspended" && state !== "transferring" && state !== "installing" && state !== "failed";
}

/** Changes what all pages know of the server at once; the returned function takes that back. */
export function useServerPatch(): (change: Partial<Server>) => () => void {
  const { server } = useServer();
  const client = useQueryClient();
  return (change) => {
    const keys = [serverQuery(server.uuid).queryKey, serverQuery(server.uuid_short).queryKey];
    const before = keys.map((key) => client.getQueryData(key));
    for (const key of keys) client.setQueryData(key, (old) => (old ? { ...old, ...change } : old));
    return () => {
      keys.forEach((key, i) => {
        client.setQueryData(key, before[i]);
      });
    };
  };
}
