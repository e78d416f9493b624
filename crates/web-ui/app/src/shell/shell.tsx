import { Drawer } from "@mantine/core";
import "@mantine/core/styles/Overlay.layer.css";
import "@mantine/core/styles/Paper.layer.css";
import "@mantine/core/styles/ModalBase.layer.css";
import "@mantine/core/styles/Drawer.layer.css";
import { IconMenu2, IconSearch } from "@tabler/icons-react";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link, useRouterState } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense, useEffect, useState } from "react";
import { accountQuery } from "@/api/queries";
import { useT } from "@/i18n";
import { Icon } from "@/ui/icon";
import { Logo } from "@/ui/logo";
import { AccountMenu } from "./account-menu";
import { m } from "./messages";
import { adminNav, type NavGroup, userNav } from "./nav-items";
import { settingsName } from "./panel-name";
import { ShellContext, type ShellControls } from "./shell-context";

const Palette = lazy(() => import("./palette"));
const Shortcuts = lazy(() => import("./shortcuts"));

interface Props {
  kind: "user" | "server" | "admin";
  /** Replaces the page list; the server pages bring their own. */
  nav?: NavGroup[];
  /** Stands between the search and the page list. */
  switcher?: ReactNode;
  children: ReactNode;
}

/** The frame around every page of a signed-in person: sidebar, drawer, bottom bar, command palette. */
export function Shell({ kind, nav, switcher, children }: Props) {
  const t = useT();
  const { data: account } = useSuspenseQuery(accountQuery);
  const [drawer, setDrawer] = useState(false);
  const [palette, setPalette] = useState(false);
  const [keys, setKeys] = useState(false);
  const path = useRouterState({ select: (s) => s.location.pathname });
  const groups = nav ?? (kind === "admin" ? adminNav : userNav(account?.admin ?? false));

  // biome-ignore lint/correctness/useExhaustiveDependencies: the drawer closes whenever the page changes.
  useEffect(() => setDrawer(false), [path]);
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if ((event.ctrlKey || event.metaKey) && event.code === "KeyK") {
        event.preventDefault();
        setPalette(true);
      }
      const typing =
        event.target instanceof HTMLElement &&
        event.target.closest("input, textarea, select, [contenteditable]");
      if (event.key === "?" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) setKeys(true);
    }
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);

  if (!account) return null;

  const controls: ShellControls = { openMenu: () => setDrawer(true), openSearch: () => setPalette(true) };
  const inside = (
    <>
      <Link className="brand" to={kind === "admin" ? "/admin" : "/"}>
        <Logo />
        {settingsName()}
        {kind === "admin" ? <span className="tag plain">{t(m.admin)}</span> : null}
      </Link>
      <button
        type="button"
        className="find"
        aria-keyshortcuts="Control+K"
        onClick={() => {
          setDrawer(false);
          setPalette(true);
        }}
      >
        <Icon of={IconSearch} size="s" />
        <span>{t(m.search)}</span>
        <span className="sp" />
        <kbd className="hide-m">Ctrl K</kbd>
      </button>
      {switcher}
      <nav className="nav" aria-label={t(kind === "admin" ? m.adminNav : m.main)}>
        {groups.map((group) => (
          <NavSection key={group.items[0]?.to} group={group} path={path} />
        ))}
      </nav>
      <AccountMenu account={account} admin={kind === "admin"} onShortcuts={() => setKeys(true)} />
    </>
  );

  return (
    <ShellContext value={controls}>
      <a className="skip" href="#main">
        {t(m.skip)}
      </a>
      <div className="app">
        <aside className="side">{inside}</aside>
        <div className="main">{children}</div>
      </div>
      <BottomBar
        groups={groups}
        path={path}
        onMenu={() => setDrawer(true)}
        onSearch={() => setPalette(true)}
      />
      <Drawer
        opened={drawer}
        onClose={() => setDrawer(false)}
        size={288}
        withCloseButton={false}
        title={<span className="vh">{t(m.menu)}</span>}
        transitionProps={{ duration: 160 }}
        classNames={{ body: "drawer", header: "vh" }}
      >
        {inside}
      </Drawer>
      {palette ? (
        <Suspense>
          <Palette
            admin={account.admin}
            here={kind === "server" ? groups : []}
            onClose={() => setPalette(false)}
          />
        </Suspense>
      ) : null}
      {keys ? (
        <Suspense>
          <Shortcuts onClose={() => setKeys(false)} />
        </Suspense>
      ) : null}
    </ShellContext>
  );
}

function isCurrent(path: string, to: string, exact: boolean | undefined): boolean {
  const clean = path.replace(/\/$/, "") || "/";
  return clean === to || (!exact && clean.startsWith(`${to}/`));
}

function NavSection({ group, path }: { group: NavGroup; path: string }) {
  const t = useT();
  return (
    <>
      {group.title ? <h2>{t(group.title)}</h2> : null}
      {group.items.map((item) => (
        <Link
          key={item.to}
          to={item.to}
          activeOptions={{ exact: true }}
          aria-current={isCurrent(path, item.to, item.exact) ? "page" : undefined}
        >
          <Icon of={item.icon} />
          {t(item.label)}
        </Link>
      ))}
    </>
  );
}

interface BottomProps {
  groups: NavGroup[];
  path: string;
  onMenu: () => void;
  onSearch: () => void;
}

/** On phones the most used places, and one that holds the rest. */
function BottomBar({ groups, path, onMenu, onSearch }: BottomProps) {
  const t = useT();
  const items = groups.flatMap((g) => g.items).slice(0, 3);
  // A page without a place of its own here is found in the menu.
  const elsewhere = !items.some((item) => isCurrent(path, item.to, item.exact));
  return (
    <nav className="bottom" aria-label={t(m.menu)}>
      {items.map((item) => (
        <Link
          key={item.to}
          to={item.to}
          activeOptions={{ exact: true }}
          aria-current={isCurrent(path, item.to, item.exact) ? "page" : undefined}
        >
          <Icon of={item.icon} size="l" />
          {t(item.label)}
        </Link>
      ))}
      <button type="button" onClick={onSearch}>
        <Icon of={IconSearch} size="l" />
        {t(m.paletteTitle)}
      </button>
      <button type="button" aria-current={elsewhere ? "true" : undefined} onClick={onMenu}>
        <Icon of={IconMenu2} size="l" />
        {t(m.menu)}
      </button>
    </nav>
  );
}
