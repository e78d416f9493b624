import { IconCircleCheck, IconCircleDashed, IconCircleX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { nodeConfigurationQuery, nodeStatusQuery } from "@/api/queries";
import { useT } from "@/i18n";
import { ago } from "@/lib/format";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { ErrorCard } from "@/ui/failure";
import { SkeletonCard } from "@/ui/feedback";
import { Icon } from "@/ui/icon";
import { m } from "./messages";

/** The daemon's configuration file, to copy. */
export function NodeConfiguration({ node }: { node: string }) {
  const t = useT();
  const yaml = useQuery(nodeConfigurationQuery(node));
  if (yaml.isError)
    return (
      <ErrorCard title={t(m.configurationFailed)} error={yaml.error} retry={() => void yaml.refetch()} />
    );
  if (!yaml.data) return <SkeletonCard lines={6} />;
  return (
    <section className="card">
      <div className="hd">
        <h2 className="mono">{t(m.configuration)}</h2>
        <span className="sp" />
        <CopyButton text={yaml.data} framed />
      </div>
      <div className="bd stack g12">
        <p className="sm t2">{t(m.configurationText)}</p>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long file has to be scrollable with the keyboard. */}
        <pre className="mono-block" tabIndex={0}>
          {yaml.data}
        </pre>
      </div>
    </section>
  );
}

type CheckState = "ok" | "bad" | "waiting" | "unknown";

/** Whether panel and node reach each other. `every` is how often it asks, in milliseconds. */
export function NodeCheck({ node, url, every }: { node: string; url: string; every: number }) {
  const t = useT();
  const status = useQuery(nodeStatusQuery(node, every));
  const { data } = status;
  const reached: CheckState = data ? (data.reachable ? "ok" : "bad") : status.isError ? "bad" : "waiting";
  const seen: CheckState = data?.last_seen ? "ok" : "waiting";
  return (
    <section className="card" aria-label={t(m.connection)}>
      <div className="hd">
        <h2>{t(m.connection)}</h2>
        <span className="sp" />
        <Button size="sm" busy={status.isFetching && !status.isPending} onClick={() => void status.refetch()}>
          {t(m.checkNow)}
        </Button>
      </div>
      <div aria-live="polite">
        <Check state={reached} title={t(m.panelToNode)}>
          {reached === "waiting" ? (
            t(m.panelToNodeWait, { url })
          ) : reached === "ok" ? (
            <span className="mono">{url}</span>
          ) : (
            <>
              {t(m.panelToNodeBad, { url })} {data?.error ?? ""}
            </>
          )}
        </Check>
        <Check state={seen} title={t(m.nodeToPanel)}>
          {data?.last_seen
            ? t(m.nodeToPanelSeen, { when: ago(new Date(data.last_seen), new Date()) })
            : t(m.nodeToPanelNever)}
        </Check>
        <Check state={data?.version ? "ok" : "unknown"} title={t(m.daemon)}>
          {data?.version ? `${data.flavour ?? ""} ${data.version}`.trim() : t(m.daemonUnknown)}
        </Check>
      </div>
    </section>
  );
}

function Check({ state, title, children }: { state: CheckState; title: string; children: ReactNode }) {
  return (
    <div className="check">
      {state === "ok" ? (
        <span className="ok">
          <Icon of={IconCircleCheck} />
        </span>
      ) : state === "bad" ? (
        <span className="bad">
          <Icon of={IconCircleX} />
        </span>
      ) : state === "waiting" ? (
        <span className="spin" aria-hidden="true" />
      ) : (
        <span className="t3">
          <Icon of={IconCircleDashed} />
        </span>
      )}
      <div>
        <div className={state === "unknown" ? "b t2" : "b"}>{title}</div>
        <div className="sm t3 breakable">{children}</div>
      </div>
    </div>
  );
}
