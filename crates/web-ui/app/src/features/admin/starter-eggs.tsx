import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { api, take } from "@/api/client";
import { starterEggsQuery } from "@/api/queries";
import { useT } from "@/i18n";
import { Button } from "@/ui/button";
import { ErrorCard, InlineFailure } from "@/ui/failure";
import { SkeletonCard } from "@/ui/feedback";
import { toast } from "@/ui/toasts";
import { m } from "./messages";

/** The eggs that come with the panel, each to be installed once. */
export function StarterEggs({ onInstalled }: { onInstalled?: () => void }) {
  const t = useT();
  const id = useId();
  const client = useQueryClient();
  const eggs = useQuery(starterEggsQuery);
  const [off, setOff] = useState<ReadonlySet<string>>(new Set());
  const install = useMutation({
    mutationFn: (slugs: string[]) => take(api.POST("/api/admin/eggs/starter", { body: { slugs } })),
    onSuccess: async ({ installed }) => {
      toast(t(m.starterDone, { count: installed.length }));
      await client.invalidateQueries({ queryKey: ["nests"] });
      onInstalled?.();
    },
  });
  if (eggs.isError)
    return <ErrorCard title={t(m.loadFailed)} error={eggs.error} retry={() => void eggs.refetch()} />;
  if (!eggs.data) return <SkeletonCard lines={5} />;
  const wanted = eggs.data.filter((e) => !e.installed && !off.has(e.slug)).map((e) => e.slug);
  const rest = eggs.data.some((e) => !e.installed);
  function toggle(slug: string) {
    const next = new Set(off);
    if (!next.delete(slug)) next.add(slug);
    setOff(next);
  }
  return (
    <section className="card" aria-labelledby={id}>
      <div className="hd">
        <h2 id={id}>{t(m.starterTitle)}</h2>
        <p className="sm hide-m">{t(m.starterText)}</p>
        <span className="sp" />
        {rest ? (
          <Button
            size="sm"
            disabled={wanted.length === 0}
            title={wanted.length === 0 ? t(m.starterPick) : undefined}
            busy={install.isPending}
            onClick={() => install.mutate(wanted)}
          >
            {t(m.starterInstall, { count: wanted.length })}
          </Button>
        ) : null}
      </div>
      {install.isError ? (
        <div className="bd">
          <InlineFailure error={install.error} />
        </div>
      ) : null}
      <div>
        {eggs.data.map((egg) => (
          <label key={egg.slug} className="eggrow">
            <input
              type="checkbox"
              className="cbx"
              checked={egg.installed || !off.has(egg.slug)}
              disabled={egg.installed}
              onChange={() => toggle(egg.slug)}
            />
            <span>
              <span className="b">{egg.name}</span> <span className="t3 sm">{egg.nest}</span>
              <br />
              <span className="sm t2">{egg.description}</span>
            </span>
            {egg.installed ? <span className="tag ok">{t(m.starterInstalled)}</span> : <span />}
          </label>
        ))}
      </div>
    </section>
  );
}
