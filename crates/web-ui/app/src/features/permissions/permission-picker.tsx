import { useEffect, useId, useRef } from "react";
import { useT } from "@/i18n";
import { Button } from "@/ui/button";
import { choose, keysOf } from "./choice";
import { m } from "./messages";
import type { PermissionGroups } from "./requests";

interface Props {
  groups: PermissionGroups;
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
  /** Whether this person may give the permission away; those that they may not are fixed. */
  may?: (key: string) => boolean;
}

/** Permissions by group, each with a sentence; a group can be chosen as a whole. */
export function PermissionPicker({ groups, chosen, onChange, may = () => true }: Props) {
  const t = useT();
  const free = keysOf(groups).filter(may);
  return (
    <div className="stack g8">
      <div className="row g8 wrap">
        <Button size="sm" onClick={() => onChange(choose(groups, chosen, free, true))}>
          {t(m.everything)}
        </Button>
        <Button size="sm" onClick={() => onChange(choose(groups, chosen, free, false))}>
          {t(m.nothing)}
        </Button>
      </div>
      <div className="perms">
        {Object.entries(groups).map(([name, group]) => (
          <Group
            key={name}
            name={name}
            group={group}
            chosen={chosen}
            may={may}
            onChoose={(keys, on) => onChange(choose(groups, chosen, keys, on))}
          />
        ))}
      </div>
    </div>
  );
}

interface GroupProps {
  name: string;
  group: PermissionGroups[string];
  chosen: readonly string[];
  may: (key: string) => boolean;
  onChoose: (keys: string[], on: boolean) => void;
}

function Group({ name, group, chosen, may, onChoose }: GroupProps) {
  const t = useT();
  const id = useId();
  const all = useRef<HTMLInputElement>(null);
  const keys = Object.keys(group.permissions).map((permission) => `${name}.${permission}`);
  const free = keys.filter(may);
  const on = keys.filter((key) => chosen.includes(key)).length;
  useEffect(() => {
    if (all.current) all.current.indeterminate = on > 0 && on < keys.length;
  }, [on, keys.length]);
  return (
    <fieldset className="perm-group">
      <legend className="vh">{name}</legend>
      <label className="perm head">
        <input
          ref={all}
          type="checkbox"
          checked={on === keys.length}
          disabled={free.length === 0}
          aria-label={`${name}: ${t(m.all)}`}
          onChange={() =>
            onChoose(
              free,
              free.some((key) => !chosen.includes(key)),
            )
          }
        />
        <span>
          <span className="b mono">{name}</span>
          <span className="sm t3 block">{group.description}</span>
        </span>
        <span className="sp" />
        <span className="xs t3">{t(m.count, { chosen: on, total: keys.length })}</span>
      </label>
      {Object.entries(group.permissions).map(([permission, text]) => {
        const key = `${name}.${permission}`;
        const fixed = !may(key);
        return (
          <label key={key} className="perm" title={fixed ? t(m.lacking) : undefined}>
            <input
              type="checkbox"
              checked={chosen.includes(key)}
              disabled={fixed}
              aria-describedby={`${id}-${permission}`}
              onChange={(event) => onChoose([key], event.currentTarget.checked)}
            />
            <span>
              <span className="mono sm">{permission}</span>
              <span className="sm t3 block" id={`${id}-${permission}`}>
                {text}
              </span>
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}
