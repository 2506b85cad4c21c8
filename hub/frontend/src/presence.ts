/** Tells the service whether the candidate looks at this page, and what of the task is copied; nothing else, and no content. */
import { all } from "./page";

/** A shorter absence is not worth a word; the candidate reads the same. */
const AWAY_MS = 1000;
const LOOK_MS = 500;

export type Word = { type: "here" } | { type: "left" } | { type: "copied"; chars: number };

/** Follows whether somebody looks, and says when that changes; pure but for what it is given. */
export class Looking {
  #awaySince: number | null = null;
  #said: "here" | "left" | null = null;

  /** Takes whether the page is looked at now, in milliseconds; returns what is to be said, if anything. */
  take(looks: boolean, now: number): "here" | "left" | null {
    if (looks) this.#awaySince = null;
    else this.#awaySince ??= now;
    const away = this.#awaySince !== null && now - this.#awaySince >= AWAY_MS;
    if (!looks && !away && this.#said !== null) return null;
    const word = away ? "left" : "here";
    if (word === this.#said) return null;
    this.#said = word;
    return word;
  }

  /** Forgets what was said: a fresh connection knows nothing of it. */
  forget(): void {
    this.#said = null;
  }
}

export class Presence {
  readonly #observed: ReadonlySet<string>;
  readonly #say: (word: Word) => boolean;
  readonly #looking = new Looking();

  /**
   * @param observed the kinds of signals that the candidate was told of.
   * @param say gives a word to the service, and returns whether it was taken.
   */
  constructor(observed: ReadonlySet<string>, say: (word: Word) => boolean) {
    this.#observed = observed;
    this.#say = say;
  }

  start(): void {
    const look = (): void => {
      this.#look();
    };
    setInterval(look, LOOK_MS);
    document.addEventListener("visibilitychange", look);
    addEventListener("focus", look);
    addEventListener("blur", look);
    if (this.#observed.has("task-copied")) {
      document.addEventListener("copy", () => {
        this.#copied();
      });
    }
  }

  /** The service is connected, maybe again: it hears how things stand. */
  connected(): void {
    this.#looking.forget();
    this.#look();
  }

  /** A page whose frame has the keyboard has the focus itself: going into the notebook is not leaving. */
  #look(): void {
    const looks = !this.#observed.has("left") || (document.visibilityState === "visible" && document.hasFocus());
    const word = this.#looking.take(looks, performance.now());
    if (word !== null && !this.#say({ type: word })) this.#looking.forget();
  }

  #copied(): void {
    const selection = getSelection();
    const chars = selection?.toString().length ?? 0;
    const inTask = all(document, ".assay-statement", HTMLElement).some((one) => selection?.containsNode(one, true));
    if (chars > 0 && inTask) this.#say({ type: "copied", chars });
  }
}
