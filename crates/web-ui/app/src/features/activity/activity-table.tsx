import { IconListDetails } from "@tabler/icons-react";
import type { UseQueryResult } from "@tanstack/react-query";
import { useState } from "react";
import { type Message, type Translate, useT } from "@/i18n";
import { ago, dateTime } from "@/lib/format";
import { Button, IconButton } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { EmptyWire } from "@/ui/feedback";
import { type Column, ListTable, type Page } from "@/ui/list-table";
import { factsOf, hasDetails } from "./details";
import { events, m } from "./messages";

interface Person {
  username: string;
}

/** What the logs of users and of servers have in common. */
export interface Entry {
  event: string;
  data: unknown;
  created: string;
  ip?: string | null;
  is_api: boolean;
  is_schedule?: boolean;
  user?: Person | null;
  impersonator?: Person | null;
}

const phrases: Record<string, Message> = events;

/** The event as a phrase; one that this page does not know is shown as it is called. */
function phraseOf(t: Translate, event: string): string {
  const phrase = phrases[event];
  return phrase ? t(phrase) : event;
}

interface Props {
  query: UseQueryResult<Page<Entry>>;
  search: string;
  onSearch: (search: string) => void;
  onPage: (page: number) => void;
  /** Whether entries name who did it. */
  people?: boolean;
}

/** A log: what happened, who did it, from where and when. */
export function ActivityTable({ query, search, onSearch, onPage, people }: Props) {
  const t = useT();
  const [shown, setShown] = useState<Entry | null>(null);
  const who: Column<Entry> = {
    key: "who",
    head: t(m.who),
    phone: "meta",
    cell: (entry) => <Who entry={entry} />,
  };
  return (
    <>
      <ListTable
        caption={t(m.title)}
        query={query}
        rowKey={(entry) => `${entry.created} ${entry.event} ${JSON.stringify(entry.data)}`}
        loadFailed={t(m.loadFailed)}
        search={{ value: search, placeholder: t(m.search), onChange: onSearch }}
        onPage={onPage}
        empty={<EmptyWire title={t(m.emptyTitle)} text={t(m.emptyText)} />}
        columns={[
          {
            key: "event",
            head: t(m.event),
            cell: (entry) => (
              <span>
                <span className="nm">{phraseOf(t, entry.event)}</span>
                {!people && entry.is_api ? <span className="tag plain">{t(m.byApi)}</span> : null}
                <Facts data={entry.data} />
              </span>
            ),
          },
          ...(people ? [who] : []),
          {
            key: "ip",
            head: t(m.address),
            phone: "meta",
            cell: (entry) => <span className="mono sm t2">{entry.ip ?? ""}</span>,
          },
          {
            key: "when",
            head: t(m.when),
            phone: "meta",
            cell: (entry) => {
              const at = new Date(entry.created);
              return (
                <time className="sm t2 nowrap" dateTime={entry.created} title={dateTime(at)}>
                  {ago(at, new Date())}
                </time>
              );
            },
          },
          {
            key: "acts",
            head: t(m.details),
            phone: "acts",
            cell: (entry) =>
              hasDetails(entry.data) ? (
                <IconButton
                  icon={IconListDetails}
                  label={t(m.detailsOf, { event: phraseOf(t, entry.event) })}
                  onClick={() => setShown(entry)}
                />
              ) : null,
          },
        ]}
      />
      <Dialog
        title={shown ? phraseOf(t, shown.event) : ""}
        open={shown !== null}
        onClose={() => setShown(null)}
        wide
      >
        {shown ? (
          <div className="stack g12">
            <p className="sm t3">
              <span className="mono">{shown.event}</span> · {dateTime(new Date(shown.created))}
            </p>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard. */}
            <pre className="log-data" tabIndex={0}>
              {JSON.stringify(shown.data, null, 2)}
            </pre>
            <div className="row dialog-foot">
              <Button onClick={() => setShown(null)}>{t(m.close)}</Button>
            </div>
          </div>
        ) : null}
      </Dialog>
    </>
  );
}

function Facts({ data }: { data: unknown }) {
  const facts = factsOf(data);
  if (facts.length === 0) return null;
  return (
    <span className="sm t3 block breakable">
      {facts.map(([key, value], i) => (
        <span key={key}>
          {i > 0 ? " · " : ""}
          {key} <span className="t2">{value}</span>
        </span>
      ))}
    </span>
  );
}

function Who({ entry }: { entry: Entry }) {
  const t = useT();
  const name = entry.user?.username;
  return (
    <span className="sm">
      {entry.impersonator ? (
        <span className="t3">{t(m.actedAs, { name: entry.impersonator.username })} </span>
      ) : null}
      {name ?? t(m.byPanel)}
      {entry.is_schedule ? <span className="t3 block">{t(m.bySchedule)}</span> : null}
      {entry.is_api ? <span className="t3 block">{t(m.byApi)}</span> : null}
    </span>
  );
}
