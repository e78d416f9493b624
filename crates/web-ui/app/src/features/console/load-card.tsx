import { useEffect, useRef, useState } from "react";
import { useT } from "@/i18n";
import { bytes, clock, mib, percent, shortBytes } from "@/lib/format";
import { useTheme } from "@/lib/theme-store";
import type { Plot, PlotOptions } from "./chart";
import { m } from "./messages";
import { usePreferences } from "./preferences";
import type { Sample, Session } from "./session";

interface Props {
  session: Session;
  limits: { cpu: number; memory: number };
}

const WINDOWS = [1, 5, 15];

/** CPU, memory and network as they come from the node, with the same figures as a table. */
export function LoadCard({ session, limits }: Props) {
  const t = useT();
  const { minutes, set } = usePreferences();
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = window.setInterval(() => {
      if (document.visibilityState === "visible") tick((n) => n + 1);
    }, 1_000);
    return () => window.clearInterval(timer);
  }, []);

  const { stats, rate: measured, power } = session.state();
  // The last rate of a server that has ended is not what flows now.
  const rate = power === "offline" ? null : measured;
  const now = Math.floor(Date.now() / 1_000);
  const from = now - minutes * 60;
  const samples = session.samples.filter((s) => s.at >= from);
  const cpuTop = limits.cpu > 0 ? limits.cpu : niceTop(samples, (s) => s.cpu, 100);
  const memoryTop = limits.memory > 0 ? mib(limits.memory) : niceTop(samples, (s) => s.memory, mib(512));
  const netTop = Math.max(
    niceTop(samples, (s) => s.rx, 10 * 1024),
    niceTop(samples, (s) => s.tx, 10 * 1024),
  );
  const speed = (value: number) => `${bytes(value)}/s`;
  const cpuNow = percent(stats?.cpu_absolute ?? 0);
  const memoryNow = bytes(stats?.memory_bytes ?? 0);

  return (
    <section className="card pad stack load" aria-label={t(m.load)}>
      <div className="row">
        <h2>{t(m.load)}</h2>
        <span className="sp" />
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset can't be laid out inline in every browser. */}
        <div className="seg sm" role="group" aria-label={t(m.window)}>
          {WINDOWS.map((n) => (
            <button key={n} type="button" aria-pressed={minutes === n} onClick={() => set({ minutes: n })}>
              {t(m.minutes, { n })}
            </button>
          ))}
        </div>
      </div>
      <Chart
        title={t(m.cpu)}
        value={cpuNow}
        label={t(m.chartLabel, { name: t(m.cpu), minutes, value: cpuNow })}
        samples={samples}
        pick={[(s) => s.cpu]}
        range={[from, now]}
        top={cpuTop}
        options={{
          series: [{ colour: "--c1" }],
          label: percent,
          height: 64,
          times: false,
          cursor: session.server,
        }}
      />
      <Chart
        title={t(m.memory)}
        value={memoryNow}
        label={t(m.chartLabel, { name: t(m.memory), minutes, value: memoryNow })}
        samples={samples}
        pick={[(s) => s.memory]}
        range={[from, now]}
        top={memoryTop}
        options={{
          series: [{ colour: "--c2" }],
          label: bytes,
          height: 64,
          times: false,
          cursor: session.server,
        }}
      />
      <Chart
        title={t(m.network)}
        legend={[
          [t(m.in), "--c4", false],
          [t(m.out), "--c3", true],
        ]}
        value={speed(rate?.tx ?? 0)}
        label={t(m.chartLabel, {
          name: t(m.network),
          minutes,
          value: t(m.inOut, { in: speed(rate?.rx ?? 0), out: speed(rate?.tx ?? 0) }),
        })}
        samples={samples}
        pick={[(s) => s.rx, (s) => s.tx]}
        range={[from, now]}
        top={netTop}
        options={{
          series: [{ colour: "--c4" }, { colour: "--c3", dashed: true }],
          label: shortBytes,
          height: 64,
          times: true,
          cursor: session.server,
        }}
      />
      <details className="sm t2">
        <summary>{t(m.showData)}</summary>
        <DataTable samples={samples} speed={speed} />
      </details>
    </section>
  );
}

/** The readings of the window in at most twelve rows, newest first. */
function DataTable({ samples, speed }: { samples: Sample[]; speed: (value: number) => string }) {
  const t = useT();
  const step = Math.max(1, Math.ceil(samples.length / 12));
  const rows = samples.filter((_, i) => (samples.length - 1 - i) % step === 0).reverse();
  const cell = (value: number | null, text: (value: number) => string) =>
    value === null ? "–" : text(value);
  if (rows.length === 0) return <p className="t3">{t(m.noData)}</p>;
  return (
    <table className="datatable">
      <thead>
        <tr>
          <th scope="col">{t(m.time)}</th>
          <th scope="col">{t(m.cpu)}</th>
          <th scope="col">{t(m.memory)}</th>
          <th scope="col">{t(m.networkIn)}</th>
          <th scope="col">{t(m.networkOut)}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((s) => (
          <tr key={s.at}>
            <td>{clock(s.at * 1_000)}</td>
            <td>{cell(s.cpu, percent)}</td>
            <td>{cell(s.memory, bytes)}</td>
            <td>{cell(s.rx, speed)}</td>
            <td>{cell(s.tx, speed)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A round upper end for an axis without a limit. */
function niceTop(samples: Sample[], pick: (s: Sample) => number | null, least: number): number {
  const max = Math.max(least, ...samples.map((s) => pick(s) ?? 0));
  let top = least;
  while (top < max) top *= 2;
  return top;
}

interface ChartProps {
  title: string;
  value: string;
  legend?: [name: string, colour: string, dashed: boolean][];
  /** What a screen reader says of the picture. */
  label: string;
  samples: Sample[];
  pick: ((s: Sample) => number | null)[];
  range: [from: number, to: number];
  top: number;
  options: PlotOptions;
}

function Chart({ title, value, legend, label, samples, pick, range, top, options }: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const scheme = useTheme((s) => s.scheme);

  // biome-ignore lint/correctness/useExhaustiveDependencies: made once; readings are set below.
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    let gone = false;
    void import("./chart").then(({ Plot }) => {
      if (!gone) plot.current = new Plot(element, options);
    });
    return () => {
      gone = true;
      plot.current?.destroy();
      plot.current = null;
    };
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of theme is the reason to run.
  useEffect(() => plot.current?.recolour(), [scheme]);
  useEffect(() => {
    plot.current?.set(
      [samples.map((s) => s.at), ...pick.map((p) => samples.map(p))],
      range[0],
      range[1],
      top,
    );
  });

  return (
    <div className="chart">
      <div className="top">
        <h3 className="sm">{title}</h3>
        {legend ? (
          <span className="legend">
            {legend.map(([name, colour, dashed]) => (
              <span key={name}>
                <i className={dashed ? "d" : ""} style={{ color: `var(${colour})` }} />
                {name}
              </span>
            ))}
          </span>
        ) : null}
        <span className="v">{value}</span>
      </div>
      <div ref={host} className="uplot-host" role="img" aria-label={label} />
    </div>
  );
}
