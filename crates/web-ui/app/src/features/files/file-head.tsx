import { IconArrowLeft } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Server } from "@/api/queries";
import { useT } from "@/i18n";
import { Icon } from "@/ui/icon";
import { Title } from "@/ui/page";
import { m } from "./messages";
import { nameOf, parentOf } from "./paths";

interface HeadProps {
  server: Server;
  path: string;
  status?: ReactNode;
  children?: ReactNode;
}

/** Where the file is, and what can be done with it. */
export function FileHead({ server, path, status, children }: HeadProps) {
  const t = useT();
  return (
    <div className="phead edhead">
      <Link
        to="/server/$server/files"
        params={{ server: server.uuid_short }}
        search={parentOf(path) === "/" ? {} : { path: parentOf(path) }}
        className="ib"
        aria-label={t(m.backToFolder)}
        title={t(m.backToFolder)}
      >
        <Icon of={IconArrowLeft} />
      </Link>
      <div className="min0 edname">
        <div className="row">
          <Title className="trunc">{nameOf(path)}</Title>
          {status}
        </div>
        <p className="mono t3 sm trunc">{parentOf(path)}</p>
      </div>
      <span className="sp" />
      {children}
    </div>
  );
}
