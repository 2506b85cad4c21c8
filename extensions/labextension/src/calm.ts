/** Lets the page mend itself when its server goes away and comes back, without a dialog that somebody must click. */
import { Dialog, type ISessionContext } from "@jupyterlab/apputils";
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import type { ServerConnection } from "@jupyterlab/services";
import { Signal, type ISignal } from "@lumino/signaling";

const ROOM = "/api/collaboration/room/";
/** The server's way of saying that it does not know the session in which this page edited. */
const SESSION_EXPIRED = 1003;
/** Time in which the pages of a document find each other again, so that one of them starts the kernel. */
const PAGES_MEET_MS = 1000;
/** Time in which that one page has started it. */
const KERNEL_STARTS_MS = 4000;

/** Whether a message to a room holds changes: a Y sync message that does not merely ask, or a wish to save. */
function isChange(message: unknown): boolean {
  const [kind, step] = message instanceof ArrayBuffer ? new Uint8Array(message) : message instanceof Uint8Array ? message : [];
  return (kind === 0 && step !== 0) || kind === 2;
}

/** Watches the websockets of the shared documents. */
export class Rooms {
  private readonly open = new Set<WebSocket>();
  private readonly changed = new Signal<this, boolean>(this);
  private ever = false;

  /** @param silent whether the page tells the documents of no change: that of somebody who only watches. */
  constructor(private readonly silent: boolean) {}

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
    const { silent } = this;
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

      override send(message: string | ArrayBufferLike | Blob | ArrayBufferView): void {
        if (!silent || !this.url.includes(ROOM) || !isChange(message)) {
          super.send(message as string);
        }
      }
    }
    (settings as { WebSocket: typeof WebSocket }).WebSocket = WatchedSocket;
  }
}

/** What the complaints say that come up while the server is away; the page finds it again by itself. */
const AWAY = /\b50[234]\b|Failed to fetch|NetworkError/;

/** Answers the question whether to go on loading, and closes complaints that the server is away for the moment. */
export function keepLoading(): void {
  Dialog.tracker.widgetAdded.connect((_tracker, dialog) => {
    const { _buttons: buttons } = dialog as unknown as { _buttons?: readonly Dialog.IButton[] };
    const retry = buttons?.findIndex((button) => button.actions.includes("retry")) ?? -1;
    if (retry >= 0 && buttons?.some((button) => button.actions.includes("continue"))) {
      dialog.resolve(retry);
    } else if (buttons?.length === 1) {
      setTimeout(() => {
        if (!dialog.isDisposed && AWAY.test(dialog.node.textContent)) {
          dialog.resolve(0);
        }
      }, 100); // its text is drawn a moment later
    }
  });
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Whether this page is the one among those of a document that acts for all. */
function actsForAll(panel: NotebookPanel): boolean {
  const { awareness } = panel.context.model.sharedModel as { awareness?: { clientID: number; states: Map<number, unknown> } };
  return awareness === undefined || [...awareness.states.keys()].every((id) => awareness.clientID <= id);
}

/** Connects a notebook whose session went with the server to the new one; the server starts a kernel when there is none. */
async function findKernel(panel: NotebookPanel): Promise<void> {
  const { sessionContext } = panel;
  await sessionContext.sessionManager.refreshRunning(); // lets go of a session that is no more
  await pause(PAGES_MEET_MS);
  if (!actsForAll(panel)) {
    await pause(KERNEL_STARTS_MS);
  }
  if (!sessionContext.isDisposed && sessionContext.session === null) {
    await sessionContext.startKernel();
  }
}

/**
 * Moves a notebook to the kernel of the first session of its path. Two pages that open a notebook, or find it again, in
 * the same moment each get a session and a kernel from the server: then they would share the text but not the variables.
 */
async function agreeOnKernel({ sessionContext }: NotebookPanel): Promise<void> {
  await pause(KERNEL_STARTS_MS);
  await sessionContext.sessionManager.refreshRunning();
  const { session } = sessionContext;
  if (!sessionContext.isDisposed && session !== null) {
    const [first] = [...sessionContext.sessionManager.running()]
      .filter((running) => running.path === session.path)
      .sort((one, other) => (one.id < other.id ? -1 : 1));
    if (first?.kernel && session.kernel !== null && first.kernel.id !== session.kernel.id) {
      await sessionContext.changeKernel({ id: first.kernel.id });
    }
  }
}

/** Finds kernels again whenever the page is connected again. A notebook that never had one stays without. */
export function keepKernels(notebooks: INotebookTracker, rooms: Rooms): void {
  const hadKernel = new WeakSet<ISessionContext>();
  const watch = (panel: NotebookPanel): void => {
    panel.sessionContext.kernelChanged.connect((context, { newValue }) => {
      if (newValue !== null) {
        hadKernel.add(context);
        agreeOnKernel(panel).catch(() => undefined); // offline: the kernel changes again after it
      }
    });
  };
  notebooks.forEach(watch);
  notebooks.widgetAdded.connect((_notebooks, panel) => {
    watch(panel);
  });
  rooms.connectionChanged.connect((_rooms, connected) => {
    notebooks.forEach((panel) => {
      if (connected && hadKernel.has(panel.sessionContext)) {
        findKernel(panel).catch(() => undefined); // offline again: the next connection tries again
      }
    });
  });
}
