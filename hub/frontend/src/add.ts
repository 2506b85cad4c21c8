/** The dialog with which one more question is asked. */
import { maybe, piece, say, show } from "./page";
import { post, tokenOf } from "./post";
import type { Question } from "./state";

export class Add {
  readonly #form: HTMLFormElement;
  readonly #dialog = piece("add-dialog", HTMLDialogElement);
  readonly #choice = piece("add-choice", HTMLSelectElement);
  readonly #confirm = piece("add-confirm", HTMLButtonElement);
  readonly #error = piece("add-error", HTMLElement);
  #busy = false;

  constructor(form: HTMLFormElement) {
    this.#form = form;
  }

  /** Returns the dialog's script, or nothing on the page of somebody who may not add questions. */
  static find(): Add | null {
    const form = maybe("add", HTMLFormElement);
    return form === null ? null : new Add(form);
  }

  start(): void {
    const open = piece("add-open", HTMLElement);
    show(open, true);
    open.querySelector("button")?.addEventListener("click", () => {
      show(this.#error, false);
      this.#offer();
      this.#dialog.showModal();
    });
    piece("add-cancel", HTMLButtonElement).addEventListener("click", () => {
      this.#dialog.close();
    });
    this.#dialog.addEventListener("cancel", (event) => {
      if (this.#busy) event.preventDefault();
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#add();
    });
  }

  /** Takes what is asked already off the list. */
  follow(questions: readonly Question[]): void {
    for (const option of [...this.#choice.options]) {
      if (questions.some(({ id }) => id === option.value)) option.remove();
    }
    this.#offer();
  }

  #offer(): void {
    const none = this.#choice.options.length === 0;
    show(piece("add-none", HTMLElement), none);
    this.#confirm.disabled = none || this.#busy;
  }

  async #add(): Promise<void> {
    if (this.#busy) return;
    this.#wait(true);
    const answer = await post(this.#form.action, { question: this.#choice.value }, tokenOf(this.#form));
    this.#wait(false);
    if (answer.ok) {
      this.#dialog.close();
      return;
    }
    this.#error.textContent = answer.why;
    show(this.#error, true);
    this.#choice.focus();
  }

  #wait(busy: boolean): void {
    this.#busy = busy;
    if (busy) show(this.#error, false);
    say(piece("add-busy", HTMLElement), busy ? "One moment, the notebook is being placed." : "");
    this.#offer();
  }
}
