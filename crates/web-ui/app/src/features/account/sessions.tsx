import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { asFailure } from "@/api/error";
import { useT } from "@/i18n";
import { ago, dateTime } from "@/lib/format";
import { Button } from "@/ui/button";
import { ListTable } from "@/ui/list-table";
import { toast, toastFailure } from "@/ui/toasts";
import { browserOf } from "./browser";
import { m } from "./messages";
import { endOtherSessions, endSession, type Session, sessionsQuery } from "./requests";

/** Where the account is signed in, and the way to end that. */
export function Sessions() {
  const t = useT();
  const client = useQueryClient();
  const [page, setPage] = useState(1);
  const list = useQuery(sessionsQuery(page));
  const again = () => client.invalidateQueries({ queryKey: ["account-sessions"] });
  const one = useMutation({
    mutationFn: (session: Session) => endSession(session.uuid),
    onSuccess: () => toast(t(m.endedOne)),
    onError: (error) => toastFailure(t(m.endFailed), asFailure(error)),
    onSettled: again,
  });
  const others = useMutation({
    mutationFn: endOtherSessions,
    onSuccess: (count) => toast(t(m.ended, { count })),
    onError: (error) => toastFailure(t(m.endFailed), asFailure(error)),
    onSettled: again,
  });
  const nameOf = (session: Session) => browserOf(session.user_agent) ?? t(m.unknownBrowser);
  return (
    <section className="stack g12">
      <div className="row wrap g12">
        <div className="grow">
          <h2>{t(m.sessions)}</h2>
          <p className="sm t2">{t(m.sessionsText)}</p>
        </div>
        <Button size="sm" busy={others.isPending} onClick={() => others.mutate()}>
          {t(m.endOthers)}
        </Button>
      </div>
      <ListTable
        caption={t(m.sessions)}
        query={list}
        rowKey={(session) => session.uuid}
        loadFailed={t(m.sessionsFailed)}
        onPage={setPage}
        empty={null}
        columns={[
          {
            key: "browser",
            head: t(m.browser),
            cell: (session) => (
              <span className="row wrap g8" title={session.user_agent}>
                <span className="nm">{nameOf(session)}</span>
                {session.is_using ? <span className="tag acc">{t(m.thisOne)}</span> : null}
              </span>
            ),
          },
          {
            key: "ip",
            head: t(m.address),
            phone: "meta",
            cell: (session) => <span className="mono sm t2">{session.ip}</span>,
          },
          {
            key: "used",
            head: t(m.lastUsed),
            phone: "meta",
            cell: (session) => {
              const at = new Date(session.last_used);
              return (
                <time className="sm t2" dateTime={session.last_used} title={dateTime(at)}>
                  {ago(at, new Date())}
                </time>
              );
            },
          },
          {
            key: "acts",
            head: t(m.endSession),
            phone: "acts",
            cell: (session) =>
              session.is_using ? null : (
                <Button
                  size="sm"
                  busy={one.isPending && one.variables?.uuid === session.uuid}
                  aria-label={t(m.endSessionOf, { browser: nameOf(session) })}
                  onClick={() => one.mutate(session)}
                >
                  {t(m.endSession)}
                </Button>
              ),
          },
        ]}
      />
    </section>
  );
}
