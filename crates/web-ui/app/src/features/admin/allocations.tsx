import { IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { api, take } from "@/api/client";
import { asFailure } from "@/api/error";
import { allocationsQuery } from "@/api/queries";
import { useT } from "@/i18n";
import { address } from "@/lib/format";
import { IconButton } from "@/ui/button";
import { EmptyWire } from "@/ui/feedback";
import { ListTable } from "@/ui/list-table";
import { toast, toastFailure } from "@/ui/toasts";
import { AllocationForm } from "./allocation-form";
import { m } from "./messages";

/** The addresses of one node. */
export function Allocations({ node }: { node: string }) {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate({ from: "/admin/nodes/$node" });
  const { search = "", page = 1 } = useSearch({ from: "/signed-in/admin/admin/nodes/$node" });
  const list = useQuery(allocationsQuery(node, { page, per_page: 50, ...(search ? { search } : {}) }));
  const remove = useMutation({
    mutationFn: ({ uuid }: { uuid: string; name: string }) =>
      take(
        api.DELETE("/api/admin/nodes/{node}/allocations", {
          params: { path: { node } },
          body: { selector: { type: "uuids", uuids: [uuid] } },
        }),
      ),
    onSuccess: async ({ deleted }, { name }) => {
      toast(t(deleted > 0 ? m.allocationRemoved : m.allocationKept, { address: name }));
      await client.invalidateQueries({ queryKey: ["nodes", "allocations", node] });
    },
    onError: (error, { name }) => toastFailure(t(m.allocationFailed, { address: name }), asFailure(error)),
  });
  return (
    <div className="stack">
      <section className="card">
        <div className="hd">
          <h2>{t(m.addAllocations)}</h2>
        </div>
        <div className="bd">
          <AllocationForm node={node} onDone={(count) => toast(t(m.allocationsAdded, { count }))} />
        </div>
      </section>
      <ListTable
        caption={t(m.tabAllocations)}
        query={list}
        rowKey={(a) => a.uuid}
        loadFailed={t(m.loadFailed)}
        empty={<EmptyWire title={t(m.allocationsEmpty)} text={t(m.allocationsEmptyText)} />}
        search={{
          value: search,
          placeholder: t(m.findAllocation),
          onChange: (text) => void navigate({ search: { tab: "allocations", search: text }, replace: true }),
        }}
        onPage={(next) => void navigate({ search: (old) => ({ ...old, page: next }) })}
        columns={[
          {
            key: "address",
            head: t(m.address),
            cell: (a) => <span className="mono nm">{address({ ip: a.ip, port: a.port })}</span>,
          },
          {
            key: "alias",
            head: t(m.alias),
            phone: "hide",
            cell: (a) => <span className="t2">{a.ip_alias}</span>,
          },
          {
            key: "server",
            head: t(m.usedBy),
            phone: "meta",
            cell: (a) =>
              a.server ? (
                <Link className="nm" to="/admin/servers/$server" params={{ server: a.server.uuid }}>
                  {a.server.name}
                </Link>
              ) : (
                <span className="t3">{t(m.free)}</span>
              ),
          },
          {
            key: "actions",
            head: t(m.actions),
            phone: "acts",
            cell: (a) =>
              a.server ? null : (
                <IconButton
                  icon={IconTrash}
                  label={t(m.removeAllocation, { address: address({ ip: a.ip, port: a.port }) })}
                  onClick={() => remove.mutate({ uuid: a.uuid, name: address({ ip: a.ip, port: a.port }) })}
                />
              ),
          },
        ]}
      />
    </div>
  );
}
