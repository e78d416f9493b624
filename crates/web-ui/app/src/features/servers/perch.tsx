import type { ServerState } from "@/ui/state-mark";

interface Props {
  state: ServerState | undefined;
  /** CPU in percent, oldest first. */
  samples: number[];
  /** The CPU limit in percent; 0 when there is none. */
  limit: number;
}

const WIDTH = 300;
const HEIGHT = 22;

/** The line at the foot of a card: alive while the server runs, flat when it sleeps, dashed when it is out of sight. */
export function Perch({ state, samples, limit }: Props) {
  const alive = state === "running" || state === "starting" || state === "stopping";
  if (!alive || samples.length === 0) {
    const hidden =
      state === undefined || state === "unreachable" || state === "installing" || state === "transferring";
    return (
      <div className="perch" aria-hidden="true">
        <svg viewBox={`0 0 ${WIDTH} 28`} preserveAspectRatio="none" aria-hidden="true">
          <path
            d={`M0 25H${WIDTH}`}
            stroke="var(--line-2)"
            strokeWidth="2"
            strokeDasharray={hidden ? "6 5" : undefined}
            vectorEffect="non-scaling-stroke"
          />
        </svg>
      </div>
    );
  }
  // One reading is a level line until the next one comes.
  const readings = samples.length === 1 ? [...samples, ...samples] : samples;
  const top = Math.max(limit, ...readings, 1);
  const points = readings.map((value, i) => {
    const x = (i / (readings.length - 1)) * WIDTH;
    const y = HEIGHT - (Math.min(value, top) / top) * (HEIGHT - 2);
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  const line = `M${points.join("L")}`;
  const colour = state === "running" ? "var(--accent)" : `var(--st-${state})`;
  return (
    <div className="perch" aria-hidden="true">
      <svg viewBox={`0 0 ${WIDTH} 28`} preserveAspectRatio="none" aria-hidden="true">
        <g transform="translate(0 3)">
          <path d={`${line}L${WIDTH} 25L0 25Z`} fill={colour} opacity=".12" />
          <path
            d={line}
            fill="none"
            stroke={colour}
            strokeWidth="1.5"
            strokeLinejoin="round"
            vectorEffect="non-scaling-stroke"
          />
        </g>
      </svg>
    </div>
  );
}
