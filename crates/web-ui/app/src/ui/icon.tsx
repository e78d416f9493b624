import type { Icon as TablerIcon } from "@tabler/icons-react";

interface Props {
  of: TablerIcon;
  size?: "s" | "m" | "l";
  className?: string;
}

/** A decorative icon in one of the design's three sizes. */
export function Icon({ of: Shape, size = "m", className }: Props) {
  const name = ["i", size === "m" ? "" : size, className ?? ""].filter(Boolean).join(" ");
  return <Shape className={name} aria-hidden="true" stroke={1.75} />;
}
