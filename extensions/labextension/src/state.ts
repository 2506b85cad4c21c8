/** Tells the page that frames the workspace how things stand. It only speaks; nothing that is said to it is heard. */
import { PageConfig } from "@jupyterlab/coreutils";
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";

import type { Rooms } from "./calm";

type State = "ready" | "disconnected" | "kernel-busy" | "kernel-idle" | "saved" | "unsaved" | "leave";

function tell(state: State): void {
  if (window.parent !== window) {
    const origin = PageConfig.getOption("assayRoomOrigin") || "*"; // says nothing that a stranger may not know
    window.parent.postMessage({ source: "assay-workspace", state }, origin);
  }
}

function follow(panel: NotebookPanel): void {
  panel.sessionContext.statusChanged.connect((_session, status) => {
    if (status === "busy" || status === "idle") {
      tell(`kernel-${status}`);
    }
  });
  void Promise.all([panel.context.ready, panel.revealed]).then(() => {
    tell("ready");
    tell(panel.context.model.dirty ? "unsaved" : "saved");
    panel.context.model.stateChanged.connect((model, { name }) => {
      if (name === "dirty") {
        tell(model.dirty ? "unsaved" : "saved");
      }
    });
  });
}

/** Starts to tell: each notebook's readiness, kernel and save state, and the connection of the page. */
export function tellRoom(notebooks: INotebookTracker, rooms: Rooms): void {
  notebooks.forEach(follow);
  notebooks.widgetAdded.connect((_notebooks, panel) => {
    follow(panel);
  });
  let told = true;
  rooms.connectionChanged.connect((_rooms, connected) => {
    if (connected !== told) {
      told = connected;
      tell(connected ? "ready" : "disconnected");
    }
  });
}

/** Gives the keyboard back to the page around this one at Alt+Shift+J, the key that it came in by, and takes it up where it was. */
export function giveKeyboardBack(): void {
  let place: HTMLElement | null = null;
  const listen = (event: KeyboardEvent): void => {
    const own = event.altKey && event.shiftKey && !event.ctrlKey && !event.metaKey && event.code === "KeyJ";
    if (own && window.parent !== window) {
      event.preventDefault();
      event.stopImmediatePropagation(); // no editor types it
      place = document.activeElement instanceof HTMLElement ? document.activeElement : null;
      tell("leave");
    }
  };
  window.addEventListener("keydown", listen, { capture: true });
  window.addEventListener("focus", () => {
    if (document.activeElement === document.body) {
      place?.focus({ preventScroll: true }); // a frame that is focused from outside forgets its own focus
    }
    place = null;
  });
}
