import { defaultKeymap, history, historyKeymap, indentWithTab, redo, undo } from "@codemirror/commands";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput } from "@codemirror/language";
import { highlightSelectionMatches, openSearchPanel, search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, type Text } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  rectangularSelection,
} from "@codemirror/view";
import type { Language } from "../kinds";
import { supportFor } from "./languages";
import { look } from "./look";

export interface EditorOptions {
  parent: HTMLElement;
  text: string;
  language: Language | null;
  /** The name for screen readers. */
  label: string;
  readOnly: boolean;
  wrap: boolean;
  /** Where to begin. */
  line: number | undefined;
  /** The words of the editor's own parts. */
  phrases: Record<string, string>;
  onDirty: (dirty: boolean) => void;
  /** After each change of the text. */
  onChange: () => void;
  onCursor: (line: number, column: number) => void;
  onSave: () => void;
}

/** The editor of one file. It lives outside of React. */
export class FileEditor {
  #view: EditorView;
  #wrap = new Compartment();
  #language = new Compartment();
  #saved: Text;
  #dirty = false;

  constructor(private options: EditorOptions) {
    const { parent, text, label, readOnly, wrap, phrases, onCursor, onSave } = options;
    this.#view = new EditorView({
      parent,
      state: EditorState.create({
        doc: text,
        extensions: [
          lineNumbers(),
          highlightActiveLineGutter(),
          highlightSpecialChars(),
          history(),
          foldGutter(),
          drawSelection(),
          rectangularSelection(),
          indentOnInput(),
          bracketMatching(),
          highlightActiveLine(),
          highlightSelectionMatches(),
          search({ top: true }),
          keymap.of([
            {
              key: "Mod-s",
              preventDefault: true,
              run: () => {
                onSave();
                return true;
              },
            },
            ...defaultKeymap,
            ...searchKeymap,
            ...historyKeymap,
            ...foldKeymap,
            indentWithTab,
          ]),
          this.#wrap.of(wrap ? EditorView.lineWrapping : []),
          this.#language.of([]),
          EditorState.readOnly.of(readOnly),
          EditorState.phrases.of(phrases),
          EditorView.contentAttributes.of({
            "aria-label": label,
            tabindex: "0",
            spellcheck: "false",
            autocorrect: "off",
            autocapitalize: "off",
          }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) {
              this.#tellDirty();
              this.options.onChange();
            }
            if (update.docChanged || update.selectionSet) {
              const head = update.state.selection.main.head;
              const line = update.state.doc.lineAt(head);
              onCursor(line.number, head - line.from + 1);
            }
          }),
          look,
        ],
      }),
    });
    this.#saved = this.#view.state.doc;
    if (options.line) this.goTo(options.line);
    if (options.language) void this.#speak(options.language);
  }

  async #speak(language: Language): Promise<void> {
    const support = await supportFor(language);
    this.#view.dispatch({ effects: this.#language.reconfigure(support) });
  }

  #tellDirty(): void {
    const dirty = !this.#view.state.doc.eq(this.#saved);
    if (dirty === this.#dirty) return;
    this.#dirty = dirty;
    this.options.onDirty(dirty);
  }

  text(): string {
    return this.#view.state.doc.toString();
  }

  /** What is in it now is what is stored. */
  markSaved(text: string): void {
    this.#saved = EditorState.create({ doc: text }).doc;
    this.#tellDirty();
  }

  /** Puts another text in place of all; undo brings the old one back. */
  replace(text: string): void {
    this.#view.dispatch({ changes: { from: 0, to: this.#view.state.doc.length, insert: text } });
  }

  insert(text: string): void {
    this.#view.dispatch(this.#view.state.replaceSelection(text));
    this.focus();
  }

  undo(): void {
    undo(this.#view);
    this.focus();
  }

  redo(): void {
    redo(this.#view);
    this.focus();
  }

  search(): void {
    openSearchPanel(this.#view);
  }

  wrap(on: boolean): void {
    this.#view.dispatch({ effects: this.#wrap.reconfigure(on ? EditorView.lineWrapping : []) });
  }

  goTo(line: number): void {
    const { doc } = this.#view.state;
    const { from } = doc.line(Math.min(doc.lines, Math.max(1, line)));
    this.#view.dispatch({
      selection: { anchor: from },
      effects: EditorView.scrollIntoView(from, { y: "center" }),
    });
  }

  focus(): void {
    this.#view.focus();
  }

  destroy(): void {
    this.#view.destroy();
  }
}
