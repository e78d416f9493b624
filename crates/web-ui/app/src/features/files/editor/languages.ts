import type { Extension } from "@codemirror/state";
import type { Language } from "../kinds";

/** The support of a language. Each is a piece of its own, loaded with the first file that is written in it. */
export async function supportFor(language: Language): Promise<Extension> {
  switch (language) {
    case "yaml":
      return (await import("@codemirror/lang-yaml")).yaml();
    case "json":
      return (await import("@codemirror/lang-json")).json();
    case "javascript":
      return (await import("@codemirror/lang-javascript")).javascript({ typescript: true });
    case "java":
      return (await import("@codemirror/lang-java")).java();
    case "xml":
      return (await import("@codemirror/lang-xml")).xml();
    case "markdown":
      return markdown();
    default:
      return stream(language);
  }
}

/** Markdown by itself: what may stand inside of it would bring three more languages along. */
async function markdown(): Promise<Extension> {
  const [{ defineLanguageFacet, Language: Parsed, LanguageSupport }, { GFM, parser }] = await Promise.all([
    import("@codemirror/language"),
    import("@lezer/markdown"),
  ]);
  return new LanguageSupport(new Parsed(defineLanguageFacet(), parser.configure(GFM), [], "markdown"));
}

/** Languages that are read line by line. */
async function stream(language: "toml" | "properties" | "lua" | "shell"): Promise<Extension> {
  const { StreamLanguage } = await import("@codemirror/language");
  switch (language) {
    case "toml":
      return StreamLanguage.define((await import("@codemirror/legacy-modes/mode/toml")).toml);
    case "properties":
      return StreamLanguage.define((await import("@codemirror/legacy-modes/mode/properties")).properties);
    case "lua":
      return StreamLanguage.define((await import("@codemirror/legacy-modes/mode/lua")).lua);
    case "shell":
      return StreamLanguage.define((await import("@codemirror/legacy-modes/mode/shell")).shell);
  }
}
