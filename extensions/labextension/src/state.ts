/** Tells the page that frames the workspace how things stand. It only speaks; nothing that is said to it is heard. */
import { PageConfig } from "@jupyterlab/coreutils";
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";

import type { Rooms } from "./calm";

type State = "ready" | "disconnected" | "kernel-busy" | "kernel-idle" | "saved" | "unsaved";

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
