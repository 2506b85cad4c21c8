/** A place in a timeline that moves: to a moment, step by step, or to where a cell changed. */
import type { Source } from "./source";
import { type Body, Frame, type Index, isEdit, type Step } from "./timeline";

/** Segments that are kept: going back and forth asks for none twice. */
const KEPT = 8;

export class Position {
  at = 0;
  frame = new Frame();
  #index: Index;
  #number = -1;
  /** How many steps of the segment are applied. */
  #applied = 0;
  #body: Body = { frame: {}, steps: [] };
  readonly #source: Source;
  readonly #bodies = new Map<string, Body>();

  constructor(source: Source, index: Index) {
    this.#source = source;
    this.#index = index;
  }

  get index(): Index {
    return this.#index;
  }

  get end(): number {
    return this.#index.segments.at(-1)?.last_at ?? 0;
  }

  /** Takes a newer index; a segment that has grown is asked for again. */
  async grow(index: Index): Promise<void> {
    const grown = index.segments[this.#number]?.last_seq !== this.#index.segments[this.#number]?.last_seq;
    this.#index = index;
    if (grown) {
      this.#number = -1;
      await this.seek(this.at);
    }
  }

  /** Goes to a moment, in milliseconds. */
  async seek(at: number): Promise<void> {
    const wanted = Math.max(0, Math.min(at, this.end));
    const number = this.#numberAt(wanted);
    if (number !== this.#number || wanted < this.at) await this.#open(number);
    this.at = wanted;
    this.#advance((step) => step[0] <= wanted);
  }

  /** Plays on to a moment and returns the steps on the way; a fast player passes several segments. */
  async play(at: number): Promise<void> {
    const wanted = Math.min(at, this.end);
    if (this.#numberAt(wanted) === this.#number) this.#advance((step) => step[0] <= wanted);
    else await this.seek(wanted);
    this.at = Math.max(this.at, wanted);
  }

  /** Returns when the next step comes, `null` at the end of the segment. */
  get next(): number | null {
    return this.#body.steps[this.#applied]?.[0] ?? null;
  }

  /** Goes one edit forward (1) or back (-1). */
  async step(way: 1 | -1): Promise<void> {
    await this.#to(way, isEdit);
  }

  /** Goes to the next or the last change of a cell before this one. */
  async stepOf(cell: string, way: 1 | -1): Promise<boolean> {
    return this.#to(way, (step) => (step[1] === "text" || step[1] === "outputs") && step[4] === cell);
  }

  async #to(way: 1 | -1, fits: (step: Step) => boolean): Promise<boolean> {
    let number = Math.max(0, this.#number);
    let start = way === 1 ? this.#applied : this.#applied - 2;
    while (number >= 0 && number < this.#index.segments.length) {
      const body = await this.#fetch(number);
      if (start < 0 && way === -1) start = -1;
      for (let place = start; place >= 0 && place < body.steps.length; place += way) {
        const step = body.steps[place];
        if (step !== undefined && fits(step)) {
          await this.#goto(number, place, step[0]);
          return true;
        }
      }
      number += way;
      start = way === 1 ? 0 : (await this.#lengthOf(number)) - 1;
    }
    if (way === -1) await this.seek(0);
    return false;
  }

  async #goto(number: number, place: number, at: number): Promise<void> {
    if (number !== this.#number || place + 1 < this.#applied) await this.#open(number);
    let left = place + 1 - this.#applied;
    this.#advance(() => left-- > 0);
    this.at = at;
  }

  async #lengthOf(number: number): Promise<number> {
    return number < 0 || number >= this.#index.segments.length ? 0 : (await this.#fetch(number)).steps.length;
  }

  async #open(number: number): Promise<void> {
    const body = await this.#fetch(number);
    // Going on, people are where they were; going back, nobody knows yet where they will have been.
    const cursors = number === this.#number + 1 ? this.frame.cursors : [];
    this.#body = body;
    this.#number = number;
    this.#applied = 0;
    this.frame = Frame.of(body);
    for (const [account, cursor] of cursors) this.frame.cursors.set(account, cursor);
  }

  #advance(goes: (step: Step) => boolean): void {
    for (;;) {
      const step = this.#body.steps[this.#applied];
      if (step === undefined || !goes(step)) return;
      this.frame.apply(step);
      this.#applied += 1;
    }
  }

  #numberAt(at: number): number {
    const found = this.#index.segments.findLast((segment) => segment.first_at <= at);
    return found?.number ?? 0;
  }

  async #fetch(number: number): Promise<Body> {
    const segment = this.#index.segments[number];
    if (segment === undefined) return { frame: {}, steps: [] };
    const key = `${String(number)}:${String(segment.last_seq)}`;
    const kept = this.#bodies.get(key);
    if (kept !== undefined) return kept;
    const body = await this.#source.segment(number);
    this.#bodies.set(key, body);
    if (this.#bodies.size > KEPT) {
      const [oldest] = this.#bodies.keys();
      if (oldest !== undefined) this.#bodies.delete(oldest);
    }
    return body;
  }
}
