/** The room's websocket: it comes back by itself, and stops for good only when the person has lost access. */
import { parse, type RoomState } from "./state";

const NO_ACCESS = 4403;
const PROBLEM = "application/problem+json";
const SILENCE_MS = 12_000;

export type Loss = "no-access" | "signed-out";

export interface LiveHandlers {
  state(state: RoomState): void;
  connection(connected: boolean): void;
  /** A fresh connection is there: what this page said on the one before is forgotten. */
  opened(): void;
  lost(why: Loss): void;
}

/** Returns the wait before the next attempt in milliseconds: doubling up to 15 s, spread so that not all come at once. */
export function backOff(attempt: number, random: number): number {
  return Math.min(15_000, 500 * 2 ** Math.min(attempt, 6)) * (0.5 + random / 2);
}

export class Live {
  readonly #url: string;
  readonly #after: string;
  readonly #handlers: LiveHandlers;
  #socket: WebSocket | null = null;
  #attempt = 0;
  #stopped = false;
  #retry: number | undefined;
  #silence: number | undefined;

  /**
   * @param path of the websocket, on this origin.
   * @param after the path to which the room's page leads when the interview is over.
   * @param handlers are told what comes.
   */
  constructor(path: string, after: string, handlers: LiveHandlers) {
    const url = new URL(path, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    this.#url = url.href;
    this.#after = after;
    this.#handlers = handlers;
  }

  start(): void {
    addEventListener("online", () => {
      this.#now();
    });
    addEventListener("pageshow", (event) => {
      if (event.persisted) this.#now();
    });
    this.#connect();
  }

  /** Says something to the service; returns whether there is a connection to say it on. */
  say(message: object): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
    clearTimeout(this.#silence);
    this.#socket?.close();
  }

  #now(): void {
    if (this.#stopped) return;
    this.#attempt = 0;
    this.#drop();
    this.#connect();
  }

  #connect(): void {
    clearTimeout(this.#retry);
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#listen();
    socket.addEventListener("open", () => {
      if (socket === this.#socket) this.#handlers.opened();
    });
    socket.addEventListener("message", (event) => {
      if (socket === this.#socket) this.#receive(String(event.data));
    });
    socket.addEventListener("close", (event) => {
      if (socket === this.#socket) void this.#closed(event.code);
    });
  }

  #receive(text: string): void {
    const message = parse(text);
    if (message === null) return;
    if (message.type === "gone") {
      this.#lose("no-access");
      return;
    }
    this.#attempt = 0;
    this.#listen();
    this.#handlers.connection(true);
    this.#handlers.state(message);
  }

  /** The service speaks every few seconds; a silent connection is a dead one. */
  #listen(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      this.#drop();
      void this.#closed(0);
    }, SILENCE_MS);
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  async #closed(code: number): Promise<void> {
    if (this.#stopped) return;
    clearTimeout(this.#silence);
    if (code === NO_ACCESS) {
      this.#lose("no-access");
      return;
    }
    this.#handlers.connection(false);
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      this.#connect();
    }, backOff(this.#attempt, Math.random()));
    this.#attempt += 1;
    await this.#ask();
  }

  /**
   * A refused handshake looks like a server that is down, and a proxy may swallow the word with which a socket was
   * closed; the page itself tells which it is. Only the service's own words count: a proxy that has just lost its
   * routes answers 404 or sends people elsewhere, and that passes.
   */
  async #ask(): Promise<void> {
    const answer = await fetch(location.href, { headers: { Accept: PROBLEM }, cache: "no-store" }).catch(() => null);
    if (answer === null || this.#stopped) return;
    if (answer.ok && answer.redirected && new URL(answer.url).pathname === this.#after) location.assign(answer.url);
    if (!(answer.headers.get("Content-Type") ?? "").startsWith(PROBLEM)) return;
    if (answer.status === 401) this.#lose("signed-out");
    else if (answer.status === 403 || answer.status === 404) this.#lose("no-access");
  }

  #lose(why: Loss): void {
    this.stop();
    this.#handlers.lost(why);
  }
}
