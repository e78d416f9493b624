import type { Icon as TablerIcon } from "@tabler/icons-react";
import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, ButtonHTMLAttributes, Ref } from "react";
import { Icon } from "./icon";

interface Look {
  look?: "primary" | "quiet" | "danger" | "danger-fill";
  size?: "sm" | "lg";
  full?: boolean;
  icon?: TablerIcon;
}

function classes({ look, size, full }: Look, extra?: string): string {
  const parts = ["btn"];
  if (look === "danger-fill") parts.push("danger", "fill");
  else if (look) parts.push(look);
  if (size) parts.push(size);
  if (full) parts.push("full");
  if (extra) parts.push(extra);
  return parts.join(" ");
}

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> &
  Look & {
    /** While true the button shows that it is working and takes no second press. */
    busy?: boolean;
    ref?: Ref<HTMLButtonElement>;
  };

export function Button({ look, size, full, icon, busy, className, children, onClick, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      // A busy button keeps the focus; `disabled` would throw it away.
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      className={classes(
        { ...(look ? { look } : {}), ...(size ? { size } : {}), ...(full ? { full } : {}) },
        className,
      )}
    >
      {busy ? <span className="spin" aria-hidden="true" /> : icon ? <Icon of={icon} /> : null}
      {children}
    </button>
  );
}

type AnchorProps = AnchorHTMLAttributes<HTMLAnchorElement> & Look & { ref?: Ref<HTMLAnchorElement> };

function ButtonAnchor({ look, size, full, icon, className, children, ...rest }: AnchorProps) {
  return (
    <a
      {...rest}
      className={classes(
        { ...(look ? { look } : {}), ...(size ? { size } : {}), ...(full ? { full } : {}) },
        className,
      )}
    >
      {icon ? <Icon of={icon} /> : null}
      {children}
    </a>
  );
}

/** A link that looks like a button. */
export const ButtonLink = createLink(ButtonAnchor);

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  icon: TablerIcon;
  /** The name, for screen readers and as tooltip. */
  label: string;
  outlined?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

export function IconButton({ icon, label, outlined, className, ...rest }: IconButtonProps) {
  const on = rest["aria-pressed"] === true;
  const name = ["ib", outlined ? "out" : "", on ? "on" : "", className ?? ""].filter(Boolean).join(" ");
  return (
    <button type="button" aria-label={label} title={label} {...rest} className={name}>
      <Icon of={icon} />
    </button>
  );
}
