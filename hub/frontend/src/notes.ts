/** Keeps the interviewer's private notes: saved soon after typing stops, retried until they are, never thrown away. */
import { backOff } from "./live";
import { post, type Answer } from "./post";

const PAUSE_MS = 800;

export type NoteState = "saved" | "saving" | "waiting" | "failed";

export class Notes {
  readonly #field: HTMLTextAreaElement;
  readonly #send: (text: string) => Promise<Answer>;
  readonly #tell: (state: NoteState, why: string) => void;
  readonly #kept: string;
  #saved: string;
  #timer: number | undefined;
  #attempt = 0;
  #sending: Promise<void> | null = null;

  /**
   * @param field where the notes are typed; what it holds is what is saved already.
   * @param path where they are posted.
   * @param csrf proof that the request is ours.
   * @param tell is told each change of state, with the reason of a failure.
   */
  constructor(
    field: HTMLTextAreaElement,
    path: string,
    csrf: string,
    tell: (state: NoteState, why: string) => void,
  ) {
    this.#field = field;
    this.#send = (text) => post(path, { text }, csrf);
    this.#tell = tell;
    this.#kept = `assay-unsent-note:${path}`;
    this.#saved = field.value;
  }

  get unsaved(): boolean {
    return this.#field.value !== this.#saved;
  }

  start(): void {
    const unsent = sessionStorage.getItem(this.#kept);
    if (unsent !== null && unsent !== this.#field.value) {
      this.#field.value = unsent;
      this.#changed();
    }
    this.#field.addEventListener("input", () => {
      this.#changed();
    });
    addEventListener("online", () => void this.flush());
    addEventListener("beforeunload", (event) => {
      if (!this.unsaved) return;
      void this.flush();
      event.preventDefault();
    });
  }

  /** Saves now; resolves when the attempt is over, whatever came of it. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    while (this.#sending !== null) await this.#sending;
    if (!this.unsaved) return;
    this.#sending = this.#save(this.#field.value);
    await this.#sending;
    this.#sending = null;
  }

  #changed(): void {
    this.#keep();
    this.#tell("waiting", "");
    this.#attempt = 0;
    this.#later(PAUSE_MS);
  }

  /** The browser's copy survives a reload; without room for it the page itself still holds the text. */
  #keep(): void {
    try {
      sessionStorage.setItem(this.#kept, this.#field.value);
    } catch {
      sessionStorage.removeItem(this.#kept);
    }
  }

  #later(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), milliseconds);
  }

  async #save(text: string): Promise<void> {
    this.#tell("saving", "");
    const answer = await this.#send(text);
    if (!answer.ok) {
      this.#tell("failed", answer.why);
      this.#later(backOff(this.#attempt, Math.random()));
      this.#attempt += 1;
      return;
    }
    this.#saved = text;
    this.#attempt = 0;
    if (this.unsaved) {
      this.#later(PAUSE_MS);
      return;
    }
    sessionStorage.removeItem(this.#kept);
    this.#tell("saved", "");
  }
}
