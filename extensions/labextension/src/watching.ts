/**
 * The page of somebody who watches: it can be read, scrolled and copied from, and it asks nobody for a kernel.
 *
 * The server refuses whatever such a page would change. What stands here only keeps the page from offering it, and from
 * drifting away from the document that everybody else sees.
 */
import type { JupyterFrontEnd } from "@jupyterlab/application";
import { SessionContext } from "@jupyterlab/apputils";
import { URLExt } from "@jupyterlab/coreutils";
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import { ServerConnection, type Session } from "@jupyterlab/services";
import { EditorState, Prec, type Extension } from "@codemirror/state";
import { Token } from "@lumino/coreutils";

/** Whether the viewer of this page only watches. */
export interface IWatching {
  readonly watching: boolean;
}

export const IWatching = new Token<IWatching>("@assay/workspace:IWatching");

const LOOKS_EVERY_MS = 1500;
const PERMISSIONS = JSON.stringify({ contents: ["write"] });

/** Commands of these kinds change a document, a file or a kernel, except for those that move about in a notebook. */
const CHANGING = /^(notebook|runmenu|kernelmenu|docmanager|cell-toolbar|toolbar-button|console|editmenu|filemenu|fileeditor):/;
const READING = /^notebook:(move-cursor|extend-marked|enter-command-mode|enter-edit-mode|select|deselect|copy|toggle-autoscroll|virtual-scrollbar)|^docmanager:(open|activate|show-in-file-browser)|^toolbar-button:link$/;

const STYLE = `
.assay-watching .jp-Notebook-footer, .assay-watching .jp-cell-toolbar { display: none; }
.assay-watching .jupyter-widgets, .assay-watching .jp-InputPrompt { pointer-events: none; }
.assay-watching .jp-NotebookPanel-toolbar::before {
  content: "You are watching"; padding: 0 0.75em; align-self: center; white-space: nowrap; color: var(--jp-ui-font-color1);
}
`;

/** Asks the server whether this viewer may change documents; while it does not say, the page is one like any other. */
export async function askWhetherWatching(settings: ServerConnection.ISettings): Promise<boolean> {
  try {
    const address = URLExt.join(settings.baseUrl, "api/me") + URLExt.objectToQueryString({ permissions: PERMISSIONS });
    const answer = await ServerConnection.makeRequest(address, {}, settings);
    const { permissions } = (await answer.json()) as { permissions?: { contents?: string[] } };
    return answer.ok && permissions?.contents?.includes("write") === false;
  } catch {
    return false; // offline
  }
}

/** The CodeMirror extension of every editor of such a page. */
export const readOnly: Extension = Prec.highest(EditorState.readOnly.of(true));

function forbidChanges({ commands }: JupyterFrontEnd): void {
  const forbidden = (id: string): boolean => CHANGING.test(id) && !READING.test(id);
  const execute = commands.execute.bind(commands);
  const isEnabled = commands.isEnabled.bind(commands);
  commands.isEnabled = (id, args) => !forbidden(id) && isEnabled(id, args);
  commands.execute = (id, args) => (forbidden(id) ? Promise.resolve(undefined) : execute(id, args));
}

/** A session is found, never started, changed or ended. */
function leaveSessionsAlone(): void {
  const { prototype } = SessionContext;
  prototype.startKernel = () => Promise.resolve(false);
  prototype.changeKernel = () => Promise.resolve(null);
  prototype.restartKernel = () => Promise.resolve();
  prototype.shutdown = () => Promise.resolve();
}

/** What is used of the session context of Lab beyond its interface. */
interface Takes {
  _handleNewSession(session: Session.ISessionConnection): unknown;
}

/** Connects a notebook to the session that somebody else has started for it, and to the next one after that. */
function follow({ sessionContext }: NotebookPanel): void {
  const look = async (): Promise<void> => {
    const { sessionManager: manager, session, path } = sessionContext;
    await manager.refreshRunning();
    const [model] = [...manager.running()].filter((one) => one.path === path).sort((one, other) => (one.id < other.id ? -1 : 1));
    if (!sessionContext.isDisposed && model?.kernel && model.kernel.id !== session?.kernel?.id) {
      (sessionContext as unknown as Takes)._handleNewSession(manager.connectTo({ model }));
    }
  };
  const timer = setInterval(() => {
    look().catch(() => undefined); // offline: the next look finds it
  }, LOOKS_EVERY_MS);
  sessionContext.disposed.connect(() => {
    clearInterval(timer);
  });
}

/** Makes the page one that only watches. To be called before a document opens. */
export function onlyWatch(app: JupyterFrontEnd, notebooks: INotebookTracker): void {
  const style = document.createElement("style");
  style.textContent = STYLE;
  document.head.append(style);
  document.body.classList.add("assay-watching");
  forbidChanges(app);
  leaveSessionsAlone();
  notebooks.forEach(follow);
  notebooks.widgetAdded.connect((_notebooks, panel) => {
    follow(panel);
  });
}
