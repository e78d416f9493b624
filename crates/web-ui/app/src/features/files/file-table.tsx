import { IconArrowDown, IconArrowUp, IconDots, IconLink } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import {
  type CSSProperties,
  type DragEvent,
  type KeyboardEvent,
  type MouseEvent,
  type RefObject,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { Message } from "@/i18n";
import { useT } from "@/i18n";
import { bytes } from "@/lib/format";
import { IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { FileIcon } from "./file-icon";
import { openerOf } from "./kinds";
import { m } from "./messages";
import { join } from "./paths";
import type { SortKey } from "./place";
import type { FileEntry } from "./requests";
import { all, nothing, pick, type Selection, step, typed } from "./selection";
import { useNarrow } from "./use-narrow";
import { when, whenExact } from "./when";

/** What is dragged from the list, so that only these rows can be dropped onto folders. */
export const ROWS = "application/x-roost-files";
/** Typing again after so long begins another name. */
const TYPING_MS = 800;

interface Props {
  server: string;
  directory: string;
  /** In the order they are shown. */
  entries: readonly FileEntry[];
  selection: Selection;
  onSelect: (selection: Selection) => void;
  sort: SortKey;
  down: boolean;
  onSort: (sort: SortKey) => void;
  onOpen: (entry: FileEntry) => void;
  onMenu: (entry: FileEntry, x: number, y: number) => void;
  onDelete: () => void;
  onRename: () => void;
  /** Given when rows may be moved by dragging them. */
  onDrop?: (folder: string, names: readonly string[]) => void;
  grid: RefObject<HTMLDivElement | null>;
}

const columns: { key: SortKey; label: Message; className: string }[] = [
  { key: "name", label: m.name, className: "c-name" },
  { key: "size", label: m.size, className: "c-size" },
  { key: "modified", label: m.modified, className: "c-time" },
];

/** The entries of a directory. Only the rows in sight exist, however many there are. */
export function FileTable(props: Props) {
  const { entries, selection, onSelect, grid, directory } = props;
  const t = useT();
  const id = useId();
  const narrow = useNarrow();
  const height = narrow ? 48 : 42;
  const order = useMemo(() => entries.map((e) => e.name), [entries]);
  const body = useRef<HTMLDivElement>(null);
  const [margin, setMargin] = useState(0);
  const typing = useRef({ text: "", at: 0 });

  // What stands above the list may grow and shrink: operations, the selection's bar, a banner.
  useLayoutEffect(() => {
    const measure = () => setMargin((body.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);

  const virtual = useWindowVirtualizer({
    count: entries.length,
    estimateSize: () => height,
    overscan: 8,
    scrollMargin: margin,
    getItemKey: (index) => entries[index]?.name ?? index,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows have another height on the other kind of screen.
  useEffect(() => virtual.measure(), [height]);

  function reveal(name: string | null) {
    const at = name === null ? -1 : order.indexOf(name);
    if (at >= 0) virtual.scrollToIndex(at, { align: "auto" });
  }
  function move(by: number, shift: boolean) {
    const next = step(selection, order, by, shift);
    onSelect(next);
    reveal(next.cursor);
  }

  function onKey(event: KeyboardEvent<HTMLDivElement>) {
    const entry = entries.find((e) => e.name === selection.cursor);
    const page = Math.max(1, Math.floor(window.innerHeight / height) - 4);
    const command = event.ctrlKey || event.metaKey;
    switch (event.key) {
      case "ArrowDown":
        move(1, event.shiftKey);
        break;
      case "ArrowUp":
        move(-1, event.shiftKey);
        break;
      case "PageDown":
        move(page, event.shiftKey);
        break;
      case "PageUp":
        move(-page, event.shiftKey);
        break;
      case "Home":
        move(-order.length, event.shiftKey);
        break;
      case "End":
        move(order.length, event.shiftKey);
        break;
      case "Enter":
        if (entry) props.onOpen(entry);
        break;
      case " ":
        if (entry) onSelect(pick(selection, order, entry.name, { keep: true, shift: event.shiftKey }));
        break;
      case "Escape":
        onSelect(nothing);
        break;
      case "Delete":
        props.onDelete();
        break;
      case "F2":
        props.onRename();
        break;
      case "ContextMenu":
      case "F10": {
        if (event.key === "F10" && !event.shiftKey) return;
        const row = entry && document.getElementById(`${id}-${order.indexOf(entry.name)}`);
        if (!entry || !row) return;
        const box = row.getBoundingClientRect();
        if (!selection.names.has(entry.name)) onSelect(pick(selection, order, entry.name));
        props.onMenu(entry, box.left + 64, box.bottom);
        break;
      }
      case "a":
        if (!command) return typeAhead(event);
        onSelect(all(selection, order));
        break;
      default:
        return typeAhead(event);
    }
    event.preventDefault();
  }

  function typeAhead(event: KeyboardEvent) {
    if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey || event.key === "/") return;
    const now = Date.now();
    const text = now - typing.current.at < TYPING_MS ? typing.current.text + event.key : event.key;
    typing.current = { text, at: now };
    const found = typed(order, selection.cursor, text);
    if (found === null) return;
    onSelect({ ...selection, cursor: found, anchor: found });
    reveal(found);
  }

  function onPress(event: MouseEvent, entry: FileEntry) {
    const keep = event.ctrlKey || event.metaKey;
    const marking = keep || event.shiftKey || (narrow && selection.names.size > 0);
    if (!marking) return false;
    event.preventDefault();
    onSelect(pick(selection, order, entry.name, { keep: keep || narrow, shift: event.shiftKey }));
    return true;
  }

  const marked = selection.names.size;
  const everything = marked > 0 && marked >= entries.length;
  const cursor = selection.cursor === null ? -1 : order.indexOf(selection.cursor);
  const items = virtual.getVirtualItems();
  const cursorShown = items.some((item) => item.index === cursor);

  return (
    <div
      ref={grid}
      className="card fl"
      role="grid"
      tabIndex={0}
      aria-label={t(m.listLabel, { path: directory })}
      aria-rowcount={entries.length + 1}
      aria-colcount={5}
      aria-multiselectable="true"
      aria-activedescendant={cursorShown ? `${id}-${cursor}` : undefined}
      onKeyDown={onKey}
    >
      <div className="fl-head" role="row" aria-rowindex={1}>
        <span role="columnheader" className="c-check">
          <input
            type="checkbox"
            className="cbx"
            aria-label={t(m.selectAll)}
            checked={everything}
            ref={(box) => {
              if (box) box.indeterminate = marked > 0 && !everything;
            }}
            onChange={() => onSelect(everything ? nothing : all(selection, order))}
            onKeyDown={(event) => event.stopPropagation()}
          />
        </span>
        {columns.map(({ key, label, className }) => (
          <span
            key={key}
            role="columnheader"
            className={className}
            aria-sort={props.sort === key ? (props.down ? "descending" : "ascending") : "none"}
          >
            <button
              type="button"
              onClick={() => props.onSort(key)}
              onKeyDown={(event) => event.stopPropagation()}
            >
              {t(label)}
              {props.sort === key ? <Icon of={props.down ? IconArrowDown : IconArrowUp} size="s" /> : null}
            </button>
          </span>
        ))}
        <span role="columnheader" className="c-acts">
          <span className="vh">{t(m.actions)}</span>
        </span>
      </div>
      <div ref={body} role="rowgroup" className="fl-body" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const entry = entries[item.index];
          if (!entry) return null;
          return (
            <Row
              key={entry.name}
              id={`${id}-${item.index}`}
              index={item.index}
              entry={entry}
              server={props.server}
              directory={directory}
              top={item.start - margin}
              height={height}
              marked={selection.names.has(entry.name)}
              current={item.index === cursor}
              draggable={Boolean(props.onDrop)}
              onMark={(shift) => onSelect(pick(selection, order, entry.name, { keep: true, shift }))}
              onPress={(event) => onPress(event, entry)}
              onOpen={() => props.onOpen(entry)}
              onFocusHere={() => {
                if (selection.cursor !== entry.name)
                  onSelect({ ...selection, cursor: entry.name, anchor: selection.anchor ?? entry.name });
                grid.current?.focus({ preventScroll: true });
              }}
              onMenu={(x, y, byTouch) => {
                if (byTouch) {
                  onSelect(pick(selection, order, entry.name, { keep: true }));
                  return;
                }
                if (!selection.names.has(entry.name)) onSelect(pick(selection, order, entry.name));
                props.onMenu(entry, x, y);
              }}
              onTake={(event) => {
                const names = selection.names.has(entry.name) ? [...selection.names] : [entry.name];
                event.dataTransfer.setData(ROWS, JSON.stringify(names));
                event.dataTransfer.effectAllowed = "move";
              }}
              onDrop={
                props.onDrop && entry.directory && !selection.names.has(entry.name)
                  ? (names) => props.onDrop?.(join(directory, entry.name), names)
                  : undefined
              }
            />
          );
        })}
      </div>
    </div>
  );
}

/** The names of the rows that are dropped. */
export function draggedNames(event: DragEvent): string[] {
  return JSON.parse(event.dataTransfer.getData(ROWS)) as string[];
}

interface RowProps {
  id: string;
  index: number;
  entry: FileEntry;
  server: string;
  directory: string;
  top: number;
  height: number;
  marked: boolean;
  current: boolean;
  draggable: boolean;
  onMark: (shift: boolean) => void;
  onPress: (event: MouseEvent) => boolean;
  onOpen: () => void;
  onFocusHere: () => void;
  onMenu: (x: number, y: number, byTouch: boolean) => void;
  onTake: (event: DragEvent) => void;
  onDrop: ((names: readonly string[]) => void) | undefined;
}

function Row(props: RowProps) {
  const { entry, marked, current, directory, onDrop } = props;
  const t = useT();
  const [over, setOver] = useState(false);
  const touched = useRef(false);
  const style: CSSProperties = { transform: `translateY(${props.top}px)`, height: props.height };
  const name = entry.name;
  const takesRows = (event: DragEvent) => onDrop !== undefined && event.dataTransfer.types.includes(ROWS);
  const path = join(directory, name);
  return (
    <div
      id={props.id}
      role="row"
      aria-rowindex={props.index + 2}
      aria-selected={marked}
      className={`fl-row${marked ? " sel" : ""}${current ? " cur" : ""}${over ? " over" : ""}`}
      style={style}
      draggable={props.draggable}
      onPointerDown={(event) => {
        touched.current = event.pointerType === "touch";
      }}
      onClick={(event) => {
        if (props.onPress(event)) return;
        props.onFocusHere();
      }}
      onDoubleClick={() => props.onOpen()}
      onContextMenu={(event) => {
        event.preventDefault();
        props.onMenu(event.clientX, event.clientY, touched.current);
      }}
      onDragStart={props.onTake}
      onDragOver={(event) => {
        if (!takesRows(event)) return;
        event.preventDefault();
        event.stopPropagation();
        event.dataTransfer.dropEffect = "move";
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        if (!takesRows(event)) return;
        event.preventDefault();
        event.stopPropagation();
        setOver(false);
        onDrop?.(draggedNames(event));
      }}
    >
      <span role="gridcell" className="c-check">
        <input
          type="checkbox"
          className="cbx"
          tabIndex={-1}
          aria-label={t(m.selectOne, { name })}
          checked={marked}
          onClick={(event) => event.stopPropagation()}
          onDoubleClick={(event) => event.stopPropagation()}
          onChange={(event) =>
            props.onMark((event.nativeEvent as unknown as { shiftKey?: boolean }).shiftKey === true)
          }
        />
      </span>
      <span role="gridcell" className="c-name">
        <FileIcon entry={entry} />
        <Link
          to={openerOf(entry) === "list" ? "/server/$server/files" : "/server/$server/files/edit"}
          params={{ server: props.server }}
          search={{ path }}
          className={entry.directory ? "nm b" : "nm"}
          tabIndex={-1}
          draggable={false}
          preload={false}
          onDoubleClick={(event) => event.stopPropagation()}
          onClick={(event) => {
            // With a key held down it is the browser's, or marks the row.
            if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) {
              if (props.onPress(event)) event.stopPropagation();
              return;
            }
            event.preventDefault();
            event.stopPropagation();
            if (!props.onPress(event)) props.onOpen();
          }}
        >
          {name}
        </Link>
        {entry.symlink ? (
          <span className="t3" title={t(m.symlink)}>
            <Icon of={IconLink} size="s" />
            <span className="vh">{t(m.symlink)}</span>
          </span>
        ) : null}
      </span>
      <span role="gridcell" className="c-size">
        {entry.directory ? <span className="t3">–</span> : bytes(entry.size)}
      </span>
      <span role="gridcell" className="c-time" title={whenExact(entry.modified)}>
        {when(entry.modified)}
      </span>
      <span role="gridcell" className="c-acts">
        <IconButton
          icon={IconDots}
          label={t(m.actionsFor, { name })}
          aria-haspopup="menu"
          tabIndex={-1}
          onDoubleClick={(event) => event.stopPropagation()}
          onClick={(event) => {
            event.stopPropagation();
            const box = event.currentTarget.getBoundingClientRect();
            props.onMenu(box.left, box.bottom, false);
          }}
        />
      </span>
    </div>
  );
}
