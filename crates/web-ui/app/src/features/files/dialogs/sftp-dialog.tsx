import { useSuspenseQuery } from "@tanstack/react-query";
import { accountQuery, type Server } from "@/api/queries";
import { useT } from "@/i18n";
import { Button } from "@/ui/button";
import { CopyChip } from "@/ui/copy";
import { Dialog } from "@/ui/dialog";
import { m } from "../messages";

/** What an SFTP program has to be told. */
export function SftpDialog({ server, onClose }: { server: Server; onClose: () => void }) {
  const t = useT();
  const { data: account } = useSuspenseQuery(accountQuery);
  const name = `${account?.username ?? ""}.${server.uuid_short}`;
  const address = `sftp://${server.sftp_host}:${server.sftp_port}`;
  return (
    <Dialog title={t(m.sftpTitle)} open onClose={onClose}>
      <div className="stack g12">
        <p className="t2">{t(m.sftpText)}</p>
        <dl className="dl">
          <dt>{t(m.sftpAddress)}</dt>
          <dd>
            <CopyChip text={address} what={t(m.sftpAddress)} />
          </dd>
          <dt>{t(m.sftpUser)}</dt>
          <dd>
            <CopyChip text={name} what={t(m.sftpUser)} />
          </dd>
          <dt>{t(m.sftpPassword)}</dt>
          <dd className="sm t2">{t(m.sftpPasswordText)}</dd>
        </dl>
        <div className="row dialog-foot">
          <Button onClick={onClose} data-autofocus>
            {t(m.close)}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
