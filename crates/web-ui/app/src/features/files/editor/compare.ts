import { MergeView, unifiedMergeView } from "@codemirror/merge";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import type { Language } from "../kinds";
import { supportFor } from "./languages";
import { look } from "./look";

interface Side {
  text: string;
  label: string;
}

/** Shows how two texts differ: side by side, or as one on narrow screens. Gives the way to take it away again. */
export async function compare(
  parent: HTMLElement,
  before: Side,
  after: Side,
  language: Language | null,
  narrow: boolean,
  phrases: Record<string, string>,
): Promise<() => void> {
  const support = language ? await supportFor(language) : [];
  const common = (label: string): Extension => [
    lineNumbers(),
    EditorState.readOnly.of(true),
    EditorState.phrases.of(phrases),
    EditorView.editable.of(false),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
    support,
    look,
  ];
  const collapse = { margin: 3, minSize: 6 };
  if (narrow) {
    const view = new EditorView({
      parent,
      doc: after.text,
      extensions: [
        common(after.label),
        unifiedMergeView({ original: before.text, mergeControls: false, collapseUnchanged: collapse }),
      ],
    });
    return () => view.destroy();
  }
  const view = new MergeView({
    parent,
    a: { doc: before.text, extensions: common(before.label) },
    b: { doc: after.text, extensions: common(after.label) },
    collapseUnchanged: collapse,
  });
  return () => view.destroy();
}
