import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { clock } from "@/lib/format";

export interface Series {
  /** CSS variable of the line's colour, such as `--c1`. */
  colour: string;
  dashed?: boolean;
}

export interface PlotOptions {
  series: Series[];
  /** Text of a value at the y axis. */
  label: (value: number) => string;
  height: number;
  /** Whether times stand below. */
  times: boolean;
  cursor: string;
}

/** Width of the gutter on the right that holds the y labels. */
const GUTTER = 44;

function css(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** A streaming chart: lines without animation, grid at zero, half and top, gaps where nothing is known. */
export class Plot {
  #plot: uPlot;
  readonly #host: HTMLElement;
  readonly #options: PlotOptions;
  readonly #resize: ResizeObserver;
  #top = 1;
  #data: uPlot.AlignedData;

  constructor(host: HTMLElement, options: PlotOptions) {
    this.#host = host;
    this.#options = options;
    this.#data = [[], ...options.series.map(() => [])];
    this.#plot = this.#make();
    this.#resize = new ResizeObserver(() =>
      this.#plot.setSize({ width: host.clientWidth, height: this.#height() }),
    );
    this.#resize.observe(host);
  }

  /** Shows new readings between two times; `top` is the upper end of the y axis. */
  set(data: uPlot.AlignedData, from: number, to: number, top: number): void {
    this.#data = data;
    this.#top = top;
    this.#plot.batch(() => {
      this.#plot.setData(data, false);
      this.#plot.setScale("x", { min: from, max: to });
      this.#plot.setScale("y", { min: 0, max: top });
    });
  }

  /** Draws with the colours of the current theme. */
  recolour(): void {
    const { min, max } = this.#plot.scales.x ?? {};
    this.#plot.destroy();
    this.#plot = this.#make();
    if (typeof min === "number" && typeof max === "number") this.set(this.#data, min, max, this.#top);
  }

  destroy(): void {
    this.#resize.disconnect();
    this.#plot.destroy();
  }

  #height(): number {
    return this.#options.height + (this.#options.times ? 20 : 0);
  }

  #make(): uPlot {
    const { series, label, times, cursor } = this.#options;
    const grid = { stroke: css("--line"), width: 1 };
    const font = "11px Atkinson Hyperlegible Next, system-ui, sans-serif";
    return new uPlot(
      {
        width: this.#host.clientWidth || 300,
        height: this.#height(),
        padding: [6, 0, times ? 0 : 4, 0],
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false }, sync: { key: cursor }, points: { size: 6 } },
        scales: { x: { time: true, auto: false }, y: { auto: false, range: (_, min, max) => [min, max] } },
        axes: [
          {
            show: times,
            stroke: css("--text-3"),
            font,
            size: 20,
            gap: 3,
            grid: { show: false },
            ticks: { show: false },
            splits: (u) => {
              const { min = 0, max = 1 } = u.scales.x ?? {};
              const width = max - min;
              return [min + width * 0.1, min + width * 0.5, min + width * 0.9];
            },
            values: (_, splits) => splits.map((at) => clock(at * 1_000).slice(0, 5)),
          },
          {
            side: 1,
            stroke: css("--text-3"),
            font,
            size: GUTTER,
            gap: 6,
            grid,
            ticks: { show: false },
            splits: () => [0, this.#top / 2, this.#top],
            values: (_, splits) => splits.map((v) => (v === 0 ? "" : label(v))),
          },
        ],
        series: [
          {},
          ...series.map((s) => ({
            stroke: css(s.colour),
            width: 1.75,
            spanGaps: false,
            points: { show: false },
            ...(s.dashed ? { dash: [5, 4] } : {}),
            ...(series.length === 1 ? { fill: `${css(s.colour)}21` } : {}),
          })),
        ],
      },
      this.#data,
      this.#host,
    );
  }
}
