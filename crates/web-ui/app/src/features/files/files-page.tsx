import {
  IconDots,
  IconFilePlus,
  IconFileUpload,
  IconFolderPlus,
  IconFolderSearch,
  IconFolderUp,
  IconHome,
  IconPlus,
  IconRefresh,
  IconSearch,
  IconServerBolt,
  IconUpload,
  IconWorldDownload,
  IconX,
} from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type DragEvent, lazy, type ReactNode, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { ApiFailure, asFailure } from "@/api/error";
import type { Server } from "@/api/queries";
import { useServer } from "@/features/server/context";
import { StateBanner } from "@/features/server/state-banner";
import { useT } from "@/i18n";
import { against, bytes, mib } from "@/lib/format";
import { Button, IconButton } from "@/ui/button";
import { ErrorCard } from "@/ui/failure";
import { EmptyWire } from "@/ui/feedback";
import { Icon } from "@/ui/icon";
import { Menu } from "@/ui/menu";
import { Meter } from "@/ui/meter";
import { Title, useTitle } from "@/ui/page";
import { toast, toastFailure } from "@/ui/toasts";
import { refreshLists, useDelete, useRename } from "./changes";
import type { Asked } from "./dialogs";
import { draggedNames, FileTable, ROWS } from "./file-table";
import { conflicts, type Dropped, readDrop, readPicked, settle, sizeOf } from "./incoming";
import { isArchive, openerOf } from "./kinds";
import { m } from "./messages";
import { Operations } from "./operations";
import { matching, ordered } from "./order";
import { isWithin, join, parentOf, relative, trail } from "./paths";
import type { SortKey } from "./place";
import { downloadLink, type FileEntry, listQuery, unpack } from "./requests";
import { rightsOf } from "./rights";
import { type Action, actionsFor, RowMenu } from "./row-menu";
import { kept, nothing, type Selection } from "./selection";
import { upload } from "./uploads";
import { useNarrow } from "./use-narrow";

/** What stands in the bar of the selection; the rest is in its menu. On phones there is room for one less. */
const inBar: Action[] = ["download", "copy", "move", "archive", "delete"];

const Dialogs = lazy(() => import("./dialogs"));

/** The files of a server. */
export default function FilesPage() {
  const t = useT();
  const { server, state } = useServer();
  const { path = "/" } = useSearch({ from: "/signed-in/server/$server/files" });
  useTitle(t(m.pageTitle, { name: server.name }));
  return (
    <main className="page filespage" id="main">
      <StateBanner server={server} state={state} />
      {/* Another directory is another list: its marks and its place are its own. */}
      <Directory key={path} server={server} path={path} />
    </main>
  );
}

function Directory({ server, path }: { server: Server; path: string }) {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate({ from: "/server/$server/files" });
  const narrow = useNarrow();
  const { session, state } = useServer();
  const { sort = "name", down = false } = useSearch({ from: "/signed-in/server/$server/files" });
  const id = server.uuid;
  const list = useInfiniteQuery(listQuery(id, path));
  const [filter, setFilter] = useState("");
  const [selection, setSelection] = useState<Selection>(nothing);
  const [menu, setMenu] = useState<{ entry: FileEntry; x: number; y: number } | null>(null);
  const [asked, setAsked] = useState<Asked | null>(null);
  const grid = useRef<HTMLDivElement>(null);
  const find = useRef<HTMLInputElement>(null);
  const filePicker = useRef<HTMLInputElement>(null);
  const folderPicker = useRef<HTMLInputElement>(null);

  const loaded = useMemo(() => list.data?.pages.flatMap((page) => page.entries.data), [list.data]);
  const total = list.data?.pages.at(-1)?.entries.total ?? 0;
  const rows = useMemo(
    () => (loaded ? ordered(matching(loaded, filter), sort, down) : []),
    [loaded, filter, sort, down],
  );
  const names = useMemo(() => new Set(loaded?.map((e) => e.name)), [loaded]);
  const marked = useMemo(() => rows.filter((e) => selection.names.has(e.name)), [rows, selection.names]);
  useEffect(() => setSelection((s) => kept(s, new Set(rows.map((e) => e.name)))), [rows]);

  const first = list.data?.pages[0];
  const inside = first ? !first.is_filesystem_primary : false;
  const rights = rightsOf(server, first?.is_filesystem_writable ?? true);
  const rename = useRename(id, path);
  const remove = useDelete(id, path);
  const extract = useMutation({
    mutationFn: (name: string) => unpack(id, path, name),
    onSuccess: (answer, name) => toast(t("identifier" in answer ? m.unpacking : m.unpacked, { name })),
    onError: (error, name) => toastFailure(t(m.notUnpacked, { name }), asFailure(error)),
    onSettled: () => refreshLists(client, id, path),
  });

  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      const target = event.target as HTMLElement;
      if (
        event.key !== "/" ||
        event.ctrlKey ||
        event.metaKey ||
        target.closest("input, textarea, [role=dialog]")
      )
        return;
      event.preventDefault();
      find.current?.focus();
    }
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);

  const go = (to: string) => void navigate({ search: (s) => ({ ...s, path: to }) });
  const edit = (file: string) =>
    void navigate({
      to: "/server/$server/files/edit",
      params: { server: server.uuid_short },
      search: { path: file },
    });

  function open(entry: FileEntry) {
    const to = join(path, entry.name);
    if (openerOf(entry) === "list") go(to);
    else if (rights.read) edit(to);
    else setAsked({ kind: "details", entry });
  }

  async function download(entries: readonly FileEntry[]) {
    try {
      const files = entries.map(({ name, directory }) => ({ name, directory }));
      const link = document.createElement("a");
      link.href = await downloadLink(id, path, files, "tar_gz");
      link.rel = "noopener";
      link.click();
    } catch (error) {
      const failure = asFailure(error);
      // A daemon that packs nothing on the way still gives single files.
      toastFailure(
        t(failure.code === "node_lacks_capability" ? m.noPackedDownload : m.notDownloaded),
        failure,
      );
    }
  }

  function act(action: Action, entries: readonly FileEntry[]) {
    const [only] = entries;
    if (!only) return;
    const list = entries.map((e) => e.name);
    if (action === "open") open(only);
    else if (action === "edit") edit(join(path, only.name));
    else if (action === "download") void download(entries);
    else if (action === "extract") extract.mutate(only.name);
    else if (action === "rename" && list.length === 1) setAsked({ kind: "rename", name: only.name });
    else if (action === "rename") setAsked({ kind: "bulk", names: list });
    else if (action === "modes") setAsked({ kind: "modes", entries });
    else if (action === "details") setAsked({ kind: "details", entry: only });
    else if (action === "delete") setAsked({ kind: "delete", entries });
    else setAsked({ kind: action, names: list });
  }

  /** Sends what was dropped or chosen, after asking where names are taken and looking whether there is room. */
  function take(dropped: Dropped, sure = false) {
    if (dropped.files.length === 0 && dropped.folders.length === 0) return;
    const used = session.state.getState().stats?.disk_bytes;
    const room = server.limits.disk > 0 && used !== undefined ? mib(server.limits.disk) - used : null;
    if (room !== null && sizeOf(dropped) > room) {
      const values = { size: bytes(sizeOf(dropped)), room: bytes(Math.max(0, room)) };
      toastFailure(t(m.noRoom), new ApiFailure({ status: 409, errors: [t(m.noRoomText, values)] }));
      return;
    }
    const taken = conflicts(dropped, names);
    if (taken.length > 0 && !sure) setAsked({ kind: "conflict", dropped, names: taken });
    else upload(client, id, path, dropped.files, dropped.folders);
  }

  function moveInto(folder: string, dragged: readonly string[]) {
    const moving = dragged.filter((name) => !isWithin(folder, join(path, name)));
    if (moving.length > 0 && folder !== path)
      rename.mutate(moving.map((from) => ({ from, to: relative(path, join(folder, from)) })));
  }

  const drop = useDropZone(rights.create, (data) => void readDrop(data).then((dropped) => take(dropped)));
  const where = trail(path);
  const size = marked.reduce((sum, e) => sum + (e.directory ? 0 : e.size), 0);
  const offline = state === "unreachable";

  return (
    <div className="stack dropzone" {...drop.handlers}>
      <div className="phead">
        <Title>{t(m.files)}</Title>
        <DiskMeter server={server} />
        <span className="sp" />
        <Button
          look="quiet"
          icon={IconServerBolt}
          className="hide-m"
          onClick={() => setAsked({ kind: "sftp" })}
        >
          SFTP
        </Button>
        {rights.create || rights.update ? (
          <Menu width={224} position="bottom-end">
            <Menu.Target>
              <Button icon={IconPlus}>{t(m.new)}</Button>
            </Menu.Target>
            <Menu.Dropdown>
              {rights.update ? (
                <Menu.Item
                  leftSection={<Icon of={IconFilePlus} />}
                  onClick={() => setAsked({ kind: "create", what: "file" })}
                >
                  {t(m.newFile)}
                </Menu.Item>
              ) : null}
              {rights.create ? (
                <>
                  <Menu.Item
                    leftSection={<Icon of={IconFolderPlus} />}
                    onClick={() => setAsked({ kind: "create", what: "folder" })}
                  >
                    {t(m.newFolder)}
                  </Menu.Item>
                  <Menu.Item
                    leftSection={<Icon of={IconWorldDownload} />}
                    onClick={() => setAsked({ kind: "pull" })}
                  >
                    {t(m.pull)}
                  </Menu.Item>
                </>
              ) : null}
            </Menu.Dropdown>
          </Menu>
        ) : null}
        {rights.create ? (
          <Menu width={200} position="bottom-end">
            <Menu.Target>
              <Button look="primary" icon={IconUpload}>
                {t(m.upload)}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item
                leftSection={<Icon of={IconFileUpload} />}
                onClick={() => filePicker.current?.click()}
              >
                {t(m.uploadFiles)}
              </Menu.Item>
              <Menu.Item
                leftSection={<Icon of={IconFolderUp} />}
                onClick={() => folderPicker.current?.click()}
              >
                {t(m.uploadFolder)}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        ) : null}
        <input
          ref={filePicker}
          type="file"
          multiple
          hidden
          aria-label={t(m.uploadFiles)}
          onChange={(event) => {
            take(readPicked(event.currentTarget.files ?? []));
            event.currentTarget.value = "";
          }}
        />
        <input
          ref={(element) => {
            folderPicker.current = element;
            // Not a property that types know.
            element?.setAttribute("webkitdirectory", "");
          }}
          type="file"
          hidden
          aria-label={t(m.uploadFolder)}
          onChange={(event) => {
            take(readPicked(event.currentTarget.files ?? []));
            event.currentTarget.value = "";
          }}
        />
      </div>

      <Operations server={id} canCancel={rights.update} />

      <div className="stack g8">
        <div className="row fl-bar">
          <nav className="crumbs wrap" aria-label={t(m.path)}>
            <Crumb
              to="/"
              onDrop={rights.update ? moveInto : undefined}
              short={server.uuid_short}
              last={where.length === 0}
            >
              <Icon of={IconHome} size="s" />
              <span className={where.length === 0 ? undefined : "vh"}>{t(m.root)}</span>
            </Crumb>
            {where.map((step, i) => (
              <Crumb
                key={step.path}
                to={step.path}
                short={server.uuid_short}
                onDrop={rights.update ? moveInto : undefined}
                last={i === where.length - 1}
              >
                {step.name}
              </Crumb>
            ))}
            {loaded ? (
              <span className="sm t3" role="status">
                {filter.trim() === ""
                  ? t(m.items, { count: total })
                  : t(m.itemsOf, { count: rows.length, all: loaded.length })}
              </span>
            ) : null}
          </nav>
          <span className="sp" />
          <div className="inp filter fl-find">
            <Icon of={IconSearch} size="s" className="t3" />
            <input
              ref={find}
              type="search"
              aria-label={t(m.filter)}
              placeholder={t(m.filter)}
              value={filter}
              onChange={(event) => setFilter(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key === "ArrowDown" || event.key === "Enter") {
                  event.preventDefault();
                  grid.current?.focus();
                }
              }}
            />
            <kbd className="hide-m">/</kbd>
          </div>
          <IconButton
            icon={IconFolderSearch}
            label={t(m.searchBelow)}
            outlined
            onClick={() => setAsked({ kind: "search" })}
          />
          <IconButton
            icon={IconRefresh}
            label={t(m.reload)}
            outlined
            onClick={() => void refreshLists(client, id, path)}
          />
        </div>

        {inside ? <p className="sm t2">{t(m.insideArchive)}</p> : null}
        {marked.length > 0 ? (
          <div className="selbar" role="toolbar" aria-label={t(m.selected)}>
            <span className="b" role="status">
              {t(m.selectedCount, { count: marked.length })}
            </span>
            {size > 0 ? <span className="sm t2 hide-m">{bytes(size)}</span> : null}
            <span className="sp" />
            {actionsFor(marked, rights)
              .filter((a) => inBar.includes(a.action) && !(narrow && a.action === "copy"))
              .map(({ action, label, icon, danger }) =>
                narrow ? (
                  <IconButton
                    key={action}
                    icon={icon}
                    label={t(label)}
                    className={danger ? "danger" : undefined}
                    onClick={() => act(action, marked)}
                  />
                ) : (
                  <Button
                    key={action}
                    size="sm"
                    look="quiet"
                    icon={icon}
                    className={danger ? "bad" : undefined}
                    onClick={() => act(action, marked)}
                  >
                    {t(label)}
                  </Button>
                ),
              )}
            <IconButton
              icon={IconDots}
              label={t(m.moreActions)}
              aria-haspopup="menu"
              onClick={(event) => {
                const box = event.currentTarget.getBoundingClientRect();
                const [entry] = marked;
                if (entry) setMenu({ entry, x: box.left, y: box.bottom });
              }}
            />
            <span className="vsep hide-m" />
            <IconButton icon={IconX} label={t(m.clearSelection)} onClick={() => setSelection(nothing)} />
          </div>
        ) : null}

        {list.isError && !loaded ? (
          <Refused
            path={path}
            error={list.error}
            short={server.uuid_short}
            onRetry={() => void list.refetch()}
          />
        ) : !loaded ? (
          <Skeleton />
        ) : loaded.length === 0 ? (
          <EmptyWire title={t(m.empty)} text={t(rights.create ? m.emptyText : m.emptyReadOnly)}>
            {rights.create ? (
              <Button icon={IconUpload} onClick={() => filePicker.current?.click()}>
                {t(m.uploadFiles)}
              </Button>
            ) : null}
          </EmptyWire>
        ) : rows.length === 0 ? (
          <EmptyWire title={t(m.noMatch)} text={t(m.noMatchText)}>
            <Button onClick={() => setFilter("")}>{t(m.clearFilter)}</Button>
          </EmptyWire>
        ) : (
          <FileTable
            server={server.uuid_short}
            directory={path}
            entries={rows}
            selection={selection}
            onSelect={setSelection}
            sort={sort}
            down={down}
            onSort={(key) =>
              void navigate({
                replace: true,
                search: ({ sort: _, down: __, ...rest }) => ({
                  ...rest,
                  ...(key === "name" ? {} : { sort: key as Exclude<SortKey, "name"> }),
                  ...(key === sort && !down ? { down: true as const } : {}),
                }),
              })
            }
            onOpen={open}
            onMenu={(entry, x, y) => setMenu({ entry, x, y })}
            onDelete={() => {
              if (rights.delete && marked.length > 0) setAsked({ kind: "delete", entries: marked });
            }}
            onRename={() => {
              const cursor = rows.filter((e) => e.name === selection.cursor);
              if (rights.update) act("rename", marked.length > 0 ? marked : cursor);
            }}
            {...(rights.update ? { onDrop: moveInto } : {})}
            grid={grid}
          />
        )}
        {list.isError && loaded ? (
          <ErrorCard
            title={t(offline ? m.staleOffline : m.stale)}
            error={list.error}
            retry={() => void list.refetch()}
          />
        ) : null}
        {list.hasNextPage && loaded ? (
          <div className="row">
            <span className="sm t3">{t(m.partLoaded, { count: loaded.length, all: total })}</span>
            <Button size="sm" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
              {t(m.loadMore)}
            </Button>
          </div>
        ) : null}
      </div>

      {drop.over ? (
        <div className="dropover" aria-hidden="true">
          <Icon of={IconUpload} size="l" />
          {t(m.dropHere, { path })}
        </div>
      ) : null}
      {menu ? (
        <RowMenu
          at={menu}
          name={menu.entry.name}
          entries={marked.length > 0 ? marked : [menu.entry]}
          rights={rights}
          onClose={() => {
            setMenu(null);
            grid.current?.focus({ preventScroll: true });
          }}
          onAction={(action) => {
            setMenu(null);
            act(action, marked.length > 0 ? marked : [menu.entry]);
          }}
        />
      ) : null}
      {asked ? (
        <Suspense>
          <Dialogs
            asked={asked}
            server={server}
            directory={path}
            taken={names}
            readable={rights.read}
            onClose={() => setAsked(null)}
            onDelete={(entries) => remove.mutate(entries.map((e) => e.name))}
            onMadeFile={(name) => edit(join(path, name))}
            onConflict={(dropped, answer) => take(settle(dropped, answer, names, t(m.copyWord)), true)}
          />
        </Suspense>
      ) : null}
    </div>
  );
}

interface CrumbProps {
  to: string;
  short: string;
  last: boolean;
  onDrop: ((folder: string, names: readonly string[]) => void) | undefined;
  children: ReactNode;
}

/** One step of the path. Rows can be dropped on it. */
function Crumb({ to, short, last, onDrop, children }: CrumbProps) {
  const [over, setOver] = useState(false);
  const takes = (event: DragEvent) =>
    onDrop !== undefined && !last && event.dataTransfer.types.includes(ROWS);
  return (
    <>
      {to === "/" ? null : (
        <span className="sep" aria-hidden="true">
          /
        </span>
      )}
      <Link
        to="/server/$server/files"
        params={{ server: short }}
        search={({ sort, down }) => ({
          ...(to === "/" ? {} : { path: to }),
          ...(sort ? { sort } : {}),
          ...(down ? { down } : {}),
        })}
        activeOptions={{ exact: true, includeSearch: true }}
        aria-current={last ? "page" : undefined}
        className={`crumb${over ? " over" : ""}`}
        draggable={false}
        onDragOver={(event) => {
          if (!takes(event)) return;
          event.preventDefault();
          event.stopPropagation();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          if (!takes(event)) return;
          event.preventDefault();
          event.stopPropagation();
          setOver(false);
          onDrop?.(to, draggedNames(event));
        }}
      >
        {children}
      </Link>
    </>
  );
}

/** How full the disk is, as the node last said. */
function DiskMeter({ server }: { server: Server }) {
  const t = useT();
  const { session } = useServer();
  const disk = session.state((s) => s.stats?.disk_bytes);
  if (disk === undefined) return null;
  const most = server.limits.disk;
  return (
    <div className="hide-m disk">
      <Meter
        label={t(m.disk)}
        text={most > 0 ? t(m.diskOf, { used: against(disk, most), limit: bytes(mib(most)) }) : bytes(disk)}
        share={most > 0 ? disk / mib(most) : undefined}
      />
    </div>
  );
}

/** Rows in the shape of the real ones. */
function Skeleton() {
  const t = useT();
  return (
    <div className="card fl" aria-busy="true">
      <span className="vh">{t(m.loading)}</span>
      <div className="fl-head" />
      {[38, 22, 30, 18, 44, 26, 34, 20].map((width) => (
        <div key={width} className="fl-sk">
          <div className="sk" style={{ width: 18 }} />
          <div className="sk" style={{ width: `${width}%` }} />
        </div>
      ))}
    </div>
  );
}

interface RefusedProps {
  path: string;
  error: unknown;
  short: string;
  onRetry: () => void;
}

/** Why a directory can't be shown, and what to do. */
function Refused({ path, error, short, onRetry }: RefusedProps) {
  const t = useT();
  const failure = asFailure(error);
  const archived = trail(path).some((step) => isArchive(step.name));
  const gone = failure.status === 404 && !archived;
  const title = archived ? m.archiveClosed : gone ? m.folderGone : m.listFailed;
  return (
    <div className="stack g12">
      <ErrorCard title={t(title)} error={error} retry={onRetry} />
      {archived ? <p className="t2">{t(m.archiveClosedText)}</p> : null}
      {archived || gone ? (
        <div>
          <Link
            to="/server/$server/files"
            params={{ server: short }}
            search={{ path: parentOf(path) }}
            className="inline-link"
          >
            {t(m.toParent)}
          </Link>
        </div>
      ) : null}
    </div>
  );
}

/** Takes files from the desktop anywhere on the page. */
function useDropZone(enabled: boolean, onFiles: (data: DataTransfer) => void) {
  const [over, setOver] = useState(false);
  const depth = useRef(0);
  const holds = (event: DragEvent) => enabled && event.dataTransfer.types.includes("Files");
  return {
    over,
    handlers: {
      onDragEnter: (event: DragEvent) => {
        if (!holds(event)) return;
        event.preventDefault();
        depth.current += 1;
        setOver(true);
      },
      onDragOver: (event: DragEvent) => {
        if (holds(event)) event.preventDefault();
      },
      onDragLeave: (event: DragEvent) => {
        if (!holds(event)) return;
        depth.current -= 1;
        if (depth.current <= 0) setOver(false);
      },
      onDrop: (event: DragEvent) => {
        depth.current = 0;
        setOver(false);
        if (!holds(event)) return;
        event.preventDefault();
        onFiles(event.dataTransfer);
      },
    },
  };
}
