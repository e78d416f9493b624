import { IconChevronLeft, IconChevronRight, IconSearch } from "@tabler/icons-react";
import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { messages, useT } from "@/i18n";
import { Button } from "./button";
import { ErrorCard } from "./failure";
import { EmptyWire, SkeletonCard } from "./feedback";
import { Icon } from "./icon";

export const m = messages("list", {
  filter: "Filter",
  previous: "Previous",
  next: "Next",
  range: "{from} to {to} of {total}",
  nothing: "Nothing matches",
  nothingText: "Try another word, or clear the filter.",
  clear: "Clear the filter",
});

export interface Page<T> {
  data: T[];
  page: number;
  per_page: number;
  total: number;
}

export interface Column<T> {
  key: string;
  head: string;
  cell: (row: T) => ReactNode;
  /** Numbers stand right. */
  num?: boolean;
  /** `meta` becomes the second line on phones, `hide` is left out there, `acts` holds the row's actions. */
  phone?: "meta" | "hide" | "acts";
}

interface Props<T> {
  caption: string;
  query: UseQueryResult<Page<T>>;
  columns: Column<T>[];
  rowKey: (row: T) => string;
  loadFailed: string;
  /** Shown when there is nothing at all. */
  empty: ReactNode;
  search?: { value: string; placeholder: string; onChange: (text: string) => void };
  onPage?: (page: number) => void;
  /** Stands at the end of the card's head. */
  actions?: ReactNode;
}

const look = { meta: "meta", hide: "hide-m", acts: "acts" } as const;

/** A table of a list from the server, with filter and pages; on phones each row becomes a small card. */
export function ListTable<T>({
  caption,
  query,
  columns,
  rowKey,
  loadFailed,
  empty,
  search,
  onPage,
  actions,
}: Props<T>) {
  const t = useT();
  if (query.isError)
    return <ErrorCard title={loadFailed} error={query.error} retry={() => void query.refetch()} />;
  const { data } = query;
  if (data && data.total === 0 && !search?.value && data.page <= 1) return <>{empty}</>;
  const from = data ? (data.page - 1) * data.per_page + 1 : 0;
  const to = data ? Math.min(data.total, from + data.data.length - 1) : 0;
  const more = data !== undefined && data.total > data.per_page;
  return (
    <div className="stack g12">
      {search || actions ? (
        <div className="row g12 wrap">
          {search ? <FilterField {...search} /> : null}
          <span className="sp" />
          {actions}
        </div>
      ) : null}
      {!data ? (
        <SkeletonCard lines={5} />
      ) : data.data.length === 0 ? (
        <EmptyWire title={t(m.nothing)} text={t(m.nothingText)}>
          {search ? <Button onClick={() => search.onChange("")}>{t(m.clear)}</Button> : null}
        </EmptyWire>
      ) : (
        <section className="card">
          <table className="tbl resp">
            <caption className="vh">{caption}</caption>
            <thead>
              <tr>
                {columns.map((c) => (
                  <th
                    key={c.key}
                    scope="col"
                    className={c.num ? "num" : c.phone === "acts" ? "acts" : undefined}
                  >
                    {c.phone === "acts" ? <span className="vh">{c.head}</span> : c.head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {data.data.map((row) => (
                <tr key={rowKey(row)}>
                  {columns.map((c) => (
                    <td
                      key={c.key}
                      className={
                        [c.num ? "num" : "", c.phone ? look[c.phone] : ""].filter(Boolean).join(" ") ||
                        undefined
                      }
                    >
                      {c.cell(row)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
          {more && onPage ? (
            <div className="pager">
              <span className="sm t3" role="status">
                {t(m.range, { from, to, total: data.total })}
              </span>
              <span className="sp" />
              <Button
                size="sm"
                icon={IconChevronLeft}
                disabled={data.page <= 1}
                onClick={() => onPage(data.page - 1)}
              >
                {t(m.previous)}
              </Button>
              <Button
                size="sm"
                icon={IconChevronRight}
                disabled={to >= data.total}
                onClick={() => onPage(data.page + 1)}
              >
                {t(m.next)}
              </Button>
            </div>
          ) : null}
        </section>
      )}
    </div>
  );
}

function FilterField({
  value,
  placeholder,
  onChange,
}: {
  value: string;
  placeholder: string;
  onChange: (text: string) => void;
}) {
  const t = useT();
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = window.setTimeout(() => onChange(text), 250);
    return () => window.clearTimeout(timer);
  }, [text, value, onChange]);
  return (
    <div className="inp filter">
      <Icon of={IconSearch} size="s" className="t3" />
      <input
        type="search"
        aria-label={t(m.filter)}
        placeholder={placeholder}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </div>
  );
}
