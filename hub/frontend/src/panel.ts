/** The panel with the tasks: hidden and shown by key, one task at a time, the keyboard's way into the notebook and back. */
import { all, piece, show } from "./page";
import type { Question } from "./state";

export interface PanelHandlers {
  /** A task was chosen; its notebook should be shown. */
  chosen(notebook: string): void;
  /** The keyboard should go into the notebook. */
  toNotebook(): void;
}

export class Panel {
  readonly #body = piece("body", HTMLElement);
  readonly #toggle = piece("toggle", HTMLButtonElement);
  readonly #statements = all(document, ".assay-statement", HTMLElement);
  readonly #bar = piece("questions", HTMLElement);
  readonly #buttons: HTMLButtonElement[] = [];
  readonly #panel: HTMLElement;
  readonly #handlers: PanelHandlers;
  readonly #interview: string;

  constructor(interview: string, handlers: PanelHandlers) {
    const panel = document.getElementById("panel");
    if (panel === null) throw new Error("The page has no panel.");
    this.#panel = panel;
    this.#interview = interview;
    this.#handlers = handlers;
  }

  /** Returns the notebook of the task that is shown first. */
  get firstNotebook(): string {
    return this.#statements[this.#remembered]?.dataset.notebook ?? "";
  }

  start(): void {
    this.#toggle.hidden = false;
    this.#toggle.addEventListener("click", () => {
      this.#collapse(!this.#collapsed);
    });
    this.#collapse(sessionStorage.getItem(this.#key("panel")) === "hidden");
    this.#startQuestions();
    addEventListener("keydown", (event) => {
      if (!event.altKey || !event.shiftKey || event.ctrlKey || event.metaKey) return;
      if (event.code === "KeyJ") this.#handlers.toNotebook();
      else if (event.code === "KeyK") this.#collapse(!this.#collapsed);
      else return;
      event.preventDefault();
    });
    this.#skip("to-notebook", () => {
      this.#handlers.toNotebook();
    });
    this.#skip("to-panel", () => {
      this.focus();
    });
  }

  /** Brings the keyboard into the panel, opening it if need be. */
  focus(): void {
    this.#collapse(false);
    this.#panel.focus();
  }

  /** Takes the keyboard back from the notebook, and leaves the panel as it is: hidden, its button is the place to be. */
  takeBack(): void {
    (this.#collapsed ? this.#toggle : this.#panel).focus();
  }

  get #collapsed(): boolean {
    return this.#body.classList.contains("assay-collapsed");
  }

  get #remembered(): number {
    const index = Number(sessionStorage.getItem(this.#key("question")) ?? 0);
    return index in this.#statements ? index : 0;
  }

  /** Shows the questions that are new; returns their titles. */
  follow(questions: readonly Question[]): string[] {
    const known = this.#statements.map((statement) => statement.dataset.question);
    const fresh = questions.filter(({ id }) => !known.includes(id));
    for (const question of fresh) this.#append(question);
    this.#showBar();
    if (known.length === 0 && fresh.length > 0) this.#choose(0);
    return fresh.map(({ title }) => title);
  }

  #append({ id, title, notebook, statement }: Question): void {
    const place = this.#statements.length;
    const heading = document.createElement("h2");
    heading.id = `statement-${String(place + 1)}`;
    heading.textContent = title;
    const section = document.createElement("section");
    section.className = "assay-statement";
    section.setAttribute("aria-labelledby", heading.id);
    section.dataset.question = id;
    section.dataset.notebook = notebook;
    section.hidden = true;
    section.innerHTML = statement;
    section.prepend(heading, "\n");
    piece("statements", HTMLElement).append(section);
    this.#statements.push(section);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm";
    button.textContent = `${String(place + 1)}. ${title}`;
    this.#bar.append(button);
    this.#offer(button, place);
  }

  #startQuestions(): void {
    all(this.#bar, "button", HTMLButtonElement).forEach((button, place) => {
      this.#offer(button, place);
    });
    this.#showBar();
    if (this.#buttons.length > 1) this.#choose(this.#remembered);
  }

  #offer(button: HTMLButtonElement, place: number): void {
    this.#buttons.push(button);
    button.addEventListener("click", () => {
      this.#choose(place);
    });
  }

  #showBar(): void {
    show(this.#bar, this.#buttons.length > 1);
  }

  #choose(place: number): void {
    this.#buttons.forEach((button, at) => {
      if (at === place) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    });
    this.#statements.forEach((statement, at) => {
      statement.hidden = at !== place;
    });
    sessionStorage.setItem(this.#key("question"), String(place));
    this.#handlers.chosen(this.#statements[place]?.dataset.notebook ?? "");
  }

  #skip(name: string, go: () => void): void {
    piece(name, HTMLAnchorElement).addEventListener("click", (event) => {
      event.preventDefault();
      go();
    });
  }

  #collapse(collapsed: boolean): void {
    this.#body.classList.toggle("assay-collapsed", collapsed);
    this.#toggle.setAttribute("aria-expanded", String(!collapsed));
    this.#toggle.textContent = collapsed ? "Show the task" : "Hide the task";
    sessionStorage.setItem(this.#key("panel"), collapsed ? "hidden" : "shown");
  }

  #key(name: string): string {
    return `assay-${name}:${this.#interview}`;
  }
}
