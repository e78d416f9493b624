import { IconPlus, IconSearch } from "@tabler/icons-react";
import { useQueries, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { accountQuery, resourcesQuery, type Server, serversQuery } from "@/api/queries";
import { useT } from "@/i18n";
import { SetupBanner } from "@/shell/setup-banner";
import { BrandBar } from "@/shell/top-bar";
import { Button, ButtonLink } from "@/ui/button";
import { ErrorCard } from "@/ui/failure";
import { EmptyWire } from "@/ui/feedback";
import { Icon } from "@/ui/icon";
import { Title, useTitle } from "@/ui/page";
import { StateMark } from "@/ui/state-mark";
import { ALL, groupServersQuery, groupsQuery } from "./group-requests";
import { GroupTabs } from "./group-tabs";
import { m } from "./messages";
import { ServerCard, ServerCardSkeleton } from "./server-card";
import { liveOf, stateOf } from "./state";

const STEP = 24;

/** The servers a person owns or shares, with what each is doing now. The list never waits for a node. */
export default function ServerList() {
  const t = useT();
  const navigate = useNavigate({ from: "/" });
  const { search = "", other = false, group } = useSearch({ from: "/signed-in/user/" });
  const { data: account } = useSuspenseQuery(accountQuery);
  const [shown, setShown] = useState(STEP);
  const [text, setText] = useState(search);
  const field = useRef<HTMLInputElement>(null);
  useTitle(t(m.title));

  const groups = useQuery(groupsQuery);
  const wanted = group ?? (account?.start_on_grouped_servers ? groups.data?.[0]?.uuid : undefined);
  const chosen = other ? undefined : groups.data?.find((g) => g.uuid === wanted);
  // Which list it is, is known with the groups, if they can be had.
  const undecided =
    !other && groups.isPending && (group ? group !== ALL : (account?.start_on_grouped_servers ?? false));
  const all = useQuery({
    ...serversQuery({
      per_page: Math.min(shown, 100),
      ...(search ? { search } : {}),
      ...(other ? { other } : {}),
    }),
    enabled: !chosen && !undecided,
  });
  const grouped = useQuery({
    ...groupServersQuery(chosen?.uuid ?? "", search),
    enabled: chosen !== undefined,
  });
  const list = chosen ? grouped : all;
  const total = list.data?.total ?? 0;
  const admin = account?.admin ?? false;

  useEffect(() => {
    if (text === search) return;
    const timer = window.setTimeout(() => {
      void navigate({ search: (old) => ({ ...old, search: text }), replace: true });
    }, 250);
    return () => window.clearTimeout(timer);
  }, [text, search, navigate]);

  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      const typing = event.target instanceof HTMLElement && event.target.closest("input, textarea, select");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      field.current?.focus();
    }
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);

  const create = (
    <ButtonLink to="/admin/servers/new" look="primary" icon={IconPlus}>
      {t(m.create)}
    </ButtonLink>
  );

  return (
    <>
      <BrandBar />
      <main className="page" id="main">
        <div className="phead">
          <Title>{t(m.title)}</Title>
          <span className="sm t3 hide-m" role="status">
            {list.data ? t(m.count, { total }) : ""}
          </span>
          <span className="sp" />
          {admin ? create : null}
        </div>
        {admin ? <SetupBanner /> : null}
        <div className="row g12 wrap">
          <div className="inp filter">
            <Icon of={IconSearch} size="s" className="t3" />
            <input
              ref={field}
              type="search"
              aria-label={t(m.filterLabel)}
              placeholder={t(m.filter)}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
            <kbd className="hide-m">/</kbd>
          </div>
          {admin ? (
            // biome-ignore lint/a11y/useSemanticElements: a fieldset can't be laid out inline in every browser.
            <div className="seg" role="group" aria-label={t(m.whose)}>
              {[false, true].map((value) => (
                <button
                  key={String(value)}
                  type="button"
                  aria-pressed={other === value}
                  onClick={() =>
                    void navigate({ search: (old) => ({ ...old, other: value }), replace: true })
                  }
                >
                  {t(value ? m.others : m.mine)}
                </button>
              ))}
            </div>
          ) : null}
        </div>
        {other ? null : <GroupTabs groups={groups.data ?? []} shown={chosen} />}
        <UnreachableNodes servers={list.data?.data ?? []} />
        {list.isError ? (
          <ErrorCard title={t(m.loadFailed)} error={list.error} retry={() => void list.refetch()} />
        ) : list.isPending ? (
          <div className="cards" aria-busy="true">
            {[0, 1, 2, 3].map((n) => (
              <ServerCardSkeleton key={n} />
            ))}
          </div>
        ) : list.data.data.length === 0 ? (
          chosen && !search ? (
            <EmptyWire title={t(m.groupEmpty)} text={t(m.groupEmptyText)} />
          ) : search ? (
            <EmptyWire title={t(m.nothing)} text={t(m.nothingText)}>
              <Button onClick={() => setText("")}>{t(m.clear)}</Button>
            </EmptyWire>
          ) : (
            <EmptyWire title={t(m.emptyTitle)} text={t(admin ? m.emptyAdmin : m.emptyUser)} />
          )
        ) : (
          <>
            <ul className="cards">
              {list.data.data.map((server) => (
                <ServerCard key={server.uuid} server={server} />
              ))}
            </ul>
            {list.data.data.length < total && shown < 100 ? (
              <div>
                <Button onClick={() => setShown(shown + STEP)} busy={list.isFetching}>
                  {t(m.more)}
                </Button>
              </div>
            ) : null}
          </>
        )}
      </main>
    </>
  );
}

/** Says once per node, and not only on every card, that its servers' figures are old. */
function UnreachableNodes({ servers }: { servers: Server[] }) {
  const t = useT();
  // The cards ask; this only looks at what they were told.
  const figures = useQueries({
    queries: servers.map((s) => ({
      ...resourcesQuery(s.uuid),
      enabled: false,
      refetchInterval: false as const,
    })),
  });
  const away = servers.flatMap((server, i) => {
    const asked = figures[i];
    return asked && stateOf(server, liveOf(asked)) === "unreachable" ? [{ server, asked }] : [];
  });
  const nodes = [...new Set(away.map(({ server }) => server.node_name))];
  return (
    <div role="status" className={nodes.length > 0 ? undefined : "vh"}>
      {nodes.length > 0 ? (
        <div className="banner unreachable">
          <StateMark state="unreachable" shapeOnly />
          <p>
            <b>{t(m.nodesDown, { count: nodes.length, nodes: nodes.join(", ") })}</b>{" "}
            <span className="t2">{t(m.nodesDownText, { count: away.length })}</span>
          </p>
          <Button
            size="sm"
            busy={away.some(({ asked }) => asked.isFetching)}
            onClick={() => {
              for (const { asked } of away) void asked.refetch();
            }}
          >
            {t(m.tryNow)}
          </Button>
        </div>
      ) : null}
    </div>
  );
}
