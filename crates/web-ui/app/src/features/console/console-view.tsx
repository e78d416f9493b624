import {
  IconArrowDown,
  IconChevronDown,
  IconChevronUp,
  IconClock,
  IconCopy,
  IconCornerDownLeft,
  IconDots,
  IconFileText,
  IconMaximize,
  IconMinimize,
  IconSearch,
  IconTextDecrease,
  IconTextIncrease,
  IconX,
} from "@tabler/icons-react";
import {
  type ClipboardEvent,
  type FormEvent,
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useRef,
  useState,
} from "react";
import { useT } from "@/i18n";
import { useTheme } from "@/lib/theme-store";
import { Button, IconButton } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Icon } from "@/ui/icon";
import { Menu } from "@/ui/menu";
import { toast } from "@/ui/toasts";
import { readHistory, remember } from "./history";
import { m } from "./messages";
import { usePreferences } from "./preferences";
import type { Session, StopReason } from "./session";
import { Snippets } from "./snippets";
import type { Screen } from "./terminal";

interface Props {
  session: Session;
  server: string;
  /** Name shown beside one's own commands. */
  sender: string;
  /** What the server runs. */
  egg: string;
  canSend: boolean;
}

/** The console: output, its toolbar and the command line. */
export function ConsoleView({ session, server, sender, egg, canSend }: Props) {
  const t = useT();
  const prefs = usePreferences();
  const scheme = useTheme((s) => s.scheme);
  const host = useRef<HTMLDivElement>(null);
  const frame = useRef<HTMLElement>(null);
  const screen = useRef<Screen | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const [follow, setFollow] = useState({ following: true, missed: 0 });
  const [matches, setMatches] = useState({ index: -1, count: 0 });
  const [search, setSearch] = useState<string | null>(null);
  const [text, setText] = useState<string | null>(null);
  const [full, setFull] = useState(false);

  // biome-ignore lint/correctness/useExhaustiveDependencies: preferences are applied to the living screen below.
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    let gone = false;
    let stop: (() => void) | undefined;
    void Promise.all([import("./terminal"), document.fonts.load('13px "Atkinson Hyperlegible Mono"')]).then(
      ([{ Screen }]) => {
        if (gone) return;
        const made = new Screen(element, {
          fontSize: prefs.fontSize,
          timestamps: prefs.timestamps,
          screenReader: prefs.screenReader,
          onFollow: (following, missed) => setFollow({ following, missed }),
          onMatches: setMatches,
        });
        screen.current = made;
        made.redraw(session.lines);
        stop = session.onLine((line) => made.push(line));
      },
    );
    return () => {
      gone = true;
      stop?.();
      screen.current?.dispose();
      screen.current = null;
    };
  }, [session]);

  useEffect(() => {
    if (screen.current) screen.current.fontSize = prefs.fontSize;
  }, [prefs.fontSize]);
  useEffect(() => {
    if (!screen.current) return;
    screen.current.timestamps = prefs.timestamps;
    screen.current.redraw(session.lines);
  }, [prefs.timestamps, session]);
  useEffect(() => {
    if (screen.current) screen.current.screenReader = prefs.screenReader;
  }, [prefs.screenReader]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of theme is the reason to run.
  useEffect(() => screen.current?.recolour(), [scheme]);

  useEffect(() => {
    const onFull = () => setFull(document.fullscreenElement !== null);
    document.addEventListener("fullscreenchange", onFull);
    return () => document.removeEventListener("fullscreenchange", onFull);
  }, []);

  function find(value: string, back = false) {
    setSearch(value);
    screen.current?.find(value, back);
  }
  function closeSearch() {
    setSearch(null);
    screen.current?.find("", false);
    input.current?.focus();
  }
  function onKey(event: KeyboardEvent) {
    if ((event.ctrlKey || event.metaKey) && event.code === "KeyF") {
      event.preventDefault();
      setSearch(search ?? "");
    }
  }
  function copyAll() {
    const all = screen.current?.text(session.lines, session.lines.length) ?? "";
    void navigator.clipboard?.writeText(all).then(() => toast(t(m.copied)));
  }
  function toggleFull() {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void frame.current?.requestFullscreen();
  }

  return (
    <section ref={frame} className="card con" aria-label={t(m.title)} onKeyDown={onKey}>
      <div className="tb">
        <ConnectionState session={session} />
        <span className="sp" />
        <IconButton
          icon={IconSearch}
          label={t(m.search)}
          aria-pressed={search !== null}
          onClick={() => (search === null ? setSearch("") : closeSearch())}
        />
        <IconButton
          icon={IconClock}
          label={t(m.timestamps)}
          className="hide-m"
          aria-pressed={prefs.timestamps}
          onClick={() => prefs.set({ timestamps: !prefs.timestamps })}
        />
        <IconButton
          icon={full ? IconMinimize : IconMaximize}
          label={t(full ? m.leaveFullScreen : m.fullScreen)}
          onClick={toggleFull}
        />
        <Menu width={220} position="bottom-end" offset={4} closeOnItemClick={false}>
          <Menu.Target>
            <IconButton icon={IconDots} label={t(m.more)} />
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.CheckboxItem
              checked={prefs.timestamps}
              closeMenuOnClick={false}
              onChange={(value) => prefs.set({ timestamps: value })}
            >
              {t(m.timestamps)}
            </Menu.CheckboxItem>
            <Menu.Item
              leftSection={<Icon of={IconTextIncrease} />}
              onClick={() => prefs.set({ fontSize: Math.min(24, prefs.fontSize + 1) })}
            >
              {t(m.larger)}
            </Menu.Item>
            <Menu.Item
              leftSection={<Icon of={IconTextDecrease} />}
              onClick={() => prefs.set({ fontSize: Math.max(10, prefs.fontSize - 1) })}
            >
              {t(m.smaller)}
            </Menu.Item>
            <Menu.CheckboxItem
              checked={prefs.screenReader}
              closeMenuOnClick={false}
              onChange={(value) => prefs.set({ screenReader: value })}
            >
              {t(m.screenReader)}
            </Menu.CheckboxItem>
            <Menu.Divider />
            <Menu.Item
              closeMenuOnClick
              leftSection={<Icon of={IconFileText} />}
              onClick={() => setText(screen.current?.text(session.lines, 500) ?? "")}
            >
              {t(m.textView)}
            </Menu.Item>
            <Menu.Item closeMenuOnClick leftSection={<Icon of={IconCopy} />} onClick={copyAll}>
              {t(m.copyAll)}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      {search === null ? null : (
        <SearchBar value={search} matches={matches} onFind={find} onClose={closeSearch} />
      )}
      <div className="out-frame">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: output has to be scrollable with the keyboard. */}
        <section ref={host} className="out-host" aria-label={t(m.region)} tabIndex={0} />
        <NothingYet session={session} />
        {follow.following ? null : (
          <Button size="sm" icon={IconArrowDown} className="jump" onClick={() => screen.current?.toLatest()}>
            {follow.missed > 0 ? t(m.jumpNew, { count: follow.missed }) : t(m.jump)}
          </Button>
        )}
      </div>
      {canSend ? (
        <CommandLine session={session} server={server} sender={sender} egg={egg} field={input} />
      ) : null}
      <Dialog title={t(m.textViewTitle)} open={text !== null} onClose={() => setText(null)} wide>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long text has to be scrollable with the keyboard. */}
        <pre className="mono-block wrap-lines" tabIndex={0}>
          {text}
        </pre>
      </Dialog>
    </section>
  );
}

/** What an empty console is waiting for. */
function NothingYet({ session }: { session: Session }) {
  const t = useT();
  const { connection, power, spoke } = session.state();
  if (spoke || connection !== "live" || power !== "offline") return null;
  return <p className="nothing-yet t3">{t(m.nothingYet)}</p>;
}

const stopTexts: Record<StopReason, (typeof m)[keyof typeof m]> = {
  suspended: m.suspended,
  deleted: m.deleted,
  revoked: m.revoked,
  denied: m.denied,
  missing: m.missing,
};

function ConnectionState({ session }: { session: Session }) {
  const t = useT();
  const { connection, delay, retryAt, stop } = session.state();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (retryAt === null) return;
    setNow(Date.now());
    const timer = window.setInterval(() => setNow(Date.now()), 1_000);
    return () => window.clearInterval(timer);
  }, [retryAt]);

  if (connection === "live")
    return (
      <span className="live">
        <span role="status">{t(m.live)}</span>
        {delay === null ? null : <span className="t3">{t(m.delay, { ms: delay })}</span>}
      </span>
    );
  if (connection === "waiting")
    return (
      <span className="live lost trunc">
        <span className="trunc" role="status">
          {t(m.waiting, { seconds: Math.max(0, Math.ceil(((retryAt ?? now) - now) / 1_000)) })}
        </span>
        <button type="button" className="link" onClick={() => session.retryNow()}>
          {t(m.tryNow)}
        </button>
      </span>
    );
  return (
    <span className="live lost trunc" role="status">
      <span className="trunc">{connection === "stopped" && stop ? t(stopTexts[stop]) : t(m.connecting)}</span>
    </span>
  );
}

interface SearchProps {
  value: string;
  matches: { index: number; count: number };
  onFind: (text: string, back?: boolean) => void;
  onClose: () => void;
}

function SearchBar({ value, matches, onFind, onClose }: SearchProps) {
  const t = useT();
  return (
    <search className="con-search">
      <Icon of={IconSearch} size="s" className="t3" />
      <input
        // biome-ignore lint/a11y/noAutofocus: the field appears because somebody asked to search.
        autoFocus
        aria-label={t(m.searchLabel)}
        placeholder={t(m.search)}
        value={value}
        onChange={(event) => onFind(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") onFind(value, event.shiftKey);
          if (event.key === "Escape") onClose();
        }}
      />
      <span className="sm t3" role="status">
        {value === "" ? "" : t(m.matches, { index: matches.index + 1, count: matches.count })}
      </span>
      <IconButton icon={IconChevronUp} label={t(m.previous)} onClick={() => onFind(value, true)} />
      <IconButton icon={IconChevronDown} label={t(m.next)} onClick={() => onFind(value)} />
      <IconButton icon={IconX} label={t(m.closeSearch)} onClick={onClose} />
    </search>
  );
}

interface CommandProps {
  session: Session;
  server: string;
  sender: string;
  egg: string;
  field: RefObject<HTMLInputElement | null>;
}

/** One line for commands, with the earlier ones on the arrow keys. */
function CommandLine({ session, server, sender, egg, field }: CommandProps) {
  const t = useT();
  const [history, setHistory] = useState(() => readHistory(server));
  const [at, setAt] = useState<number | null>(null);
  const [draft, setDraft] = useState("");
  const [value, setValue] = useState("");
  const [refused, setRefused] = useState(false);
  const [pasted, setPasted] = useState<string[] | null>(null);
  const power = session.state((s) => s.power);
  const connection = session.state((s) => s.connection);

  useEffect(() => {
    if (connection === "live") setRefused(false);
  }, [connection]);

  function sendAll(commands: string[]) {
    for (const command of commands) {
      if (!session.command(command, sender)) {
        setRefused(true);
        return;
      }
      setHistory(remember(server, command));
    }
    setValue("");
    setAt(null);
    setRefused(false);
  }
  function submit(event: FormEvent) {
    event.preventDefault();
    if (value.trim() !== "") sendAll([value]);
  }
  function onKey(event: KeyboardEvent<HTMLInputElement>) {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    const end = history.length;
    const from = at ?? end;
    const next = event.key === "ArrowUp" ? Math.max(0, from - 1) : Math.min(end, from + 1);
    if (next === from && at === null) return;
    event.preventDefault();
    if (at === null) setDraft(value);
    setAt(next === end ? null : next);
    setValue(next === end ? draft : (history[next] ?? ""));
  }
  function onPaste(event: ClipboardEvent) {
    const lines = event.clipboardData
      .getData("text")
      .split(/\r?\n/)
      .filter((l) => l.trim() !== "");
    if (lines.length < 2) return;
    event.preventDefault();
    setPasted(lines);
  }

  return (
    <>
      {refused ? (
        <p className="con-note sm" role="alert">
          {t(m.notSent)}
        </p>
      ) : null}
      <form className="cmd" onSubmit={submit}>
        <span className="p" aria-hidden="true">
          ›
        </span>
        <input
          ref={field}
          aria-label={t(m.command)}
          placeholder={t(power === "offline" ? m.offlinePlaceholder : m.placeholder)}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          enterKeyHint="send"
          value={value}
          onChange={(event) => {
            setValue(event.currentTarget.value);
            setAt(null);
          }}
          onKeyDown={onKey}
          onPaste={onPaste}
        />
        <span className="row hide-m xs t3 keys-hint" aria-hidden="true">
          <kbd>↑</kbd>
          {t(m.earlier)}
        </span>
        <Snippets
          egg={egg}
          onChoose={(command) => {
            setValue(command);
            setAt(null);
            // After the menu has given the focus back.
            window.setTimeout(() => field.current?.focus());
          }}
        />
        <button type="submit" className="ib" aria-label={t(m.send)} title={t(m.send)}>
          <Icon of={IconCornerDownLeft} />
        </button>
      </form>
      <Dialog
        title={t(m.pasteTitle, { count: pasted?.length ?? 0 })}
        open={pasted !== null}
        onClose={() => setPasted(null)}
      >
        <div className="stack g12">
          <p className="t2">{t(m.pasteText)}</p>
          <pre className="mono-block">{pasted?.join("\n")}</pre>
          <div className="row dialog-foot">
            <Button data-autofocus onClick={() => setPasted(null)}>
              {t(m.pasteKeep)}
            </Button>
            <Button
              look="primary"
              onClick={() => {
                sendAll(pasted ?? []);
                setPasted(null);
              }}
            >
              {t(m.pasteSend, { count: pasted?.length ?? 0 })}
            </Button>
          </div>
        </div>
      </Dialog>
    </>
  );
}
