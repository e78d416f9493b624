import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const frame = EditorView.theme({
  "&": { height: "100%", color: "var(--text)", backgroundColor: "var(--sunken)", fontSize: "13px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "21px", letterSpacing: "-0.01em" },
  ".cm-content": { padding: "8px 0", caretColor: "var(--focus)" },
  ".cm-line": { padding: "0 12px 0 8px" },
  "&.cm-focused": { outline: "none" },
  ".cm-gutters": { backgroundColor: "var(--sunken)", color: "var(--text-3)", border: "0" },
  ".cm-lineNumbers .cm-gutterElement": { minWidth: "44px", padding: "0 6px 0 8px" },
  ".cm-activeLine": { backgroundColor: "color-mix(in oklab, var(--accent) 9%, transparent)" },
  ".cm-activeLineGutter": {
    backgroundColor: "color-mix(in oklab, var(--accent) 9%, transparent)",
    color: "var(--text)",
  },
  ".cm-cursor": { borderLeftColor: "var(--focus)", borderLeftWidth: "2px" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in oklab, var(--accent) 30%, transparent)",
  },
  ".cm-selectionMatch": { backgroundColor: "color-mix(in oklab, var(--accent) 18%, transparent)" },
  ".cm-searchMatch": { backgroundColor: "color-mix(in oklab, var(--st-starting) 30%, transparent)" },
  ".cm-searchMatch-selected": {
    backgroundColor: "color-mix(in oklab, var(--st-starting) 55%, transparent)",
  },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": {
    backgroundColor: "color-mix(in oklab, var(--accent) 24%, transparent)",
  },
  ".cm-foldGutter .cm-gutterElement": { color: "var(--text-3)", padding: "0 4px" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--hover)", border: "0", color: "var(--text-2)" },
  ".cm-panels": { backgroundColor: "var(--raised)", color: "var(--text)", fontFamily: "var(--font)" },
  ".cm-panels-top": { borderBottom: "1px solid var(--line)" },
  ".cm-panel.cm-search": {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: "6px",
    padding: "8px 40px 8px 12px",
    fontSize: "13px",
  },
  ".cm-panel.cm-search br": { flexBasis: "100%", content: "''" },
  ".cm-panel.cm-search label": {
    display: "inline-flex",
    alignItems: "center",
    gap: "4px",
    minHeight: "24px",
  },
  ".cm-textfield": {
    height: "32px",
    padding: "0 10px",
    border: "1px solid var(--control)",
    borderRadius: "var(--r-2)",
    backgroundColor: "var(--canvas)",
    color: "var(--text)",
    fontSize: "13px",
  },
  ".cm-button": {
    height: "32px",
    padding: "0 10px",
    border: "1px solid var(--line-2)",
    borderRadius: "var(--r-2)",
    backgroundColor: "var(--surface)",
    backgroundImage: "none",
    color: "var(--text)",
    fontSize: "13px",
  },
  ".cm-panel.cm-search [name=close]": {
    top: "8px",
    right: "8px",
    width: "28px",
    height: "28px",
    color: "var(--text-2)",
    fontSize: "18px",
  },
  // The colours of the code need a calm ground, so the words that changed are underlined.
  ".cm-deletedChunk": { backgroundColor: "color-mix(in oklab, var(--st-failed) 5%, transparent)" },
  ".cm-changedLine": {
    backgroundColor: "color-mix(in oklab, var(--st-running) 6%, transparent) !important",
  },
  "&.cm-merge-a .cm-changedLine, .cm-deletedChunk .cm-deletedLine": {
    backgroundColor: "color-mix(in oklab, var(--st-failed) 5%, transparent) !important",
  },
  ".cm-changedText": {
    background: "none !important",
    borderBottom: "2px solid var(--st-running)",
  },
  "&.cm-merge-a .cm-changedText, .cm-deletedText": {
    background: "none !important",
    borderBottom: "2px solid var(--st-failed)",
  },
  "ins, del": { textDecoration: "none" },
  ".cm-collapsedLines": {
    color: "var(--text-2)",
    background: "var(--surface)",
    padding: "4px 12px",
  },
});

const colours = HighlightStyle.define([
  { tag: [tags.comment, tags.meta], color: "var(--text-3)" },
  {
    tag: [
      tags.propertyName,
      tags.attributeName,
      tags.tagName,
      tags.labelName,
      tags.definition(tags.propertyName),
    ],
    color: "var(--ansi-cyan)",
  },
  {
    tag: [tags.string, tags.special(tags.string), tags.attributeValue, tags.quote],
    color: "var(--ansi-green)",
  },
  { tag: [tags.number, tags.literal, tags.unit], color: "var(--ansi-yellow)" },
  {
    tag: [tags.keyword, tags.bool, tags.null, tags.atom, tags.self, tags.modifier, tags.operatorKeyword],
    color: "var(--ansi-magenta)",
  },
  {
    tag: [tags.typeName, tags.className, tags.namespace, tags.standard(tags.name)],
    color: "var(--ansi-blue)",
  },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: "var(--ansi-blue)" },
  { tag: [tags.heading, tags.strong], color: "var(--ansi-cyan)", fontWeight: "700" },
  { tag: [tags.link, tags.url], color: "var(--accent)", textDecoration: "underline" },
  { tag: tags.invalid, color: "var(--st-failed)" },
]);

/** The design's colours for code, in both themes. */
export const look: Extension = [frame, syntaxHighlighting(colours)];
