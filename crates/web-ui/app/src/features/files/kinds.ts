import type { FileEntry } from "./requests";

/** The languages that the editor knows. */
export type Language =
  | "yaml"
  | "json"
  | "properties"
  | "toml"
  | "javascript"
  | "java"
  | "lua"
  | "shell"
  | "xml"
  | "markdown";

/** What a file is to people. It decides the icon and what opens it. */
export type Kind =
  | "folder"
  | "archive"
  | "image"
  | "program"
  | "settings"
  | "data"
  | "code"
  | "text"
  | "other";

/** Larger texts are downloaded: the editor would make people wait. */
export const MAX_TEXT = 5 * 1024 * 1024;
/** Larger pictures are downloaded. */
export const MAX_IMAGE = 8 * 1024 * 1024;

const languages: Record<string, Language> = {
  yml: "yaml",
  yaml: "yaml",
  json: "json",
  json5: "json",
  jsonc: "json",
  mcmeta: "json",
  properties: "properties",
  ini: "properties",
  cfg: "properties",
  conf: "properties",
  env: "properties",
  toml: "toml",
  js: "javascript",
  mjs: "javascript",
  cjs: "javascript",
  ts: "javascript",
  java: "java",
  kt: "java",
  lua: "lua",
  sh: "shell",
  bash: "shell",
  xml: "xml",
  html: "xml",
  svg: "xml",
  md: "markdown",
  markdown: "markdown",
};

const archives = /\.(zip|tar|tgz|tbz2?|txz|7z|rar|(tar\.)?(gz|xz|bz2|lz|lz4|zst))$/i;
const images: Record<string, string> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  bmp: "image/bmp",
  ico: "image/x-icon",
  avif: "image/avif",
};
const texts = new Set([
  "txt",
  "log",
  "csv",
  "tsv",
  "lang",
  "gitignore",
  "lock",
  "rc",
  "bat",
  "ps1",
  "sql",
  "css",
  "skript",
  "sk",
  "mcfunction",
  "snbt",
  "py",
  "rb",
  "php",
  "go",
  "rs",
  "c",
  "h",
  "cpp",
  "cs",
]);

function endingOf(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot < 0 ? "" : name.slice(dot + 1).toLowerCase();
}

/** By the name, else by the first line of the text. */
export function languageOf(name: string, firstLine = ""): Language | null {
  const known = languages[endingOf(name)];
  if (known) return known;
  if (/^#!.*\b(ba|da|z)?sh\b/.test(firstLine)) return "shell";
  if (/^#!.*\bnode\b/.test(firstLine)) return "javascript";
  if (firstLine.startsWith("<?xml")) return "xml";
  return null;
}

export function isArchive(name: string): boolean {
  return archives.test(name);
}

/** The media type of a picture that browsers show, by its name. SVG is a program of its own and is shown as text. */
export function imageType(name: string): string | null {
  return images[endingOf(name)] ?? null;
}

export function kindOf({ name, directory, mime }: Pick<FileEntry, "name" | "directory" | "mime">): Kind {
  if (directory) return "folder";
  const ending = endingOf(name);
  if (imageType(name)) return "image";
  if (isArchive(name)) return "archive";
  if (["jar", "exe", "so", "dll", "class", "bin"].includes(ending)) return "program";
  const language = languageOf(name);
  if (language === "json" || language === "xml") return "data";
  if (language === "yaml" || language === "toml" || language === "properties") return "settings";
  if (language === "markdown") return "text";
  if (language) return "code";
  if (texts.has(ending) || mime.startsWith("text/")) return "text";
  return "other";
}

/** What opening does. What may be text is tried; the content itself decides in the end. */
export function openerOf(entry: FileEntry): "list" | "editor" {
  return entry.directory || kindOf(entry) === "archive" ? "list" : "editor";
}
