import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useT } from "@/i18n";
import { TopBar } from "@/shell/top-bar";
import { ButtonLink } from "@/ui/button";
import { useTitle } from "@/ui/page";
import { toast } from "@/ui/toasts";
import { m } from "./messages";
import { NodeForm } from "./node-form";

/** A new node; its configuration file is shown next. */
export default function NewNode() {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  useTitle(t(m.newNode));
  return (
    <>
      <TopBar title={t(m.newNode)} parent={{ label: t(m.nodes), to: "/admin/nodes" }} />
      <main className="page narrow" id="main">
        <NodeForm
          submit={t(m.createNode)}
          back={<ButtonLink to="/admin/nodes">{t(m.cancel)}</ButtonLink>}
          onDone={async ({ uuid, name }) => {
            toast(t(m.nodeCreated, { name }));
            await client.invalidateQueries({ queryKey: ["nodes"] });
            await navigate({
              to: "/admin/nodes/$node",
              params: { node: uuid },
              search: { tab: "configuration" },
            });
          }}
        />
      </main>
    </>
  );
}
