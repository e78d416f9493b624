import { Link, Outlet } from "@tanstack/react-router";
import { type Message, useT } from "@/i18n";
import { BrandBar } from "@/shell/top-bar";
import { Title, useTitle } from "@/ui/page";
import { m } from "./messages";

const pages: [
  (
    | "/account"
    | "/account/security"
    | "/account/api-keys"
    | "/account/ssh-keys"
    | "/account/snippets"
    | "/account/activity"
  ),
  Message,
][] = [
  ["/account", m.profile],
  ["/account/security", m.security],
  ["/account/api-keys", m.apiKeys],
  ["/account/ssh-keys", m.sshKeys],
  ["/account/snippets", m.snippets],
  ["/account/activity", m.activity],
];

/** What the pages of the own account share. */
export default function AccountFrame() {
  const t = useT();
  useTitle(t(m.title));
  return (
    <>
      <BrandBar />
      <main className="page" id="main">
        <div className="phead">
          <Title>{t(m.title)}</Title>
        </div>
        <nav className="tabs" aria-label={t(m.pages)}>
          {pages.map(([to, label]) => (
            <Link
              key={to}
              to={to}
              activeOptions={{ exact: true }}
              activeProps={{ "aria-current": "page" }}
              inactiveProps={{ "aria-current": undefined }}
            >
              {t(label)}
            </Link>
          ))}
        </nav>
        <Outlet />
      </main>
    </>
  );
}
