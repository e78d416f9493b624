import { useQueries, useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { type Egg, eggsQuery, nestsQuery } from "@/api/queries";
import { useT } from "@/i18n";
import { SkeletonLines } from "@/ui/feedback";
import { m } from "./messages";

export interface ChosenEgg {
  nest: string;
  egg: Egg;
}

interface Props {
  value: ChosenEgg | null;
  error: string | undefined;
  onChange: (value: ChosenEgg) => void;
}

/** All eggs of all nests, to choose one from. */
export function EggPicker({ value, error, onChange }: Props) {
  const t = useT();
  const id = useId();
  const [text, setText] = useState("");
  const nests = useQuery(nestsQuery);
  const lists = useQueries({ queries: (nests.data?.data ?? []).map((n) => eggsQuery(n.uuid)) });
  const all = (nests.data?.data ?? []).flatMap((nest, i) =>
    (lists[i]?.data?.data ?? []).map((egg) => ({ nest, egg })),
  );
  const needle = text.trim().toLowerCase();
  const shown = all.filter(
    ({ nest, egg }) => needle === "" || `${egg.name} ${nest.name}`.toLowerCase().includes(needle),
  );
  const loading = nests.isPending || lists.some((l) => l.isPending);
  return (
    <section className="card">
      <div className="hd">
        <h2 id={id}>{t(m.pickEgg)}</h2>
        <span className="sp" />
        {all.length > 8 ? (
          <div className="inp egg-filter">
            <input
              type="search"
              aria-label={t(m.findEgg)}
              placeholder={t(m.findEgg)}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
          </div>
        ) : null}
      </div>
      <div className="bd stack g12">
        {loading ? (
          <SkeletonLines />
        ) : all.length === 0 ? (
          <p className="t2">{t(m.noEggs)}</p>
        ) : shown.length === 0 ? (
          <p className="t2">{t(m.noEggMatches)}</p>
        ) : (
          <div className="pick" role="radiogroup" aria-labelledby={id}>
            {shown.map(({ nest, egg }) => (
              <label key={egg.uuid}>
                <input
                  type="radio"
                  name={id}
                  checked={value?.egg.uuid === egg.uuid}
                  aria-invalid={error ? true : undefined}
                  onChange={() => onChange({ nest: nest.uuid, egg })}
                />
                <span className="b trunc">{egg.name}</span>
                <span className="sm t3 trunc">{nest.name}</span>
              </label>
            ))}
          </div>
        )}
        {error ? (
          <p className="errmsg" role="alert">
            {error}
          </p>
        ) : null}
      </div>
    </section>
  );
}
