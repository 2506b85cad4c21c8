/** Reports what only this page can see: pastes, copies, large insertions, and whether anybody looks at it. Sizes, never contents. */
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { URLExt } from "@jupyterlab/coreutils";
import { ServerConnection } from "@jupyterlab/services";

import { Batches, type BrowserEvent } from "./batches";

export type Report = (name: string, detail?: Readonly<Record<string, unknown>>) => void;

const EVERY_MS = 2000;
/** Characters that one transaction of a person inserts without being a paste: completions stay below. */
const LARGE = 80;
/** Copies that are remembered to tell whether a paste comes from this page. */
const REMEMBERED = 50;

/** Keeps a digest of each copied text, so that no clipboard content outlives its event. */
class Copied {
  private readonly digests: string[] = [];

  private static digest(text: string): string {
    let hash = 5381;
    for (let index = 0; index < text.length; index += 1) {
      hash = (Math.imul(hash, 33) ^ text.charCodeAt(index)) >>> 0;
    }
    return `${String(text.length)}:${String(hash)}`;
  }

  add(text: string): void {
    this.digests.push(Copied.digest(text));
    if (this.digests.length > REMEMBERED) {
      this.digests.shift();
    }
  }

  has(text: string): boolean {
    return this.digests.includes(Copied.digest(text));
  }
}

const clean = (text: string): string => text.replaceAll("\r\n", "\n");

/** The CodeMirror extension of every editor of the page. It changes nothing and takes no key. */
export function watchEditors(report: Report): Extension {
  const copied = new Copied();
  const onCopy = (name: "copy" | "cut") => (_event: ClipboardEvent, view: EditorView) => {
    const { state } = view;
    const parts = state.selection.ranges.map((range) => state.sliceDoc(range.from, range.to));
    const text = parts.join("\n");
    if (text !== "") {
      copied.add(text);
      report(name, { chars: text.length });
    }
    return false;
  };
  return [
    EditorView.domEventHandlers({
      copy: onCopy("copy"),
      cut: onCopy("cut"),
      paste: (event) => {
        const text = clean(event.clipboardData?.getData("text/plain") ?? "");
        report("paste", { chars: text.length, lines: text.split("\n").length, from: copied.has(text) ? "page" : "outside" });
        return false;
      },
    }),
    EditorView.updateListener.of((update) => {
      for (const transaction of update.transactions) {
        if (transaction.isUserEvent("input") && !transaction.isUserEvent("input.paste")) {
          let chars = 0;
          transaction.changes.iterChanges((_fromA, _toA, _fromB, _toB, inserted) => {
            chars += inserted.length;
          });
          if (chars >= LARGE) {
            report("insert", { chars });
          }
        }
      }
    }),
  ];
}

/** Reports whether the page is shown and has the focus. */
export function watchPage(report: Report): void {
  document.addEventListener("visibilitychange", () => {
    report(document.visibilityState === "visible" ? "visible" : "hidden");
  });
  window.addEventListener("focus", () => {
    report("focus");
  });
  window.addEventListener("blur", () => {
    report("blur");
  });
}

/** Starts to send what is reported, every 2 s and when the page goes; a server that does not answer is left in peace. */
export function startReporting(settings: ServerConnection.ISettings): Report {
  const page = crypto.randomUUID();
  const address = URLExt.join(settings.baseUrl, "assay/browser-events");
  const request = (events: readonly BrowserEvent[], keepalive: boolean): Promise<Response> =>
    ServerConnection.makeRequest(
      address,
      { method: "POST", body: JSON.stringify({ page, events }), keepalive },
      settings,
    );
  const batches = new Batches(
    async (events) => {
      try {
        const { ok, status } = await request(events, false);
        return ok || (status >= 400 && status < 500 && status !== 429);
      } catch {
        return false; // offline: the queue keeps them
      }
    },
    () => Date.now(),
  );
  setInterval(() => void batches.flush(), EVERY_MS);
  window.addEventListener("pagehide", () => {
    if (batches.unsent.length > 0) {
      request(batches.unsent, true).catch(() => undefined); // nobody is left to tell
    }
  });
  return (name, detail) => {
    batches.add(name, detail);
  };
}
