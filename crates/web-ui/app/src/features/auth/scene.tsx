/** Wires at dusk with one kingfisher: the picture beside the sign-in form. Decorative. */

const wires: [path: string, stroke: string, width: number][] = [
  ["M-20 250 Q 450 302 920 250", "var(--line-2)", 1.4],
  ["M-20 372 Q 450 440 920 372", "var(--line-2)", 1.4],
  ["M-20 494 Q 450 578 920 494", "var(--control)", 2],
  ["M-20 616 Q 450 716 920 616", "var(--line-2)", 1.4],
  ["M-20 738 Q 450 854 920 738", "var(--line-2)", 1.4],
];

/** Where a small bird sits: x, y, and its size, negative when it looks left. */
const birds: [x: number, y: number, size: number][] = [
  [640, 272.2, -1.5],
  [700, 269.0, 1.4],
  [180, 395.2, 1.6],
  [236, 399.4, -1.5],
  [760, 391.6, -1.5],
  [250, 657.3, 1.7],
  [690, 653.4, -1.6],
  [748, 646.3, -1.7],
  [420, 796.2, 1.7],
  [120, 767.8, 1.5],
];

const BODY = "M24.4 10.2C24.4 18.6 18.6 24.6 9.2 24.6H2.2C8 20.6 11.6 16 11.9 10.2a6.25 6.25 0 0 1 12.5 0Z";

export function Scene() {
  return (
    <div className="scene full" aria-hidden="true">
      <svg viewBox="0 0 900 900" preserveAspectRatio="xMidYMid slice" aria-hidden="true">
        {wires.map(([path, stroke, width]) => (
          <path key={path} d={path} fill="none" stroke={stroke} strokeWidth={width} />
        ))}
        {birds.map(([x, y, size]) => (
          <g
            key={`${x}`}
            transform={`translate(${x} ${y}) scale(${size} ${Math.abs(size)}) translate(-14 -24.6)`}
            fill="var(--line-2)"
          >
            <path d="M29.6 9.9 23.2 12v-4z" />
            <path d={BODY} />
          </g>
        ))}
        <g transform="translate(560 534.1) scale(4.6) translate(-14 -24.6)">
          <path d="M31 9.9 23.2 7.7v4.6z" fill="var(--text)" />
          <path d={BODY} fill="var(--accent)" />
          <path
            d="M24.4 10.2C24.4 18.6 18.6 24.6 9.2 24.6 15.2 21.8 17.6 16.6 17.9 12.6 20.6 13.4 23 12.6 24.4 10.2Z"
            fill="var(--ember)"
          />
          <circle cx="20.2" cy="8.8" r="1.35" fill="var(--sunken)" />
        </g>
      </svg>
    </div>
  );
}
