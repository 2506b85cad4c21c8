/** Keeps what is typed into a step of the wizard: soon after typing stops, and before the page goes. */
import { post, tokenOf } from "./post";

const PAUSE_MS = 600;

/** Watches every form with `data-wizard-keep`, also one that htmx puts there later. */
export class Keeper {
  #form: HTMLFormElement | null = null;
  #timer: number | undefined;
  #sending: Promise<void> | null = null;

  start(): void {
    document.addEventListener("input", (event) => {
      this.#notice(event);
    });
    document.addEventListener("change", (event) => {
      this.#notice(event);
    });
    document.addEventListener("submit", (event) => {
      this.#waitBefore(event);
    });
    addEventListener("pagehide", () => void this.#flush());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") void this.#flush();
    });
  }

  #notice(event: Event): void {
    const field = event.target;
    if (!(field instanceof Element)) return;
    const form = field.closest("form");
    if (form?.dataset.wizardKeep === undefined) return;
    clearTimeout(this.#timer);
    // What htmx sends is kept with it.
    this.#form = field.hasAttribute("hx-post") ? null : form;
    if (this.#form === null) return;
    // Leaving a field for a button says nothing new: words that went away now would move the button from under the mouse.
    if (event.type === "input") this.#say("");
    this.#timer = setTimeout(() => void this.#flush(), PAUSE_MS);
  }

  /** Sends a form only when nothing older of it is on its way, so that the newer always comes later. */
  #waitBefore(event: SubmitEvent): void {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.dataset.wizardKeep === undefined || event.defaultPrevented) return;
    clearTimeout(this.#timer);
    this.#form = null;
    if (this.#sending === null) return;
    event.preventDefault();
    const { submitter } = event;
    void this.#sending.then(() => {
      form.requestSubmit(submitter);
    });
  }

  async #flush(): Promise<void> {
    clearTimeout(this.#timer);
    while (this.#sending !== null) await this.#sending;
    const form = this.#form;
    if (form === null) return;
    this.#form = null;
    this.#sending = this.#send(form);
    await this.#sending;
  }

  async #send(form: HTMLFormElement): Promise<void> {
    const fields = new FormData(form);
    fields.set("action", "keep");
    const sent = [...fields].map(([name, value]): [string, string] => [name, typeof value === "string" ? value : ""]);
    // The buttons of the form are called "action", and hide its property.
    const answer = await post(form.getAttribute("action") ?? location.href, sent, tokenOf(form));
    this.#sending = null;
    this.#say(answer.ok ? "Kept as a draft." : `Not kept yet. ${answer.why}`);
  }

  #say(text: string): void {
    for (const place of document.querySelectorAll("[data-wizard-kept]")) place.textContent = text;
  }
}
