import { IconDownload } from "@tabler/icons-react";
import { queryOptions, useMutation, useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense, useMemo } from "react";
import { asFailure } from "@/api/error";
import type { Server } from "@/api/queries";
import { useServer } from "@/features/server/context";
import { StateBanner } from "@/features/server/state-banner";
import { can } from "@/features/servers/state";
import { useT } from "@/i18n";
import { bytes } from "@/lib/format";
import { Button, ButtonLink } from "@/ui/button";
import { ErrorCard } from "@/ui/failure";
import { EmptyWire, SkeletonCard } from "@/ui/feedback";
import { useTitle } from "@/ui/page";
import { toastFailure } from "@/ui/toasts";
import { FileHead } from "./file-head";
import { ImageView } from "./image-view";
import { imageType, MAX_IMAGE, MAX_TEXT } from "./kinds";
import { m } from "./messages";
import { nameOf, parentOf } from "./paths";
import { downloadLink, read } from "./requests";
import { readText } from "./text";

const TextPage = lazy(() => import("./text-page"));

const contentQuery = (server: string, path: string) =>
  queryOptions({
    queryKey: ["files", server, "content", path],
    queryFn: ({ signal }) => read(server, path, signal),
    // What is open stays as it is; saving looks whether it is still so.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });

/** One file: its text in the editor, its picture, or why it can't be shown. */
export default function FilePage() {
  const { server, state } = useServer();
  const { path, line } = useSearch({ from: "/signed-in/server/$server/files/edit" });
  return (
    <main className="page fill edpage" id="main">
      <StateBanner server={server} state={state} />
      <Content key={path} server={server} path={path} line={line} />
    </main>
  );
}

function Content({ server, path, line }: { server: Server; path: string; line: number | undefined }) {
  const t = useT();
  const name = nameOf(path);
  const readable = can(server, "files.read-content");
  const content = useQuery({ ...contentQuery(server.uuid, path), enabled: readable });
  useTitle(`${name} · ${server.name}`);
  const data = content.data;
  const picture = imageType(name);
  const text = useMemo(
    () => (data && !picture && data.length <= MAX_TEXT ? readText(data) : null),
    [data, picture],
  );

  if (data && text)
    return (
      <Suspense
        fallback={
          <FileFrame server={server} path={path}>
            <SkeletonCard lines={5} />
          </FileFrame>
        }
      >
        <TextPage server={server} path={path} line={line} bytes={data} file={text} />
      </Suspense>
    );
  let inside: ReactNode;
  if (!readable) inside = <EmptyWire title={t(m.notReadable)} text={t(m.notReadableText)} />;
  else if (content.isError)
    inside = (
      <ErrorCard
        title={t(m.readFailed, { name })}
        error={content.error}
        retry={() => void content.refetch()}
      />
    );
  else if (data === undefined) inside = <SkeletonCard lines={5} />;
  else if (data === null) inside = <EmptyWire title={t(m.fileGone)} text={t(m.fileGoneText, { path })} />;
  else if (picture && data.length <= MAX_IMAGE)
    inside = <ImageView name={name} type={picture} bytes={data} />;
  else if (data.length > MAX_TEXT)
    inside = (
      <EmptyWire
        title={t(m.tooLarge)}
        text={t(m.tooLargeText, { size: bytes(data.length), most: bytes(picture ? MAX_IMAGE : MAX_TEXT) })}
      />
    );
  else inside = <EmptyWire title={t(m.binary)} text={t(m.binaryText, { size: bytes(data.length) })} />;
  return (
    <FileFrame server={server} path={path} {...(data || content.isError ? { download: true } : {})}>
      {inside}
    </FileFrame>
  );
}

interface FrameProps {
  server: Server;
  path: string;
  /** Whether it can be fetched instead. */
  download?: boolean;
  children: ReactNode;
}

/** What surrounds a file that is not in the editor. */
function FileFrame({ server, path, download, children }: FrameProps) {
  const t = useT();
  const fetchIt = useMutation({
    mutationFn: () =>
      downloadLink(server.uuid, parentOf(path), [{ name: nameOf(path), directory: false }], "tar_gz"),
    onSuccess: (url) => window.location.assign(url),
    onError: (error) => toastFailure(t(m.notDownloaded), asFailure(error)),
  });
  return (
    <>
      <FileHead server={server} path={path}>
        {download && can(server, "files.read-content") ? (
          <Button icon={IconDownload} busy={fetchIt.isPending} onClick={() => fetchIt.mutate()}>
            {t(m.download)}
          </Button>
        ) : (
          <ButtonLink
            to="/server/$server/files"
            params={{ server: server.uuid_short }}
            search={{ path: parentOf(path) }}
          >
            {t(m.toFolder)}
          </ButtonLink>
        )}
      </FileHead>
      <div className="stack">{children}</div>
    </>
  );
}
