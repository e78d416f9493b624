import { Modal } from "@mantine/core";
import "@mantine/core/styles/Modal.layer.css";
import { IconDeviceGamepad2, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, type ReactNode, useId, useMemo, useState } from "react";
import { type Server, serversQuery } from "@/api/queries";
import { stateOf } from "@/features/servers/state";
import { useT } from "@/i18n";
import { Icon } from "@/ui/icon";
import { StateMark } from "@/ui/state-mark";
import { m } from "./messages";
import { adminNav, type NavGroup, userNav } from "./nav-items";

interface Entry {
  key: string;
  label: string;
  note?: string;
  mark: ReactNode;
  go: () => void;
}

interface Props {
  admin: boolean;
  /** The pages of the server that is open. */
  here: NavGroup[];
  onClose: () => void;
}

/** Finds servers and pages by name. Arrow keys choose, Enter opens, Esc closes. */
export default function Palette({ admin, here, onClose }: Props) {
  const t = useT();
  const navigate = useNavigate();
  const list = useId();
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const needle = text.trim().toLowerCase();
  const { data } = useQuery(serversQuery({ per_page: 20, ...(needle ? { search: needle } : {}) }));

  const groups = useMemo(() => {
    const servers: Entry[] = (data?.data ?? [])
      .filter((s) => s.name.toLowerCase().includes(needle))
      .slice(0, 8)
      .map((s) => ({
        key: s.uuid,
        label: s.name,
        note: s.node_name,
        mark: <PaletteMark server={s} />,
        go: () => void navigate({ to: "/server/$server", params: { server: s.uuid_short } }),
      }));
    const items = [
      ...here.flatMap((g) => g.items.map((item) => ({ item, note: t(m.thisServer) }))),
      ...userNav(false).flatMap((g) => g.items.map((item) => ({ item, note: undefined }))),
      ...(admin ? adminNav.flatMap((g) => g.items.map((item) => ({ item, note: t(m.admin) }))) : []),
    ];
    const pages: Entry[] = items
      .map(({ item, note }) => ({ item, note, label: t(item.label) }))
      .filter(({ label }) => label.toLowerCase().includes(needle))
      .map(({ item, label, note }) => ({
        key: item.to,
        label,
        ...(note ? { note } : {}),
        mark: <Icon of={item.icon} />,
        go: () => void navigate({ to: item.to }),
      }));
    return [
      { title: t(m.servers), entries: servers },
      { title: t(m.pages), entries: pages },
    ].filter((g) => g.entries.length > 0);
  }, [data, needle, admin, here, navigate, t]);

  const flat = groups.flatMap((g) => g.entries);
  const current = Math.min(active, flat.length - 1);

  function open(entry: Entry | undefined) {
    if (!entry) return;
    onClose();
    entry.go();
  }
  function onKey(event: KeyboardEvent) {
    const move = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (move !== 0 && flat.length > 0) {
      event.preventDefault();
      setActive((current + move + flat.length) % flat.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      open(flat[current]);
    }
  }

  let index = -1;
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      title={<span className="vh">{t(m.paletteTitle)}</span>}
      size={600}
      yOffset="12vh"
      classNames={{ header: "vh", body: "pal-body" }}
      transitionProps={{ duration: 120 }}
    >
      <div className="pal">
        <div className="q">
          <Icon of={IconSearch} className="t3" />
          <input
            data-autofocus
            role="combobox"
            aria-expanded="true"
            aria-controls={list}
            aria-activedescendant={flat[current] ? `${list}-${current}` : undefined}
            aria-label={t(m.palettePlaceholder)}
            placeholder={t(m.palettePlaceholder)}
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
              setActive(0);
            }}
            onKeyDown={onKey}
          />
          <kbd>Esc</kbd>
        </div>
        <div className="palette-list" role="listbox" id={list} aria-label={t(m.results)}>
          {groups.map((group) => (
            // biome-ignore lint/a11y/useSemanticElements: options of a listbox are grouped by role, not by a fieldset.
            <div key={group.title} role="group" aria-label={group.title}>
              <div className="pal-h" aria-hidden="true">
                {group.title}
              </div>
              {group.entries.map((entry) => {
                index += 1;
                const at = index;
                return (
                  // biome-ignore lint/a11y/useKeyWithClickEvents: keys go to the text field, which owns the focus.
                  <div
                    key={entry.key}
                    id={`${list}-${at}`}
                    role="option"
                    tabIndex={-1}
                    aria-selected={at === current}
                    className={`it${at === current ? " on" : ""}`}
                    onPointerMove={() => setActive(at)}
                    onClick={() => open(entry)}
                  >
                    {entry.mark}
                    <span className="trunc">{entry.label}</span>
                    {entry.note ? <span className="t2 sm">{entry.note}</span> : null}
                  </div>
                );
              })}
            </div>
          ))}
        </div>
        {flat.length === 0 ? (
          <p className="t3 sm pal-none" role="status">
            {t(m.paletteEmpty)}
          </p>
        ) : null}
        <div className="ft">
          <span className="row">
            <kbd>↑</kbd>
            <kbd>↓</kbd>
            {t(m.choose)}
          </span>
          <span className="row">
            <kbd>Enter</kbd>
            {t(m.open)}
          </span>
        </div>
      </div>
    </Modal>
  );
}

/** A state where the panel itself knows one, else the sign for any server: no node is asked while searching. */
function PaletteMark({ server }: { server: Server }) {
  const state = stateOf(server, undefined);
  return state ? <StateMark state={state} shapeOnly /> : <Icon of={IconDeviceGamepad2} />;
}
