import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { asFailure } from "@/api/error";
import { useServer } from "@/features/server/context";
import { m as serverTexts } from "@/features/server/messages";
import { isChangeable } from "@/features/server/page";
import { can } from "@/features/servers/state";
import { m as variableTexts } from "@/features/variables/messages";
import { ruleText } from "@/features/variables/rule-text";
import { VariableField } from "@/features/variables/variable-field";
import { LOCALE, useT } from "@/i18n";
import { Button } from "@/ui/button";
import { InlineFailure, sentence } from "@/ui/failure";
import { focusFirstProblem } from "@/ui/forms";
import { SaveBar } from "@/ui/save-bar";
import { toast } from "@/ui/toasts";
import { changesOf, type Draft, defaultsOf, problemOf, refusedOf } from "./draft";
import { m } from "./messages";
import { saveVariables, type Variable, variablesQuery } from "./requests";

/** One field per variable, checked while typing; nothing is saved before it is asked for. */
export function Variables({ variables }: { variables: Variable[] }) {
  const t = useT();
  const client = useQueryClient();
  const { server, state } = useServer();
  const root = useRef<HTMLElement>(null);
  const [draft, setDraft] = useState<Draft>({});
  const may = can(server, "startup.update");
  const open = isChangeable(state);
  const changes = changesOf(variables, draft);
  const save = useMutation({
    mutationFn: (values: Record<string, string>) => saveVariables(server.uuid, values),
    onSuccess: (_, values) => {
      client.setQueryData(variablesQuery(server.uuid).queryKey, (old) =>
        old?.map((v) => (v.env_variable in values ? { ...v, value: values[v.env_variable] ?? "" } : v)),
      );
      setDraft({});
      toast(t(m.saved), t(m.applies));
      void client.invalidateQueries({ queryKey: variablesQuery(server.uuid).queryKey });
    },
    onError: () => focusFirstProblem(root.current),
  });
  const failure = save.error ? asFailure(save.error) : null;
  const refused = failure ? refusedOf(failure.fields) : {};
  const known = new Set(variables.map((v) => v.env_variable));
  const placed =
    failure && Object.keys(refused).length > 0 && Object.keys(refused).every((n) => known.has(n));

  const errors = new Map<string, string>();
  for (const variable of variables) {
    const name = variable.env_variable;
    const value = changes[name];
    const problem = value === undefined ? null : problemOf(variable, value);
    const text = problem ? ruleText(t, problem) : refused[name] ? sentence(refused[name]) : undefined;
    if (text) errors.set(name, text);
  }
  const firstWrong = variables.find((v) => errors.has(v.env_variable));
  const defaults = defaultsOf(variables);
  const hasOther =
    Object.keys(defaultsOf(variables.map((v) => ({ ...v, value: draft[v.env_variable] ?? v.value }))))
      .length > 0;

  function type(name: string, value: string) {
    setDraft((old) => ({ ...old, [name]: value }));
    if (save.error) save.reset();
  }
  function submit() {
    if (save.isPending) return;
    if (errors.size > 0 && !failure) focusFirstProblem(root.current);
    else save.mutate(changes);
  }

  return (
    <>
      <section className="card" ref={root}>
        <div className="hd wrap">
          <h2>{t(m.variables)}</h2>
          <span className="sm t3">{variables.length}</span>
          <span className="sp" />
          {may && open && hasOther ? (
            <Button size="sm" look="quiet" onClick={() => setDraft(allDefaults(draft, defaults, variables))}>
              {t(m.resetAll)}
            </Button>
          ) : null}
        </div>
        <div className="bd stack">
          {may ? null : <p className="t2">{t(m.mayNot)}</p>}
          {failure && !placed ? <InlineFailure error={failure} /> : null}
          <div className="vars">
            {variables.map((variable) => {
              const name = variable.env_variable;
              const value = draft[name] ?? variable.value;
              const fixed = !variable.is_editable
                ? t(variableTexts.fixed)
                : !may
                  ? t(m.mayNot)
                  : !open
                    ? t(serverTexts.locked)
                    : undefined;
              return (
                <div key={name} className="stack g8 var">
                  <VariableField
                    label={variable.name_translations[LOCALE] ?? variable.name}
                    name={name}
                    rules={variable.rules}
                    value={value}
                    secret={variable.is_secret}
                    hint={<Hint variable={variable} changed={name in changes} />}
                    error={errors.get(name)}
                    fixed={fixed}
                    onChange={(next) => type(name, next)}
                  />
                  {fixed === undefined && value !== (variable.default_value ?? "") ? (
                    <Default variable={variable} onReset={() => type(name, variable.default_value ?? "")} />
                  ) : null}
                </div>
              );
            })}
          </div>
        </div>
      </section>
      <SaveBar
        changes={Object.keys(changes).length}
        problems={errors.size}
        first={firstWrong?.name}
        busy={save.isPending}
        onShow={() => focusFirstProblem(root.current)}
        onDiscard={() => {
          setDraft({});
          save.reset();
        }}
        onSave={submit}
      />
    </>
  );
}

/** What was typed stays where it may not be changed anyway; everything else has the egg's default. */
function allDefaults(draft: Draft, defaults: Draft, variables: Variable[]): Draft {
  const stored = Object.fromEntries(
    variables.filter((v) => v.env_variable in draft).map((v) => [v.env_variable, v.default_value ?? ""]),
  );
  return { ...stored, ...defaults };
}

function Hint({ variable, changed }: { variable: Variable; changed: boolean }) {
  const t = useT();
  const text = variable.description_translations[LOCALE] ?? variable.description ?? "";
  const from =
    variable.is_secret || !changed
      ? ""
      : variable.value === ""
        ? t(m.changedFromNothing)
        : t(m.changedFrom, { value: variable.value });
  return text || from ? (
    <>
      {from ? <span className="accent">{from} </span> : null}
      {text}
    </>
  ) : null;
}

/** The way back to the egg's own value. */
function Default({ variable, onReset }: { variable: Variable; onReset: () => void }) {
  const t = useT();
  const value = variable.default_value ?? "";
  const text = variable.is_secret
    ? t(m.defaultSecret)
    : value === ""
      ? t(m.defaultEmpty)
      : t(m.defaultIs, { value });
  return (
    <div>
      <button type="button" className="link sm default" onClick={onReset}>
        <span className="vh">{t(m.reset, { name: variable.name })}: </span>
        {text}
      </button>
    </div>
  );
}
