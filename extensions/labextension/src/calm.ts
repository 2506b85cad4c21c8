/** Lets the page mend itself when its server goes away and comes back, without a dialog that somebody must click. */
import type { JupyterFrontEnd } from "@jupyterlab/application";
import { Dialog, type ISessionContext } from "@jupyterlab/apputils";
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import type { ServerConnection } from "@jupyterlab/services";
import { Signal, type ISignal } from "@lumino/signaling";

const ROOM = "/api/collaboration/room/";
/** The server's way of saying that it does not know the session in which this page edited. */
const SESSION_EXPIRED = 1003;
const KERNEL_AGAIN_AFTER_MS = 1000;

/** Watches the websockets of the shared documents. */
export class Rooms {
  private readonly open = new Set<WebSocket>();
  private readonly changed = new Signal<this, boolean>(this);
  private ever = false;

  /** Emits whether the page is connected, at each change. */
  get connectionChanged(): ISignal<this, boolean> {
    return this.changed;
  }

  /** Whether a shared document is connected; before the first one, true. */
  get connected(): boolean {
    return !this.ever || this.open.size > 0;
  }

  /** Puts a class in place of the settings' websocket that tells this object of every socket of a document. */
  watch(settings: ServerConnection.ISettings): void {
    const opened = (socket: WebSocket): void => {
      this.ever = true;
      this.open.add(socket);
      this.changed.emit(true);
    };
    const closed = (socket: WebSocket, event: CloseEvent): void => {
      if (this.open.delete(socket)) {
        this.changed.emit(this.connected);
      }
      if (event.code === SESSION_EXPIRED && event.reason.includes('"reloadable": true')) {
        window.location.reload(); // stock asks first, and no other answer leads on
      }
    };
    class WatchedSocket extends settings.WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols);
        if (String(url).includes(ROOM)) {
          this.addEventListener("open", () => {
            opened(this);
          });
          this.addEventListener("close", (event) => {
            closed(this, event);
          });
        }
      }
    }
    (settings as { WebSocket: typeof WebSocket }).WebSocket = WatchedSocket;
  }
}

/** Answers the question whether to go on loading a document, which comes up while a server starts. */
export function keepLoading(): void {
  Dialog.tracker.widgetAdded.connect((_tracker, dialog) => {
    const { _buttons: buttons } = dialog as unknown as { _buttons?: readonly Dialog.IButton[] };
    const retry = buttons?.findIndex((button) => button.actions.includes("retry")) ?? -1;
    if (retry >= 0 && buttons?.some((button) => button.actions.includes("continue"))) {
      dialog.resolve(retry);
    }
  });
}
