import { IconPlus } from "@tabler/icons-react";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { accountQuery, usersQuery } from "@/api/queries";
import { useT } from "@/i18n";
import { date } from "@/lib/format";
import { TopBar } from "@/shell/top-bar";
import { ButtonLink } from "@/ui/button";
import { ListTable } from "@/ui/list-table";
import { useTitle } from "@/ui/page";
import { m } from "./messages";

/** All accounts. */
export default function Users() {
  const t = useT();
  const navigate = useNavigate({ from: "/admin/users" });
  const { search = "", page = 1 } = useSearch({ from: "/signed-in/admin/admin/users" });
  const { data: me } = useSuspenseQuery(accountQuery);
  const list = useQuery(usersQuery({ page, ...(search ? { search } : {}) }));
  useTitle(t(m.users));
  return (
    <>
      <TopBar title={t(m.users)}>
        <ButtonLink to="/admin/users/new" look="primary" icon={IconPlus}>
          {t(m.newUser)}
        </ButtonLink>
      </TopBar>
      <main className="page" id="main">
        <ListTable
          caption={t(m.users)}
          query={list}
          rowKey={(u) => u.uuid}
          loadFailed={t(m.loadFailed)}
          empty={null}
          search={{
            value: search,
            placeholder: t(m.findUser),
            onChange: (text) => void navigate({ search: { search: text }, replace: true }),
          }}
          onPage={(next) => void navigate({ search: (old) => ({ ...old, page: next }) })}
          columns={[
            {
              key: "name",
              head: t(m.username),
              cell: (u) => (
                <>
                  <Link className="nm" to="/admin/users/$user" params={{ user: u.uuid }}>
                    {u.username}
                  </Link>
                  {u.uuid === me?.uuid ? <span className="t3 sm"> {t(m.you)}</span> : null}
                </>
              ),
            },
            {
              key: "email",
              head: t(m.email),
              phone: "meta",
              cell: (u) => <span className="t2">{u.email}</span>,
            },
            {
              key: "badges",
              head: t(m.rights),
              cell: (u) => (
                <span className="row wrap badges">
                  {u.admin ? <span className="tag acc">{t(m.badgeAdmin)}</span> : null}
                  {u.role ? <span className="tag">{u.role.name}</span> : null}
                  {u.suspended ? <span className="tag warn">{t(m.badgeSuspended)}</span> : null}
                  {u.totp_enabled ? <span className="tag ok">{t(m.twoFactorOn)}</span> : null}
                </span>
              ),
            },
            {
              key: "created",
              head: t(m.created),
              phone: "hide",
              cell: (u) => <span className="t2">{date(new Date(u.created))}</span>,
            },
          ]}
        />
      </main>
    </>
  );
}
