import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useT } from "@/i18n";
import { TopBar } from "@/shell/top-bar";
import { Switch } from "@/ui/field";
import { useTitle } from "@/ui/page";
import { toast } from "@/ui/toasts";
import { m } from "./messages";
import { ServerForm } from "./server-form";

/** A new server; its console, with the installer's output, comes next. */
export default function NewServer() {
  const t = useT();
  const navigate = useNavigate();
  const [advanced, setAdvanced] = useState(false);
  useTitle(t(m.newServer));
  return (
    <>
      <TopBar title={t(m.newServer)} parent={{ label: t(m.servers), to: "/admin/servers" }}>
        <Switch
          label={t(m.advanced)}
          checked={advanced}
          onChange={(event) => setAdvanced(event.currentTarget.checked)}
        />
      </TopBar>
      <main className="page" id="main">
        <ServerForm
          advanced={advanced}
          onDone={async (server) => {
            toast(t(m.serverCreated, { name: server.name }));
            await navigate({ to: "/server/$server", params: { server: server.uuid_short } });
          }}
        />
      </main>
    </>
  );
}
