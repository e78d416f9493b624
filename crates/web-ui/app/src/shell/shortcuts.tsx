import { type Message, useT } from "@/i18n";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { m } from "./messages";

const groups: [Message, [keys: string[], what: Message][]][] = [
  [
    m.keysEverywhere,
    [
      [["Ctrl", "K"], m.keysSearch],
      [["?"], m.keysThis],
      [["Esc"], m.keysClose],
    ],
  ],
  [
    m.keysLists,
    [
      [["/"], m.keysFilter],
      [["↑", "↓"], m.keysRows],
      [["Shift"], m.keysRange],
    ],
  ],
  [
    m.console,
    [
      [["Ctrl", "F"], m.keysFind],
      [["↑"], m.keysEarlier],
    ],
  ],
  [m.keysForms, [[["Ctrl", "S"], m.keysSave]]],
];

/** The keys that do something, by where they do it. */
export default function Shortcuts({ onClose }: { onClose: () => void }) {
  const t = useT();
  return (
    <Dialog title={t(m.shortcuts)} open onClose={onClose}>
      <div className="stack">
        {groups.map(([title, keys]) => (
          <section key={title.id} className="stack g8">
            <h3>{t(title)}</h3>
            <dl className="keys">
              {keys.map(([names, what]) => (
                <div key={what.id}>
                  <dt>
                    {names.map((name) => (
                      <kbd key={name}>{name}</kbd>
                    ))}
                  </dt>
                  <dd className="sm">{t(what)}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <div className="row dialog-foot">
          <Button data-autofocus onClick={onClose}>
            {t(m.close)}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
