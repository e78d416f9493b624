import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useId, useRef, useState } from "react";
import { api, take } from "@/api/client";
import { asFailure } from "@/api/error";
import {
  type AdminServer,
  accountQuery,
  eggVariablesQuery,
  freeAllocationsQuery,
  type Node,
  nodeStatusQuery,
  nodesQuery,
  usersQuery,
} from "@/api/queries";
import { useT } from "@/i18n";
import { address, limit } from "@/lib/format";
import { checkRules } from "@/lib/rules";
import { Button } from "@/ui/button";
import { Combo, ComboMany, type Option } from "@/ui/combo";
import { InlineFailure, sentence } from "@/ui/failure";
import { SelectField, Switch, TextArea, TextField } from "@/ui/field";
import { focusFirstProblem } from "@/ui/forms";
import { StateMark } from "@/ui/state-mark";
import { toMib } from "./checks";
import { type ChosenEgg, EggPicker } from "./egg-picker";
import { m } from "./messages";
import { currentValue, VariableFields } from "./variable-fields";

interface Draft {
  name: string;
  owner: string;
  description: string;
  memory: string;
  cpu: string;
  disk: string;
  swap: string;
  backups: string;
  databases: string;
  schedules: string;
  addresses: string;
  node: string;
  allocation: string;
  moreAllocations: string[];
  image: string;
  startup: string;
  skipInstall: boolean;
  start: boolean;
}

type Problems = Partial<Record<keyof Draft | "egg", string>>;

interface Props {
  /** The short form of the setup wizard leaves out what has a good default. */
  short?: boolean;
  advanced?: boolean;
  onDone: (server: AdminServer) => void | Promise<void>;
  back?: ReactNode;
}

/** Server fields of the API that belong to a field with another name here. */
const FIELD_OF: Record<string, keyof Problems> = {
  name: "name",
  owner_uuid: "owner",
  egg_uuid: "egg",
  node_uuid: "node",
  allocation_uuid: "allocation",
  allocation_uuids: "moreAllocations",
  image: "image",
  startup: "startup",
  "limits.memory": "memory",
  "limits.cpu": "cpu",
  "limits.disk": "disk",
  "limits.swap": "swap",
};

/** Creates a server: egg, node, address, limits and the egg's own settings, with everything checked inline. */
export function ServerForm({ short, advanced, onDone, back }: Props) {
  const t = useT();
  const client = useQueryClient();
  const root = useRef<HTMLFormElement>(null);
  const nodeName = useId();
  const { data: me } = useSuspenseQuery(accountQuery);
  const [draft, setDraft] = useState<Draft>({
    name: "",
    owner: me?.uuid ?? "",
    description: "",
    memory: "2",
    cpu: "200",
    disk: "10",
    swap: "0",
    backups: "3",
    databases: "0",
    schedules: "10",
    addresses: "1",
    node: "",
    allocation: "",
    moreAllocations: [],
    image: "",
    startup: "",
    skipInstall: false,
    start: true,
  });
  const [chosen, setChosen] = useState<ChosenEgg | null>(null);
  const [values, setValues] = useState<Record<string, string>>({});
  const [problems, setProblems] = useState<Problems>({});
  const [refused, setRefused] = useState<Record<string, string>>({});
  const [strict, setStrict] = useState(false);
  const [userSearch, setUserSearch] = useState("");
  const [addressSearch, setAddressSearch] = useState("");
  const [moreSearch, setMoreSearch] = useState("");

  const nodes = useQuery(nodesQuery({ per_page: 100 }));
  const users = useQuery({
    ...usersQuery({ per_page: 20, ...(userSearch ? { search: userSearch } : {}) }),
    enabled: !short,
  });
  const free = useQuery(freeAllocationsQuery(draft.node));
  const found = useQuery(freeAllocationsQuery(draft.node, addressSearch));
  const foundMore = useQuery(freeAllocationsQuery(draft.node, moreSearch));
  const variables = useQuery(eggVariablesQuery(chosen?.nest ?? "", chosen?.egg.uuid ?? ""));

  const node = nodes.data?.data.find((n) => n.uuid === draft.node);
  // The only node and its first free address are what almost everybody wants on a small panel.
  const onlyNode = nodes.data?.total === 1 ? nodes.data.data[0]?.uuid : undefined;
  if (onlyNode && draft.node === "") setDraft({ ...draft, node: onlyNode });
  const firstFree = free.data?.data[0]?.uuid;
  if (firstFree && draft.node !== "" && draft.allocation === "" && !free.isPlaceholderData)
    setDraft({ ...draft, allocation: firstFree });

  const create = useMutation({
    mutationFn: (egg: ChosenEgg) =>
      take(
        api.POST("/api/admin/servers", {
          body: {
            name: draft.name.trim(),
            description: draft.description.trim() || null,
            owner_uuid: draft.owner,
            node_uuid: draft.node,
            egg_uuid: egg.egg.uuid,
            allocation_uuid: draft.allocation,
            allocation_uuids: draft.moreAllocations,
            image: draft.image,
            startup: draft.startup,
            limits: {
              memory: toMib(draft.memory),
              memory_overhead: 0,
              swap: draft.swap.trim() === "-1" ? -1 : toMib(draft.swap),
              disk: toMib(draft.disk),
              cpu: Number(draft.cpu),
              io_weight: null,
            },
            feature_limits: {
              allocations: Number(draft.addresses),
              backups: Number(draft.backups),
              databases: Number(draft.databases),
              schedules: Number(draft.schedules),
            },
            pinned_cpus: [],
            hugepages_passthrough_enabled: false,
            kvm_passthrough_enabled: false,
            skip_installer: draft.skipInstall,
            start_on_completion: draft.start,
            variables: (variables.data ?? []).map((v) => ({
              env_variable: v.env_variable,
              value: currentValue(v, values),
            })),
          },
        }),
      ),
    onSuccess: async ({ server }) => {
      await Promise.all([
        client.invalidateQueries({ queryKey: ["admin-servers"] }),
        client.invalidateQueries({ queryKey: ["servers"] }),
        client.invalidateQueries({ queryKey: ["nodes", "allocations"] }),
      ]);
      await onDone(server);
    },
    onError: (error) => {
      const next: Problems = {};
      const bad: Record<string, string> = {};
      for (const [field, texts] of Object.entries(asFailure(error).fields)) {
        const known = FIELD_OF[field];
        const variable = field.replace(/^variables[.[]?/, "").replace(/]$/, "");
        if (known) next[known] = sentence(texts[0] ?? "");
        else if (variables.data?.some((v) => v.env_variable === variable))
          bad[variable] = sentence(texts[0] ?? "");
      }
      setProblems(next);
      setRefused(bad);
      focusFirstProblem(root.current);
    },
  });

  function set(change: Partial<Draft>) {
    setDraft((old) => ({ ...old, ...change }));
    setProblems((old) => {
      const next = { ...old };
      for (const key of Object.keys(change)) delete next[key as keyof Draft];
      return next;
    });
  }
  function choose(egg: ChosenEgg) {
    setChosen(egg);
    setValues({});
    setRefused({});
    setProblems((old) => {
      const { egg: _, ...rest } = old;
      return rest;
    });
    set({
      image: Object.values(egg.egg.docker_images)[0] ?? "",
      startup: Object.values(egg.egg.startup_commands)[0] ?? "",
    });
  }
  function check(): Problems {
    const found: Problems = {};
    const number = /^\d+([.,]\d+)?$/;
    if (draft.name.trim() === "") found.name = t(m.needed);
    if (draft.owner === "") found.owner = t(m.ownerNeeded);
    if (!chosen) found.egg = t(m.eggNeeded);
    if (draft.node === "") found.node = t(m.nodeNeeded);
    if (draft.allocation === "") found.allocation = t(m.addressNeeded);
    for (const key of ["memory", "disk"] as const)
      if (!number.test(draft[key].trim())) found[key] = t(m.number);
    for (const key of ["cpu", "backups", "databases", "schedules", "addresses"] as const)
      if (!/^\d+$/.test(draft[key].trim())) found[key] = t(m.number);
    if (draft.swap.trim() !== "-1" && !number.test(draft.swap.trim())) found.swap = t(m.number);
    if (chosen && draft.image.trim() === "") found.image = t(m.needed);
    return found;
  }
  function submit(event: FormEvent) {
    event.preventDefault();
    if (create.isPending) return;
    const found = check();
    const bad = (variables.data ?? []).some((v) => checkRules(v.rules, currentValue(v, values)) !== null);
    setProblems(found);
    setRefused({});
    setStrict(true);
    if (Object.keys(found).length > 0 || bad || !chosen || !variables.data) focusFirstProblem(root.current);
    else create.mutate(chosen);
  }

  const input = (
    key:
      | "name"
      | "memory"
      | "cpu"
      | "disk"
      | "swap"
      | "backups"
      | "databases"
      | "schedules"
      | "addresses"
      | "description",
  ) => ({
    value: draft[key],
    error: problems[key],
    onChange: (event: { currentTarget: HTMLInputElement }) => set({ [key]: event.currentTarget.value }),
  });
  const placed = create.error ? Object.keys(problems).length + Object.keys(refused).length > 0 : false;
  const owners = (users.data?.data ?? []).map((u) => ({
    value: u.uuid,
    label: `${u.username} (${u.email})`,
  }));
  if (me && !owners.some((o) => o.value === me.uuid) && userSearch === "")
    owners.unshift({ value: me.uuid, label: `${me.username} (${me.email})` });

  const basics = (
    <section className="card">
      <div className="hd">
        <h2>{t(m.basics)}</h2>
      </div>
      <div className="bd formgrid">
        <TextField label={t(m.name)} autoComplete="off" {...input("name")} />
        {short ? null : (
          <Combo
            label={t(m.owner)}
            error={problems.owner}
            placeholder={t(m.findUserPlaceholder)}
            empty={t(m.ownerEmpty)}
            options={owners}
            value={draft.owner}
            onChange={(owner) => set({ owner })}
            onSearch={setUserSearch}
          />
        )}
        {advanced ? (
          <div className="full">
            <TextField label={t(m.description)} optional {...input("description")} />
          </div>
        ) : null}
      </div>
    </section>
  );
  const resources = (
    <section className="card">
      <div className="hd">
        <h2>{t(m.resources)}</h2>
        <p className="sm hide-m">{t(m.resourcesHint)}</p>
      </div>
      <div className="bd cols4 res">
        <TextField label={t(m.memory)} unit="GiB" inputMode="decimal" {...input("memory")} />
        <TextField label={t(m.cpu)} unit="%" inputMode="numeric" {...input("cpu")} />
        <TextField label={t(m.disk)} unit="GiB" inputMode="decimal" {...input("disk")} />
        {advanced ? (
          <TextField label={t(m.swap)} unit="GiB" inputMode="decimal" {...input("swap")} />
        ) : short ? null : (
          <TextField label={t(m.backups)} inputMode="numeric" {...input("backups")} />
        )}
      </div>
    </section>
  );
  const features = (
    <section className="card">
      <div className="hd">
        <h2>{t(m.limitsHead)}</h2>
      </div>
      <div className="bd cols4 res">
        <TextField label={t(m.backups)} inputMode="numeric" {...input("backups")} />
        <TextField label={t(m.databases)} inputMode="numeric" {...input("databases")} />
        <TextField label={t(m.schedules)} inputMode="numeric" {...input("schedules")} />
        <TextField label={t(m.extraAllocations)} inputMode="numeric" {...input("addresses")} />
      </div>
    </section>
  );
  const placement = (
    <section className="card">
      <div className="hd">
        <h2 id={nodeName}>{t(m.node)}</h2>
      </div>
      <div className="bd stack g8">
        {nodes.data?.total === 0 ? <p className="t2">{t(m.noNodes)}</p> : null}
        <div className="stack g8" role="radiogroup" aria-labelledby={nodeName}>
          {nodes.data?.data.map((n) => (
            <NodeOption
              key={n.uuid}
              node={n}
              group={nodeName}
              checked={draft.node === n.uuid}
              invalid={problems.node !== undefined}
              onChoose={() => set({ node: n.uuid, allocation: "", moreAllocations: [] })}
            />
          ))}
        </div>
        {problems.node ? (
          <p className="errmsg" role="alert">
            {problems.node}
          </p>
        ) : null}
        <div className="formgrid place">
          <Combo
            label={t(m.mainAddress)}
            error={problems.allocation}
            hint={
              node && free.data
                ? t(m.freeOn, { count: free.data.total, node: node.name })
                : t(m.chooseNodeFirst)
            }
            empty={t(m.mainAddressEmpty)}
            options={asOptions(found.data?.data)}
            value={draft.allocation}
            onChange={(allocation) =>
              set({ allocation, moreAllocations: draft.moreAllocations.filter((a) => a !== allocation) })
            }
            onSearch={setAddressSearch}
          />
          {short ? null : (
            <ComboMany
              label={t(m.moreAddresses)}
              error={problems.moreAllocations}
              hint={t(m.moreAddressesHint)}
              empty={t(m.mainAddressEmpty)}
              options={asOptions(foundMore.data?.data).filter((a) => a.value !== draft.allocation)}
              values={draft.moreAllocations}
              onChange={(moreAllocations) => set({ moreAllocations })}
              onSearch={setMoreSearch}
            />
          )}
        </div>
      </div>
    </section>
  );
  const images = Object.entries(chosen?.egg.docker_images ?? {});
  const commands = Object.entries(chosen?.egg.startup_commands ?? {});
  const startup = chosen ? (
    <section className="card">
      <div className="hd">
        <h2>{t(m.startup)}</h2>
      </div>
      <div className="bd stack">
        {images.length > 1 || commands.length > 1 || advanced ? (
          <div className="formgrid">
            <SelectField
              label={t(m.image)}
              error={problems.image}
              value={draft.image}
              onChange={(event) => set({ image: event.currentTarget.value })}
            >
              {images.map(([label, image]) => (
                <option key={image} value={image}>
                  {label}
                </option>
              ))}
            </SelectField>
            {commands.length > 1 ? (
              <SelectField
                label={t(m.startupCommand)}
                value={draft.startup}
                onChange={(event) => set({ startup: event.currentTarget.value })}
              >
                {commands.map(([label, command]) => (
                  <option key={label} value={command}>
                    {label}
                  </option>
                ))}
              </SelectField>
            ) : null}
            {advanced ? (
              <div className="full">
                <TextArea
                  label={t(m.startupCommand)}
                  error={problems.startup}
                  mono
                  value={draft.startup}
                  onChange={(event) => set({ startup: event.currentTarget.value })}
                />
              </div>
            ) : null}
          </div>
        ) : null}
        <VariableFields
          variables={variables.data ?? []}
          values={values}
          refused={refused}
          strict={strict}
          onChange={(name, value) => {
            setValues((old) => ({ ...old, [name]: value }));
            setRefused(({ [name]: _, ...rest }) => rest);
          }}
        />
        {advanced ? (
          <Switch
            label={t(m.skipInstall)}
            checked={draft.skipInstall}
            onChange={(event) => set({ skipInstall: event.currentTarget.checked })}
          />
        ) : null}
      </div>
    </section>
  ) : null;
  const startSwitch = (
    <Switch
      label={t(m.startWhenInstalled)}
      checked={draft.start}
      onChange={(event) => set({ start: event.currentTarget.checked })}
    />
  );
  const failure = create.error && !placed ? <InlineFailure error={create.error} /> : null;

  if (short)
    return (
      <form ref={root} className="stack" onSubmit={submit} noValidate>
        {basics}
        <EggPicker value={chosen} error={problems.egg} onChange={choose} />
        {resources}
        {startup}
        {placement}
        {startSwitch}
        {failure}
        <div className="row dialog-foot">
          {back}
          <Button type="submit" look="primary" busy={create.isPending}>
            {t(m.createServer)}
          </Button>
        </div>
      </form>
    );

  const chosenAddress = free.data?.data.find((a) => a.uuid === draft.allocation);
  return (
    <form ref={root} className="grid2" onSubmit={submit} noValidate>
      <div className="stack">
        {basics}
        <EggPicker value={chosen} error={problems.egg} onChange={choose} />
        {resources}
        {advanced ? features : null}
        {placement}
        {startup}
      </div>
      <aside className="stack sticky" aria-label={t(m.summary)}>
        <section className="card">
          <div className="hd">
            <h2>{t(m.summary)}</h2>
          </div>
          <div className="bd stack">
            <dl className="dl sm">
              <dt>{t(m.name)}</dt>
              <dd className="b trunc">{draft.name || "–"}</dd>
              <dt>{t(m.owner)}</dt>
              <dd className="trunc">
                {owners.find((o) => o.value === draft.owner)?.label.replace(/ \(.*/, "") ?? "–"}
              </dd>
              <dt>{t(m.game)}</dt>
              <dd className="trunc">{chosen?.egg.name ?? "–"}</dd>
              <dt>{t(m.limits)}</dt>
              <dd>
                {draft.memory} GiB, {draft.cpu} %, {draft.disk} GiB
              </dd>
              <dt>{t(m.node)}</dt>
              <dd className="trunc">{node?.name ?? "–"}</dd>
              <dt>{t(m.address)}</dt>
              <dd className="mono trunc">
                {chosenAddress ? address(chosenAddress) : "–"}
                {draft.moreAllocations.length > 0 ? (
                  <span className="t3"> {t(m.andMore, { count: draft.moreAllocations.length })}</span>
                ) : null}
              </dd>
            </dl>
            {startSwitch}
            {failure}
            <Button type="submit" look="primary" size="lg" full busy={create.isPending}>
              {t(m.createServer)}
            </Button>
          </div>
        </section>
      </aside>
    </form>
  );
}

function asOptions(allocations: ({ uuid: string } & Parameters<typeof address>[0])[] | undefined): Option[] {
  return (allocations ?? []).map((a) => ({ value: a.uuid, label: address(a) }));
}

interface NodeOptionProps {
  node: Node;
  group: string;
  checked: boolean;
  invalid: boolean;
  onChoose: () => void;
}

function NodeOption({ node, group, checked, invalid, onChoose }: NodeOptionProps) {
  const t = useT();
  const status = useQuery(nodeStatusQuery(node.uuid, 30_000));
  const down = status.data?.reachable === false || status.isError;
  return (
    <label className="opt">
      <input
        type="radio"
        name={group}
        checked={checked}
        aria-invalid={invalid ? true : undefined}
        onChange={onChoose}
      />
      <span className="rad" aria-hidden="true" />
      <span className="min0">
        <span className="b">{node.name}</span>
        <br />
        <span className="sm t3">{node.location.name}</span>
      </span>
      <span className="sm t2">
        {down ? (
          <StateMark state="unreachable" />
        ) : (
          t(m.memoryOf, { size: limit(node.memory, t(m.unlimited)) })
        )}
      </span>
      <span className="sm t2">{t(m.diskOf, { size: limit(node.disk, t(m.unlimited)) })}</span>
    </label>
  );
}
