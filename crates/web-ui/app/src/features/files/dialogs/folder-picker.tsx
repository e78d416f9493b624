import { IconChevronLeft, IconFolder } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useT } from "@/i18n";
import { ErrorCard } from "@/ui/failure";
import { SkeletonLines } from "@/ui/feedback";
import { Icon } from "@/ui/icon";
import { m } from "../messages";
import { join, parentOf } from "../paths";
import { foldersQuery } from "../requests";

interface Props {
  server: string;
  value: string;
  onChange: (directory: string) => void;
  /** Directories that can't be chosen: those that are moved themselves. */
  except?: (path: string) => boolean;
}

/** Goes through the directories of a server to one of them. */
export function FolderPicker({ server, value, onChange, except }: Props) {
  const t = useT();
  const folders = useQuery(foldersQuery(server, value));
  return (
    <fieldset className="picker" aria-label={t(m.folder)}>
      <div className="picker-head">
        <Icon of={IconFolder} />
        <span className="mono trunc">{value}</span>
      </div>
      {folders.isError ? (
        <ErrorCard title={t(m.loadFailed)} error={folders.error} retry={() => void folders.refetch()} />
      ) : !folders.data ? (
        <div className="pad">
          <SkeletonLines lines={4} />
        </div>
      ) : (
        <ul>
          {value === "/" ? null : (
            <li>
              <button type="button" onClick={() => onChange(parentOf(value))}>
                <Icon of={IconChevronLeft} />
                {t(m.up)}
              </button>
            </li>
          )}
          {folders.data
            .map((f) => ({ name: f.name, path: join(value, f.name) }))
            .filter(({ path }) => !except?.(path))
            .map(({ name, path }) => (
              <li key={path}>
                <button type="button" onClick={() => onChange(path)}>
                  <span className="fi dir">
                    <Icon of={IconFolder} />
                  </span>
                  <span className="trunc">{name}</span>
                </button>
              </li>
            ))}
          {folders.data.length === 0 ? <li className="none t3 sm">{t(m.noFolders)}</li> : null}
        </ul>
      )}
    </fieldset>
  );
}
