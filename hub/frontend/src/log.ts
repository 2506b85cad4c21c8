/** The dialog in which a candidate reads what was observed: the same page as elsewhere, without leaving the room for it. */
import { maybe, piece } from "./page";

export class Log {
  readonly #open: HTMLAnchorElement;
  readonly #dialog = piece("log-dialog", HTMLDialogElement);
  readonly #place = piece("log-place", HTMLElement);

  constructor(open: HTMLAnchorElement) {
    this.#open = open;
  }

  /** Returns the dialog's script, or nothing on the page of somebody else. */
  static find(): Log | null {
    const open = maybe("log-open", HTMLAnchorElement);
    return open === null ? null : new Log(open);
  }

  start(): void {
    this.#open.addEventListener("click", (event) => {
      event.preventDefault();
      this.#place.textContent = "One moment …";
      this.#dialog.showModal();
      void this.#load();
    });
    piece("log-close", HTMLButtonElement).addEventListener("click", () => {
      this.#dialog.close();
    });
  }

  async #load(): Promise<void> {
    const answer = await fetch(this.#open.href, { cache: "no-store" }).catch(() => null);
    const text = answer?.ok === true ? await answer.text() : "";
    const log = new DOMParser().parseFromString(text, "text/html").querySelector("#log");
    if (log === null) this.#place.textContent = "It could not be read just now. Close this and try again.";
    else this.#place.replaceChildren(document.adoptNode(log));
  }
}
