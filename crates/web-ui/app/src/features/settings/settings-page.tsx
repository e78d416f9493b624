import { useSuspenseQuery } from "@tanstack/react-query";
import { accountQuery } from "@/api/queries";
import { useServer } from "@/features/server/context";
import { ServerPageBody } from "@/features/server/page";
import { can } from "@/features/servers/state";
import { useT } from "@/i18n";
import { CopyChip } from "@/ui/copy";
import { General } from "./general";
import { Installation } from "./installation";
import { m } from "./messages";
import { Running } from "./running";

/** What people set of a server: its name, when it starts and stops, and its installation. */
export default function SettingsPage() {
  const { server } = useServer();
  return (
    <ServerPageBody title={m.title}>
      <div className="grid2">
        <div className="stack">
          <General key={server.uuid} />
          <Running />
        </div>
        <div className="stack">
          {can(server, "files.sftp") ? <Sftp /> : null}
          <Identifiers />
          <Installation />
        </div>
      </div>
    </ServerPageBody>
  );
}

function Sftp() {
  const t = useT();
  const { server } = useServer();
  const { data: account } = useSuspenseQuery(accountQuery);
  const user = `${account?.username}.${server.uuid_short}`;
  const place = `${server.sftp_host}:${server.sftp_port}`;
  return (
    <section className="card pad stack g12">
      <h2>{t(m.sftp)}</h2>
      <p className="sm t2">{t(m.sftpText)}</p>
      <dl className="stack g8 facts">
        <div>
          <dt className="sm">{t(m.sftpAddress)}</dt>
          <dd>
            <CopyChip text={place} what={t(m.sftpAddress)} />
          </dd>
        </div>
        <div>
          <dt className="sm">{t(m.sftpUser)}</dt>
          <dd>
            <CopyChip text={user} what={t(m.sftpUser)} />
          </dd>
        </div>
      </dl>
      <div>
        <a className="btn sm" href={`sftp://${encodeURIComponent(user)}@${place}`}>
          {t(m.sftpOpen)}
        </a>
      </div>
    </section>
  );
}

function Identifiers() {
  const t = useT();
  const { server } = useServer();
  return (
    <section className="card pad stack g12">
      <h2>{t(m.ids)}</h2>
      <dl className="stack g8 facts">
        <div>
          <dt className="sm">{t(m.shortId)}</dt>
          <dd>
            <CopyChip text={server.uuid_short} what={t(m.shortId)} />
          </dd>
        </div>
        <div>
          <dt className="sm">{t(m.uuid)}</dt>
          <dd>
            <CopyChip text={server.uuid} what={t(m.uuid)} />
          </dd>
        </div>
        <div>
          <dt className="sm">{t(m.node)}</dt>
          <dd>
            {server.node_name}, {server.location_name}
          </dd>
        </div>
      </dl>
    </section>
  );
}
