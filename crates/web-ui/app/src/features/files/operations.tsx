import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { asFailure } from "@/api/error";
import { useT } from "@/i18n";
import { bytes } from "@/lib/format";
import { Button } from "@/ui/button";
import { toastFailure } from "@/ui/toasts";
import { m } from "./messages";
import { nameOf } from "./paths";
import { cancelOperation, type Operation, operationsQuery } from "./requests";

const words = {
  compress: m.opCompress,
  decompress: m.opDecompress,
  pull: m.opPull,
  copy: m.opCopy,
} as const;

/** What the node does among the files in the background, also after a reload. */
export function Operations({ server, canCancel }: { server: string; canCancel: boolean }) {
  const t = useT();
  const client = useQueryClient();
  const operations = useQuery(operationsQuery(server, false));
  const running = operations.data ?? [];
  const before = useRef(0);
  useEffect(() => {
    // What has ended may have made files, anywhere.
    if (running.length < before.current)
      void client.invalidateQueries({ queryKey: ["files", server, "list"] });
    before.current = running.length;
  }, [running.length, client, server]);
  const cancel = useMutation({
    mutationFn: (id: string) => cancelOperation(server, id),
    onError: (error) => toastFailure(t(m.notCancelled), asFailure(error)),
    onSettled: () => client.invalidateQueries({ queryKey: ["files", server, "operations"] }),
  });
  if (running.length === 0) return null;
  return (
    <section className="card ops" aria-label={t(m.operations)}>
      <ul>
        {running.map((o, i) => (
          <Row
            key={o.uuid ?? i}
            of={o}
            busy={cancel.isPending && cancel.variables === o.uuid}
            onCancel={canCancel && o.uuid ? () => cancel.mutate(o.uuid as string) : undefined}
          />
        ))}
      </ul>
    </section>
  );
}

function Row({ of, busy, onCancel }: { of: Operation; busy: boolean; onCancel: (() => void) | undefined }) {
  const t = useT();
  const kind = (Object.keys(words) as (keyof typeof words)[]).find((k) => of.type.startsWith(k));
  const what = kind ? t(words[kind]) : of.type;
  const where = of.destination ?? of.path ?? "";
  const share =
    of.progress ?? (of.bytes_total && of.bytes_processed ? of.bytes_processed / of.bytes_total : null);
  const percent = share == null ? null : Math.floor(Math.min(1, share) * 100);
  return (
    <li>
      <div className="row">
        <span className="b">{what}</span>
        <span className="mono trunc t2" title={where}>
          {nameOf(where) || where}
        </span>
        <span className="sp" />
        <span className="sm t3">
          {percent === null
            ? of.bytes_processed
              ? bytes(of.bytes_processed)
              : t(m.working)
            : `${percent} %`}
        </span>
        {onCancel ? (
          <Button size="sm" look="quiet" busy={busy} onClick={onCancel}>
            {t(m.cancel)}
          </Button>
        ) : null}
      </div>
      <div
        className="bar h6 installing"
        role="progressbar"
        aria-label={`${what} ${where}`}
        aria-valuemin={0}
        aria-valuemax={100}
        {...(percent === null ? {} : { "aria-valuenow": percent })}
      >
        <i style={{ width: percent === null ? "30%" : `${percent}%` }} />
      </div>
    </li>
  );
}
