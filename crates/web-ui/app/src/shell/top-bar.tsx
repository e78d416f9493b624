import { IconChevronLeft, IconMenu2, IconSearch } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useT } from "@/i18n";
import { IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { Logo } from "@/ui/logo";
import { Title } from "@/ui/page";
import { m } from "./messages";
import { settingsName } from "./panel-name";
import { useShell } from "./shell-context";

interface Props {
  title: string;
  /** Where the page belongs: shown before the title, and as the way back on phones. */
  parent?: { label: string; to: string; params?: Record<string, string> };
  status?: ReactNode;
  /** Whether the title is the page's heading; pages with one of their own say no. */
  heading?: boolean;
  children?: ReactNode;
}

/** The bar at the top of admin and server pages: where you are, its state, what you can do. */
export function TopBar({ title, parent, status, heading = true, children }: Props) {
  const t = useT();
  const { openMenu } = useShell();
  return (
    <header className="topbar">
      <IconButton icon={IconMenu2} label={t(m.menu)} className="only-narrow hide-m" onClick={openMenu} />
      {parent ? (
        <Link
          to={parent.to}
          {...(parent.params ? { params: parent.params } : {})}
          className="ib only-m"
          aria-label={t(m.back, { where: parent.label })}
        >
          <Icon of={IconChevronLeft} size="l" />
        </Link>
      ) : null}
      <div className="crumbs">
        {parent ? (
          <>
            <Link to={parent.to} {...(parent.params ? { params: parent.params } : {})} className="hide-m">
              {parent.label}
            </Link>
            <span className="hide-m" aria-hidden="true">
              /
            </span>
          </>
        ) : null}
        <div className="trunc">
          {heading ? <Title>{title}</Title> : <b className="name">{title}</b>}
          {status ? <div className="only-m">{status}</div> : null}
        </div>
        {status ? <span className="hide-m">{status}</span> : null}
      </div>
      <span className="sp hide-m" />
      {children}
    </header>
  );
}

/** The bar of the pages that carry their title in the content; it exists on narrow screens only. */
export function BrandBar() {
  const t = useT();
  const { openMenu, openSearch } = useShell();
  return (
    <header className="topbar only-narrow">
      <IconButton icon={IconMenu2} label={t(m.menu)} className="hide-m" onClick={openMenu} />
      <Link className="brand flush" to="/">
        <Logo />
        {settingsName()}
      </Link>
      <span className="sp" />
      <IconButton icon={IconSearch} label={t(m.paletteTitle)} onClick={openSearch} />
    </header>
  );
}
