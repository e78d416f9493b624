import { FitAddon } from "@xterm/addon-fit";
import { SearchAddon } from "@xterm/addon-search";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { type ITheme, Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { intl, messages } from "@/i18n";
import { clock } from "@/lib/format";
import { type Line, LineQueue } from "./lines";

const m = messages("terminal", {
  skipped: "… {count, number} lines skipped",
});

const FLUSH_MS = 100;
const SLOW_FLUSH_MS = 250;
/** Beyond this the terminal is behind; writing more would only grow its buffer. */
const UNPARSED_LIMIT = 512 * 1024;
const DIM = "\x1b[90m";
const ACCENT = "\x1b[36m";
const RESET = "\x1b[0m";

const ANSI = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;

function palette(): ITheme {
  const style = getComputedStyle(document.documentElement);
  const value = (name: string) => style.getPropertyValue(name).trim();
  const theme: Record<string, string> = {
    background: value("--sunken"),
    foreground: value("--text"),
    cursor: value("--sunken"),
    selectionBackground: `${value("--accent")}4d`,
    scrollbarSliderBackground: `${value("--control")}66`,
    scrollbarSliderHoverBackground: `${value("--control")}aa`,
    scrollbarSliderActiveBackground: value("--control"),
  };
  for (const name of ANSI) {
    theme[name] = value(`--ansi-${name}`);
    theme[`bright${name.charAt(0).toUpperCase()}${name.slice(1)}`] = value(`--ansi-br${name}`);
  }
  return theme;
}

export interface ScreenOptions {
  fontSize: number;
  timestamps: boolean;
  screenReader: boolean;
  /** Called when the view stops or starts following, with the number of lines that came meanwhile. */
  onFollow: (following: boolean, missed: number) => void;
  onMatches: (found: { index: number; count: number }) => void;
}

/**
 * The terminal emulator on the page. Lines go through a bounded queue and are written at most every 100 ms, which
 * keeps the page smooth at thousands of lines a second; a single line appears at once.
 */
export class Screen {
  readonly #term: Terminal;
  readonly #fit = new FitAddon();
  readonly #search = new SearchAddon();
  readonly #queue = new LineQueue();
  readonly #options: ScreenOptions;
  readonly #resize: ResizeObserver;
  #timer: number | undefined;
  #lastFlush = 0;
  #unparsed = 0;
  #following = true;
  #missed = 0;

  constructor(host: HTMLElement, options: ScreenOptions) {
    this.#options = options;
    this.#term = new Terminal({
      allowProposedApi: true,
      convertEol: true,
      cursorBlink: false,
      cursorInactiveStyle: "none",
      disableStdin: true,
      drawBoldTextInBrightColors: false,
      fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--mono"),
      fontSize: options.fontSize,
      lineHeight: 1.35,
      minimumContrastRatio: 4.5,
      screenReaderMode: options.screenReader,
      scrollback: 5_000,
      theme: palette(),
    });
    this.#term.loadAddon(this.#fit);
    this.#term.loadAddon(this.#search);
    this.#term.loadAddon(new Unicode11Addon());
    this.#term.unicode.activeVersion = "11";
    this.#term.loadAddon(
      new WebLinksAddon((_, uri) => {
        if (/^https?:\/\//i.test(uri)) window.open(uri, "_blank", "noopener,noreferrer");
      }),
    );
    this.#term.open(host);
    this.#term.write("\x1b[?25l");
    this.#search.onDidChangeResults(({ resultIndex, resultCount }) =>
      options.onMatches({ index: resultIndex, count: resultCount }),
    );
    this.#term.onScroll(() => this.#noticeScroll());
    host.addEventListener("wheel", this.#later, { passive: true });
    host.addEventListener("touchmove", this.#later, { passive: true });
    this.#resize = new ResizeObserver(() => this.fit());
    this.#resize.observe(host);
    // Selected text is copied by the key's place on the keyboard, so that it works in every layout.
    this.#term.attachCustomKeyEventHandler((event) => {
      if (event.type === "keydown" && (event.ctrlKey || event.metaKey) && event.code === "KeyC") {
        const text = this.#term.getSelection();
        if (text !== "") void navigator.clipboard?.writeText(text);
      }
      return false;
    });
    this.fit();
    document.addEventListener("visibilitychange", this.#shown);
  }

  dispose(): void {
    window.clearTimeout(this.#timer);
    document.removeEventListener("visibilitychange", this.#shown);
    this.#resize.disconnect();
    this.#term.dispose();
  }

  fit(): void {
    try {
      this.#fit.fit();
    } catch {
      // The host has no size yet; the observer calls again.
    }
  }

  push(line: Line): void {
    this.#queue.push(line);
    if (document.visibilityState === "hidden") {
      this.#queue.keep(2_000);
      return;
    }
    this.#schedule();
  }

  /** Draws everything anew, after a change of the time stamps. */
  redraw(lines: readonly Line[]): void {
    this.#queue.drain();
    this.#term.reset();
    this.#term.write(`\x1b[?25l${lines.map((l) => this.#render(l)).join("")}`);
    this.toLatest();
  }

  set fontSize(value: number) {
    this.#term.options.fontSize = value;
    this.fit();
  }

  set timestamps(value: boolean) {
    this.#options.timestamps = value;
  }

  set screenReader(value: boolean) {
    this.#term.options.screenReaderMode = value;
  }

  recolour(): void {
    this.#term.options.theme = palette();
  }

  toLatest(): void {
    this.#term.scrollToBottom();
    this.#noticeScroll();
  }

  find(text: string, back: boolean): void {
    const style = getComputedStyle(document.documentElement);
    const options = {
      incremental: false,
      decorations: {
        matchOverviewRuler: style.getPropertyValue("--control").trim(),
        activeMatchColorOverviewRuler: style.getPropertyValue("--accent").trim(),
        matchBackground: style.getPropertyValue("--line-2").trim(),
        activeMatchBackground: style.getPropertyValue("--accent-fill").trim(),
      },
    };
    if (text === "") this.#search.clearDecorations();
    else if (back) this.#search.findPrevious(text, options);
    else this.#search.findNext(text, options);
  }

  /** The last lines as plain text, for copying and for the text view. */
  text(lines: readonly Line[], count: number): string {
    return lines
      .slice(-count)
      .map((l) =>
        this.#render(l)
          .replace(/\x1b\[[0-9;:]*m/g, "")
          .trimEnd(),
      )
      .join("\n");
  }

  #shown = (): void => {
    if (document.visibilityState === "visible") this.#schedule();
  };

  #later = (): void => {
    window.setTimeout(() => this.#noticeScroll(), 30);
  };

  #noticeScroll(): void {
    const buffer = this.#term.buffer.active;
    const following = buffer.viewportY >= buffer.baseY;
    if (following) this.#missed = 0;
    if (following !== this.#following || following) {
      this.#following = following;
      this.#options.onFollow(following, this.#missed);
    }
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#queue.length === 0) return;
    const pace = this.#queue.length > 2_000 ? SLOW_FLUSH_MS : FLUSH_MS;
    const wait = Math.max(0, pace - (performance.now() - this.#lastFlush));
    this.#timer = window.setTimeout(() => {
      this.#timer = undefined;
      this.#flush();
    }, wait);
  }

  #flush(): void {
    if (this.#unparsed > UNPARSED_LIMIT) {
      this.#lastFlush = performance.now();
      this.#schedule();
      return;
    }
    if (this.#queue.length > 2_000) this.#queue.keep(500);
    const { lines, skipped } = this.#queue.drain();
    if (lines.length === 0) return;
    let text = skipped > 0 ? `${DIM}${intl.formatMessage(m.skipped, { count: skipped })}${RESET}\n` : "";
    for (const line of lines) text += this.#render(line);
    this.#lastFlush = performance.now();
    this.#unparsed += text.length;
    if (!this.#following) {
      this.#missed += lines.length;
      this.#options.onFollow(false, this.#missed);
    }
    this.#term.write(text, () => {
      this.#unparsed -= text.length;
      this.#schedule();
    });
  }

  #render(line: Line): string {
    const stamp = this.#options.timestamps ? `${DIM}${clock(line.at)}${RESET} ` : "";
    switch (line.kind) {
      case "rule":
        return `${DIM}── ${line.text} ──${RESET}\n`;
      case "command":
        return `${stamp}${ACCENT}› ${line.text}${RESET} ${DIM}${line.sender ?? ""}${RESET}\n`;
      default:
        return `${stamp}${line.text}${RESET}\n`;
    }
  }
}
