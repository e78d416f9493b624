import { create, type StoreApi, type UseBoundStore } from "zustand";
import { api, take } from "@/api/client";
import { asFailure } from "@/api/error";
import type { Resources } from "@/api/queries";
import { intl, messages } from "@/i18n";
import { clock } from "@/lib/format";
import { backoff, type Line, type LineKind, mergeReplay, sanitize } from "./lines";

export const m = messages("session", {
  back: "Connection lost {from}, back {to}, nothing missed",
  gap: "Connection lost {from}, back {to}, output is missing",
  installing: "The installation started",
  installed: "The installation finished",
  installFailed: "The installation failed",
  transfer: "The server moves to another node",
  deleted: "The server was deleted",
  pulling: "Pulling image layer {layer}: {percent} %",
  throttled: "The node asks to slow down",
});

export type Connection = "connecting" | "live" | "waiting" | "stopped";
/** Why no further attempt is made. */
export type StopReason = "suspended" | "deleted" | "revoked" | "denied" | "missing";

/** One reading of the charts. Null figures are a gap: nobody was connected. */
export interface Sample {
  at: number;
  cpu: number | null;
  memory: number | null;
  rx: number | null;
  tx: number | null;
}

export interface SessionState {
  connection: Connection;
  stop: StopReason | null;
  /** When the next attempt is made, while waiting (milliseconds since the epoch). */
  retryAt: number | null;
  /** Round trip to the node in milliseconds, where the daemon answers pings. */
  delay: number | null;
  /** Last power state that the node reported on this socket. */
  power: Resources["state"] | null;
  stats: Resources | null;
  /** Bytes per second. */
  rate: { rx: number; tx: number } | null;
  installing: boolean;
  /** Whether there has been any line yet. */
  spoke: boolean;
  /** Counts what the panel's own row may have changed by, so that pages load it again. */
  changed: number;
}

const SCROLLBACK = 5_000;
/** 15 minutes of one reading per second. */
const SAMPLES = 900;
const REPLAY_WAIT_MS = 600;
const PING_MS = 15_000;

interface Frame {
  event?: string;
  args?: (string | null)[] | null;
}

/**
 * The live line to one server's daemon: console, power state and figures. It lives outside of React, keeps lines
 * and readings while the page is away, and reconnects by itself.
 */
export class Session {
  readonly server: string;
  readonly state: UseBoundStore<StoreApi<SessionState>>;
  /** Everything shown so far, for redrawing. */
  lines: Line[] = [];
  samples: Sample[] = [];

  #socket: WebSocket | null = null;
  #listeners = new Set<(line: Line) => void>();
  #users = 0;
  #attempt = 0;
  #retry: number | undefined;
  #ticker: number | undefined;
  #pinger: number | undefined;
  #pingSent: number | null = null;
  #answersPings = false;
  #missedPings = 0;
  #lostAt: number | null = null;
  #connectedBefore = false;
  #refreshing = false;
  #replay: string[] | null = null;
  #replayTimer: number | undefined;
  #previousNetwork: { at: number; rx: number; tx: number } | null = null;
  #generation = 0;

  constructor(server: string) {
    this.server = server;
    this.state = create<SessionState>()(() => ({
      connection: "connecting",
      stop: null,
      retryAt: null,
      delay: null,
      power: null,
      stats: null,
      rate: null,
      installing: false,
      spoke: false,
      changed: 0,
    }));
  }

  /** Opens the line for one more user of it; the returned function gives it up. */
  use(): () => void {
    this.#users += 1;
    if (this.#users === 1) this.#open();
    return () => {
      this.#users -= 1;
      // React mounts twice while developing and pages hand over to each other: close only when it stays unused.
      window.setTimeout(() => {
        if (this.#users === 0) this.#close();
      }, 250);
    };
  }

  onLine(listener: (line: Line) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Sends a command. False when it was not accepted: the text must then stay where it was typed. */
  command(text: string, sender: string): boolean {
    if (this.state.getState().connection !== "live" || !this.#send("send command", text)) return false;
    this.#add("command", text, sender);
    return true;
  }

  /** Tries again now. */
  retryNow(): void {
    if (this.state.getState().connection !== "waiting") return;
    window.clearTimeout(this.#retry);
    void this.#connect();
  }

  #open(): void {
    window.addEventListener("online", this.#wake);
    document.addEventListener("visibilitychange", this.#wake);
    this.#ticker = window.setInterval(() => this.#sample(), 1_000);
    this.#attempt = 0;
    this.state.setState({ stop: null });
    void this.#connect();
  }

  #close(): void {
    window.removeEventListener("online", this.#wake);
    document.removeEventListener("visibilitychange", this.#wake);
    window.clearInterval(this.#ticker);
    window.clearTimeout(this.#retry);
    this.#dropSocket();
    this.#lostAt ??= Date.now();
    this.state.setState({ connection: "connecting", retryAt: null, delay: null });
  }

  #wake = (): void => {
    if (document.visibilityState === "visible") this.retryNow();
  };

  #dropSocket(): void {
    window.clearInterval(this.#pinger);
    window.clearTimeout(this.#replayTimer);
    this.#replay = null;
    this.#generation += 1;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  async #descriptor() {
    return take(
      api.GET("/api/client/servers/{server}/websocket", { params: { path: { server: this.server } } }),
    );
  }

  async #connect(): Promise<void> {
    this.#dropSocket();
    const generation = this.#generation;
    this.state.setState({ connection: "connecting", retryAt: null });
    let token: string;
    let url: string;
    try {
      ({ token, url } = await this.#descriptor());
    } catch (error) {
      if (generation !== this.#generation) return;
      const { status } = asFailure(error);
      if (status === 404) this.#stop("missing");
      else if (status === 401 || status === 403) this.#stop("denied");
      else this.#retryLater();
      return;
    }
    if (generation !== this.#generation) return;
    let socket: WebSocket;
    try {
      socket = new WebSocket(url);
    } catch {
      this.#retryLater();
      return;
    }
    this.#socket = socket;
    socket.addEventListener("open", () => this.#send("auth", token));
    socket.addEventListener("message", (event) => {
      if (socket === this.#socket && typeof event.data === "string") this.#receive(event.data);
    });
    socket.addEventListener("close", (event) => {
      if (socket !== this.#socket) return;
      if (event.code === 4409) this.#stop("suspended");
      else if (event.reason === "permission revoked") this.#stop("revoked");
      else if (event.reason === "server deleted") this.#stop("deleted");
      else this.#retryLater();
    });
  }

  #retryLater(): void {
    this.#dropSocket();
    this.#lostAt ??= this.#connectedBefore ? Date.now() : null;
    const wait = backoff(this.#attempt, Math.random());
    this.#attempt += 1;
    this.state.setState((s) => ({
      connection: "waiting",
      retryAt: Date.now() + wait,
      delay: null,
      changed: s.changed + 1,
    }));
    this.#retry = window.setTimeout(() => void this.#connect(), wait);
  }

  #stop(reason: StopReason): void {
    this.#dropSocket();
    this.state.setState((s) => ({
      connection: "stopped",
      stop: reason,
      retryAt: null,
      delay: null,
      changed: s.changed + 1,
    }));
  }

  /** A fresh token on the same socket, when the daemon says that the old one ends. */
  async #refreshToken(): Promise<void> {
    if (this.#refreshing) return;
    this.#refreshing = true;
    const generation = this.#generation;
    try {
      const { token } = await this.#descriptor();
      if (generation === this.#generation) this.#send("auth", token);
    } catch {
      if (generation === this.#generation) this.#retryLater();
    } finally {
      this.#refreshing = false;
    }
  }

  #send(event: string, ...args: string[]): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify({ event, args }));
    return true;
  }

  #receive(raw: string): void {
    let frame: Frame;
    try {
      frame = JSON.parse(raw) as Frame;
    } catch {
      return;
    }
    const first = frame.args?.[0] ?? "";
    switch (frame.event) {
      case "auth success":
        this.#welcome();
        break;
      case "token expiring":
      case "token expired":
        void this.#refreshToken();
        break;
      case "jwt error":
        this.#retryLater();
        break;
      case "status":
        if (first === "offline" || first === "starting" || first === "running" || first === "stopping")
          this.state.setState({ power: first });
        break;
      case "stats":
        this.#stats(first);
        break;
      case "console output":
        if (this.#replay) this.#replay.push(sanitize(first));
        else this.#add("output", sanitize(first));
        break;
      case "daemon message":
      case "daemon error":
        this.#add("daemon", sanitize(first));
        break;
      case "install output":
        this.#add("install", sanitize(first));
        break;
      case "install started":
        this.#rule(intl.formatMessage(m.installing));
        this.state.setState((s) => ({ installing: true, changed: s.changed + 1 }));
        break;
      case "install completed":
        this.#rule(intl.formatMessage(first === "false" ? m.installFailed : m.installed));
        this.state.setState((s) => ({ installing: false, changed: s.changed + 1 }));
        break;
      case "image pull progress":
        this.#pull(first, frame.args?.[1] ?? "");
        break;
      case "transfer status":
        this.state.setState((s) => ({ changed: s.changed + 1 }));
        // The server may live on another node now: ask the panel where.
        if (first !== "processing") this.#retryLater();
        break;
      case "throttled":
        this.#rule(intl.formatMessage(m.throttled));
        break;
      case "deleted":
        this.#rule(intl.formatMessage(m.deleted));
        this.#stop("deleted");
        break;
      case "pong":
        this.#answersPings = true;
        this.#missedPings = 0;
        this.#endReplay();
        if (this.#pingSent !== null)
          this.state.setState({ delay: Math.round(performance.now() - this.#pingSent) });
        this.#pingSent = null;
        break;
    }
  }

  #welcome(): void {
    const first = this.state.getState().connection !== "live";
    this.#attempt = 0;
    this.state.setState({ connection: "live", retryAt: null });
    // A second "auth success" on the same socket only confirms a fresh token.
    if (!first) return;
    if (this.lines.length > 0) {
      // The daemon repeats its log; what is already shown must not come twice.
      this.#replay = [];
      this.#replayTimer = window.setTimeout(() => this.#endReplay(), REPLAY_WAIT_MS);
    }
    this.#connectedBefore = true;
    this.#send("send logs");
    this.#send("send stats");
    this.#ping();
    this.#pinger = window.setInterval(() => this.#ping(), PING_MS);
  }

  #endReplay(): void {
    const replay = this.#replay;
    if (!replay) return;
    window.clearTimeout(this.#replayTimer);
    this.#replay = null;
    const shown = this.lines.filter((l) => l.kind === "output").map((l) => l.text);
    const { fresh, gap } = mergeReplay(shown, replay);
    if (this.#lostAt !== null && (gap || fresh.length > 0 || this.#connectedBefore)) {
      const values = { from: clock(this.#lostAt), to: clock(Date.now()) };
      this.#rule(intl.formatMessage(gap ? m.gap : m.back, values));
    }
    this.#lostAt = null;
    for (const text of fresh) this.#add("output", text);
  }

  #ping(): void {
    if (this.#answersPings && this.#pingSent !== null) {
      this.#missedPings += 1;
      if (this.#missedPings >= 2) {
        this.#retryLater();
        return;
      }
    }
    this.#pingSent = performance.now();
    this.#send("ping", "roost");
  }

  #stats(json: string): void {
    let stats: Resources;
    try {
      stats = JSON.parse(json) as Resources;
    } catch {
      return;
    }
    const now = Date.now();
    const { rx_bytes: rx, tx_bytes: tx } = stats.network ?? { rx_bytes: 0, tx_bytes: 0 };
    const before = this.#previousNetwork;
    let rate = this.state.getState().rate;
    if (before && now - before.at >= 500) {
      const seconds = (now - before.at) / 1_000;
      // Counters start again when the container does.
      rate = { rx: Math.max(0, rx - before.rx) / seconds, tx: Math.max(0, tx - before.tx) / seconds };
    }
    if (!before || now - before.at >= 500) this.#previousNetwork = { at: now, rx, tx };
    this.state.setState({ stats, rate, ...(stats.state ? { power: stats.state } : {}) });
  }

  /** One reading per second. Daemons that only report changes leave the last figures standing. */
  #sample(): void {
    const { connection, stats, rate, power } = this.state.getState();
    const live = connection === "live" && stats !== null;
    const on = power !== "offline";
    this.samples.push({
      at: Math.floor(Date.now() / 1_000),
      cpu: live ? (on ? stats.cpu_absolute : 0) : null,
      memory: live ? (on ? stats.memory_bytes : 0) : null,
      rx: live ? (on ? (rate?.rx ?? 0) : 0) : null,
      tx: live ? (on ? (rate?.tx ?? 0) : 0) : null,
    });
    if (this.samples.length > SAMPLES) this.samples = this.samples.slice(-SAMPLES);
  }

  #pulled = new Map<string, number>();

  /** Layer progress comes many times a second; every tenth part of a layer is worth a line. */
  #pull(layer: string, json: string): void {
    let done = 0;
    let total = 0;
    try {
      const p = JSON.parse(json) as Record<string, number>;
      done = p.bytes_processed ?? p.progress ?? 0;
      total = p.bytes_total ?? p.total ?? 0;
    } catch {
      return;
    }
    if (total <= 0) return;
    const tenth = Math.floor((done / total) * 10);
    if ((this.#pulled.get(layer) ?? -1) >= tenth) return;
    this.#pulled.set(layer, tenth);
    this.#add("install", intl.formatMessage(m.pulling, { layer, percent: tenth * 10 }));
  }

  #rule(text: string): void {
    this.#add("rule", text);
  }

  #add(kind: LineKind, text: string, sender?: string): void {
    const line: Line = { at: Date.now(), kind, text, ...(sender ? { sender } : {}) };
    this.lines.push(line);
    if (!this.state.getState().spoke) this.state.setState({ spoke: true });
    if (this.lines.length > SCROLLBACK * 1.1) this.lines = this.lines.slice(-SCROLLBACK);
    for (const listener of this.#listeners) listener(line);
  }
}

const sessions = new Map<string, Session>();

/** The session of a server; the same one for as long as the page is open. */
export function sessionOf(server: string): Session {
  let session = sessions.get(server);
  if (!session) {
    session = new Session(server);
    sessions.set(server, session);
  }
  return session;
}
