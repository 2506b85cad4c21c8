/** The frame with the workspace: loaded when the workspace is ready, loaded again only when nobody can lose by it. */
import { maybe, piece, say, show } from "./page";
import type { RoomState, WorkspaceStatus } from "./state";

const SETTLED_MS = 10_000;
const COVERED_MS = 3000;

const NO_TASK = "There is no task yet. It appears here as soon as somebody adds one.";

const PREPARING: Record<WorkspaceStatus, string> = {
  stopped: "The notebook is not running. It will be started …",
  starting: "Preparing your notebook …",
  ready: "Opening your notebook …",
  reconnecting: "Opening your notebook …",
  failed: "The notebook could not be started. It is tried again; nothing is lost.",
};

const TROUBLE: Record<WorkspaceStatus, string> = {
  stopped: "The notebook has stopped. What was typed is kept; it is being started again.",
  starting: "The notebook is being started again. What was typed is kept.",
  ready: "",
  reconnecting: "Assay is connecting to the notebook again …",
  failed: "The notebook could not be started again. What was typed is kept.",
};

/** What the page in the frame says of itself. It belongs to the candidate: a hint, never a fact. */
type Hint = "ready" | "disconnected" | "kernel-busy" | "kernel-idle" | "saved" | "unsaved" | "leave";
const HINTS: readonly string[] = ["ready", "disconnected", "kernel-busy", "kernel-idle", "saved", "unsaved", "leave"];

export class WorkspaceFrame {
  #frame = piece("frame", HTMLIFrameElement);
  readonly #preparing = piece("preparing", HTMLElement);
  readonly #reload = piece("reload", HTMLElement);
  #origin = "";
  readonly #leave: () => void;
  #url: string;
  #asked = false;
  #loaded = false;
  #lost = false;
  #status: WorkspaceStatus = "stopped";
  #saved = "";
  #kernel = "";
  #settle: number | undefined;
  #uncover: number | undefined;
  #removed = false;

  /**
   * @param url the notebook to begin with; empty while there is no task yet.
   * @param leave is called when the page in the frame asks to give the keyboard back.
   */
  constructor(url: string, leave: () => void) {
    this.#url = url;
    this.#origin = originOf(url);
    this.#leave = leave;
  }

  start(): void {
    this.#watch();
    piece("reload-button", HTMLButtonElement).addEventListener("click", () => {
      this.#load();
      this.focus();
    });
    addEventListener("message", (event) => {
      if (event.origin === this.#origin && event.source === this.#frame.contentWindow) this.#hear(event.data);
    });
  }

  /** Shows another notebook. */
  open(url: string): void {
    if (url === this.#url) return;
    this.#url = url;
    this.#origin = originOf(url);
    if (this.#asked || this.#status === "ready") this.#load();
  }

  /** Loads the notebook again, after what this person may do in it has changed. */
  refresh(): void {
    if (this.#asked && !this.#removed && this.#status === "ready") this.#load();
  }

  focus(): void {
    if (!this.#removed && !this.#frame.hidden) this.#frame.focus();
  }

  get focused(): boolean {
    return document.activeElement === this.#frame;
  }

  /** Takes the frame away for good. */
  remove(): void {
    this.#removed = true;
    this.#forget();
    this.#frame.remove();
    for (const part of [this.#preparing, this.#reload, piece("trouble", HTMLElement)]) show(part, false);
    say(piece("notebook-state", HTMLElement), "");
  }

  /** Follows what the service says of the workspace. */
  follow(workspace: RoomState["workspace"]): void {
    if (this.#removed) return;
    const before = this.#status;
    this.#status = workspace.status;
    const up = workspace.status === "ready";
    if (up && !this.#asked && this.#url !== "") this.#load();
    else if (up && this.#asked && before !== "ready" && before !== "reconnecting") this.#cameBack();
    if (!up && workspace.status !== "reconnecting") {
      clearTimeout(this.#settle);
      if (this.#asked) this.#lost = true;
    }
    this.#tell(workspace);
  }

  #cameBack(): void {
    if (!this.#loaded) this.#load();
    else if (this.#lost) show(this.#reload, true);
  }

  /** A fresh element instead of a new address keeps the Back button of the browser for the page. */
  #load(): void {
    const fresh = this.#frame.cloneNode(false) as HTMLIFrameElement;
    fresh.src = this.#url;
    fresh.hidden = false;
    this.#frame.replaceWith(fresh);
    this.#frame = fresh;
    this.#asked = true;
    this.#loaded = false;
    this.#lost = false;
    this.#saved = this.#kernel = "";
    show(this.#reload, false);
    show(this.#preparing, true);
    say(piece("preparing-text", HTMLElement), PREPARING.ready);
    this.#watch();
    this.#tell({ status: this.#status, message: "" });
  }

  /** An error page fires `load` as well; only a page that stays up counts, or one that says it is ready. */
  #watch(): void {
    this.#forget();
    this.#frame.addEventListener("load", () => {
      if (!this.#asked) return;
      this.#forget();
      this.#uncover = setTimeout(() => {
        show(this.#preparing, false);
      }, COVERED_MS);
      this.#settle = setTimeout(() => {
        this.#loaded = true;
      }, SETTLED_MS);
    });
  }

  #forget(): void {
    clearTimeout(this.#settle);
    clearTimeout(this.#uncover);
  }

  #tell(workspace: RoomState["workspace"]): void {
    const down = workspace.status === "failed" || workspace.status === "stopped";
    const restart = maybe("restart", HTMLFormElement); // interviewers only: they also read what went wrong
    if (!this.#asked) {
      const why = restart === null || workspace.message === "" ? "" : ` (${workspace.message})`;
      const none = workspace.status === "ready" && this.#url === "";
      say(piece("preparing-text", HTMLElement), none ? NO_TASK : PREPARING[workspace.status] + why);
    }
    if (restart) show(restart, down);
    const words = this.#trouble(workspace.status, down && restart !== null);
    say(piece("trouble-text", HTMLElement), words);
    show(piece("trouble", HTMLElement), words !== "");
    say(piece("notebook-state", HTMLElement), [this.#saved, this.#kernel].filter((part) => part !== "").join(" · "));
  }

  #trouble(status: WorkspaceStatus, restartable: boolean): string {
    if (!this.#asked) return restartable ? "You can wait, or start it now." : "";
    return this.#lost || status === "reconnecting" ? TROUBLE[status] : "";
  }

  #hear(message: unknown): void {
    const hint = hintIn(message);
    if (hint === null || this.#removed) return;
    if (hint === "leave" && this.focused) this.#leave();
    if (hint === "ready") {
      this.#loaded = true;
      this.#lost = false;
      this.#saved = "";
      show(this.#preparing, false);
      show(this.#reload, false);
    }
    if (hint === "disconnected") this.#saved = "Notebook: disconnected";
    if (hint === "saved") this.#saved = "Notebook: saved";
    if (hint === "unsaved") this.#saved = "Notebook: saving …";
    if (hint === "kernel-busy") this.#kernel = "running";
    if (hint === "kernel-idle") this.#kernel = "";
    this.#tell({ status: this.#status, message: "" });
  }
}

function originOf(url: string): string {
  return url === "" ? "" : new URL(url).origin;
}

function hintIn(message: unknown): Hint | null {
  if (typeof message !== "object" || message === null) return null;
  if (!("source" in message) || message.source !== "assay-workspace" || !("state" in message)) return null;
  return typeof message.state === "string" && HINTS.includes(message.state) ? (message.state as Hint) : null;
}
