import { type Ref, useEffect, useImperativeHandle, useLayoutEffect, useRef } from "react";
import { useT } from "@/i18n";
import { type EditorOptions, FileEditor } from "./editor/editor";
import { m } from "./messages";
import { usePhrases } from "./phrases";

type Props = Omit<EditorOptions, "parent" | "phrases" | "label"> & { name: string; ref: Ref<FileEditor> };

/** The place of the code editor in the page. It comes in a piece of its own. */
export default function EditorHost({ ref, name, ...options }: Props) {
  const t = useT();
  const phrases = usePhrases();
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<FileEditor>(null);
  const latest = useRef(options);
  latest.current = options;
  // biome-ignore lint/correctness/useExhaustiveDependencies: one editor as long as the place stands; the page makes another for another file.
  useLayoutEffect(() => {
    if (!host.current) return;
    const made = new FileEditor({
      ...latest.current,
      parent: host.current,
      phrases,
      label: t(m.editorLabel, { name }),
      onDirty: (dirty) => latest.current.onDirty(dirty),
      onChange: () => latest.current.onChange(),
      onCursor: (line, column) => latest.current.onCursor(line, column),
      onSave: () => latest.current.onSave(),
    });
    editor.current = made;
    return () => {
      made.destroy();
      editor.current = null;
    };
  }, []);
  useEffect(() => editor.current?.wrap(options.wrap), [options.wrap]);
  useImperativeHandle(ref, () => editor.current as FileEditor);
  return <div className="ed-host" ref={host} />;
}
