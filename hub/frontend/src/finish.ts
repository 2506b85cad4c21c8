/** Submit and End: a dialog says what will happen, and what went wrong if something did. */
import { maybe, piece, say, show } from "./page";
import { post, tokenOf } from "./post";

export class Finish {
  readonly #form: HTMLFormElement;
  readonly #dialog = piece("dialog", HTMLDialogElement);
  readonly #confirm = piece("confirm", HTMLButtonElement);
  readonly #cancel = piece("cancel", HTMLButtonElement);
  readonly #error = piece("dialog-error", HTMLElement);
  readonly #busyText = piece("dialog-busy", HTMLElement);
  readonly #before: () => Promise<void>;
  readonly #after: string;
  busy = false;

  /**
   * @param form the form with the button that everything begins with.
   * @param after where to go when the answer names no place.
   * @param before is awaited first: what else should be kept.
   */
  constructor(form: HTMLFormElement, after: string, before: () => Promise<void>) {
    this.#form = form;
    this.#after = after;
    this.#before = before;
  }

  start(): void {
    const dots = maybe("dots", HTMLElement);
    if (dots) show(dots, true);
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      show(this.#error, false);
      this.#dialog.showModal();
    });
    this.#cancel.addEventListener("click", () => {
      this.#dialog.close();
    });
    this.#dialog.addEventListener("cancel", (event) => {
      if (this.busy) event.preventDefault();
    });
    this.#confirm.addEventListener("click", () => void this.#finish());
  }

  /** Takes the possibility away, when access is lost or all is over. */
  disable(): void {
    this.#dialog.close();
    for (const button of this.#form.querySelectorAll("button")) button.disabled = true;
  }

  async #finish(): Promise<void> {
    if (this.busy) return;
    this.#wait(true);
    await this.#before();
    const answer = await post(this.#form.action, {}, tokenOf(this.#form));
    if (answer.ok) {
      location.assign(answer.url === "" ? this.#after : answer.url);
      return;
    }
    this.#wait(false);
    this.#error.textContent = answer.why;
    show(this.#error, true);
    this.#confirm.focus();
  }

  #wait(busy: boolean): void {
    this.busy = busy;
    this.#confirm.setAttribute("aria-disabled", String(busy));
    this.#cancel.disabled = busy;
    if (busy) show(this.#error, false);
    say(this.#busyText, busy ? "One moment, your notebook is being kept. This can take up to a minute." : "");
  }
}
