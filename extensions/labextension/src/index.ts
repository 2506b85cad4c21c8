/** The plugins that an interview adds to the page of its workspace. */
import { IConnectionLost, type JupyterFrontEnd, type JupyterFrontEndPlugin } from "@jupyterlab/application";
import type { Sanitizer } from "@jupyterlab/apputils";
import { IEditorExtensionRegistry } from "@jupyterlab/codemirror";
import { INotebookTracker } from "@jupyterlab/notebook";
import { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";

import { keepKernels, keepLoading, Rooms } from "./calm";
import { guardClicks } from "./clicks";
import { giveKeyboardBack, tellRoom } from "./state";
import { startReporting, watchEditors, watchPage } from "./telemetry";
import { trustNothing } from "./untrusted";
import { askWhetherWatching, IWatching, onlyWatch, readOnly } from "./watching";
import { hideWidgets, sanitizeWidgets, showWidgets } from "./widgets";

/** Takes the settings' word away: commands in HTML stay forbidden whatever they say. */
function forbidCommands(sanitizer: IRenderMime.ISanitizer): void {
  const lab = sanitizer as Partial<Sanitizer>;
  lab.setAllowCommandLinker?.(false);
  lab.setAllowCommandLinker = () => undefined;
}

const untrusted: JupyterFrontEndPlugin<void> = {
  id: "@assay/workspace:untrusted",
  description: "Keeps what a kernel makes from acting as the person who looks at it.",
  autoStart: true,
  requires: [IRenderMimeRegistry],
  activate: async (_app: JupyterFrontEnd, rendermime: IRenderMimeRegistry) => {
    guardClicks();
    forbidCommands(rendermime.sanitizer);
    let mend = showWidgets;
    try {
      await sanitizeWidgets(rendermime.sanitizer);
    } catch {
      mend = hideWidgets; // a page without ipywidgets, or with one that we do not know
    }
    trustNothing(rendermime, mend);
  },
};

const watching: JupyterFrontEndPlugin<IWatching> = {
  id: "@assay/workspace:watching",
  description: "Makes the page of somebody who only watches one that offers no changes.",
  autoStart: true,
  requires: [INotebookTracker, IEditorExtensionRegistry],
  provides: IWatching,
  activate: async (app: JupyterFrontEnd, notebooks: INotebookTracker, editors: IEditorExtensionRegistry) => {
    const only = await askWhetherWatching(app.serviceManager.serverSettings);
    if (only) {
      onlyWatch(app, notebooks);
      editors.addExtension({
        name: "assay-watching",
        factory: () => ({ instance: () => readOnly, reconfigure: () => null }),
      });
    }
    return { watching: only };
  },
};

const telemetry: JupyterFrontEndPlugin<void> = {
  id: "@assay/workspace:telemetry",
  description: "Reports pastes, copies and whether the page is looked at, as sizes and times.",
  autoStart: true,
  requires: [IEditorExtensionRegistry, IWatching],
  activate: (app: JupyterFrontEnd, editors: IEditorExtensionRegistry, { watching: only }: IWatching) => {
    if (only) {
      return; // what somebody does who watches says nothing about the work
    }
    const report = startReporting(app.serviceManager.serverSettings);
    watchPage(report);
    const instance = watchEditors(report);
    editors.addExtension({
      name: "assay-telemetry",
      factory: () => ({ instance: () => instance, reconfigure: () => null }),
    });
  },
};

const calm: JupyterFrontEndPlugin<IConnectionLost> = {
  id: "@assay/workspace:calm",
  description: "Reconnects without a dialog, and tells the page around this one how things stand.",
  autoStart: true,
  requires: [INotebookTracker, IWatching],
  provides: IConnectionLost,
  activate: (app: JupyterFrontEnd, notebooks: INotebookTracker, { watching: only }: IWatching) => {
    const rooms = new Rooms(only);
    rooms.watch(app.serviceManager.serverSettings);
    keepLoading();
    if (!only) {
      keepKernels(notebooks, rooms);
    }
    tellRoom(notebooks, rooms);
    giveKeyboardBack();
    return () => Promise.resolve(); // the room shows that the connection is lost, nobody has to click it away
  },
};

const plugins: JupyterFrontEndPlugin<unknown>[] = [untrusted, watching, telemetry, calm];

export default plugins;
