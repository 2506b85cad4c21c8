/** A timeline as the service gives it (docs/replay.md), and the frame that its steps change. Pure. */

/** Account, first and last millisecond, text, and where it came from: typed, page, outside or piece. */
export type PieceRow = [account: string, since: number, until: number, text: string, origin: string];
export type Output = Readonly<Record<string, unknown>>;
export type CellRow = [id: string, kind: string, pieces: PieceRow[], outputs: Output[]];
export type Step =
  | [at: number, what: "text", account: string, document: string, cell: string, place: number, deleted: number, text: string, origin: string]
  | [at: number, what: "cells", account: string, document: string, cells: CellRow[]]
  | [at: number, what: "outputs", account: string, document: string, cell: string, outputs: Output[]]
  | [at: number, what: "gone", account: string, document: string];

export interface Body {
  readonly frame: Readonly<Record<string, CellRow[]>>;
  readonly steps: readonly Step[];
}

export interface SegmentHead {
  readonly number: number;
  readonly first_at: number;
  readonly last_at: number;
  readonly last_seq: number;
}

export interface Marker {
  readonly at: number;
  readonly kind: string;
  readonly account: string;
  readonly document: string;
  /** What happened, in words. */
  readonly words: string;
}

export interface Index {
  readonly segments: readonly SegmentHead[];
  readonly markers: readonly Marker[];
  readonly names: Readonly<Record<string, string>>;
  readonly running: boolean;
}

export interface Piece {
  readonly account: string;
  readonly since: number;
  readonly until: number;
  readonly text: string;
  readonly origin: string;
}

export interface Cell {
  readonly id: string;
  readonly kind: string;
  pieces: Piece[];
  outputs: readonly Output[];
}

/** Where somebody typed last. */
export interface Cursor {
  readonly document: string;
  readonly cell: string;
  readonly place: number;
}

const PAUSE_MS = 5000;

const pieceOf = ([account, since, until, text, origin]: PieceRow): Piece => ({ account, since, until, text, origin });

const cellOf = ([id, kind, pieces, outputs]: CellRow): Cell => ({ id, kind, pieces: pieces.map(pieceOf), outputs });

const cut = (piece: Piece, from: number, to: number): Piece => ({ ...piece, text: piece.text.slice(from, to) });

/** Returns the pieces with `text` in place of `deleted` characters at `place`. */
export function splice(pieces: readonly Piece[], place: number, deleted: number, text: Piece | null): Piece[] {
  const before: Piece[] = [];
  const after: Piece[] = [];
  let start = 0;
  for (const piece of pieces) {
    const end = start + piece.text.length;
    if (start < place) before.push(end <= place ? piece : cut(piece, 0, place - start));
    if (end > place + deleted) after.push(start >= place + deleted ? piece : cut(piece, place + deleted - start, piece.text.length));
    start = end;
  }
  if (text === null) return [...before, ...after];
  const last = before.at(-1);
  if (last?.account === text.account && last.origin === text.origin && text.since - last.until <= PAUSE_MS) {
    before[before.length - 1] = { ...last, until: text.until, text: last.text + text.text };
    return [...before, ...after];
  }
  return [...before, text, ...after];
}

/** Everything that is on the screen at one moment. */
export class Frame {
  readonly documents = new Map<string, Cell[]>();
  readonly cursors = new Map<string, Cursor>();

  static of(body: Body): Frame {
    const frame = new Frame();
    for (const [path, cells] of Object.entries(body.frame)) frame.documents.set(path, cells.map(cellOf));
    return frame;
  }

  /** Applies a step and returns the document that it changed. */
  apply(step: Step): string {
    const document = step[3];
    if (step[1] === "gone") this.documents.delete(document);
    else if (step[1] === "cells") this.documents.set(document, step[4].map(cellOf));
    else {
      const cell = this.documents.get(document)?.find(({ id }) => id === step[4]);
      if (cell === undefined) return document;
      if (step[1] === "outputs") cell.outputs = step[5];
      else this.#type(cell, step);
    }
    return document;
  }

  #type(cell: Cell, step: Extract<Step, { 1: "text" }>): void {
    const [at, , account, document, , place, deleted, text, origin] = step;
    const piece = text === "" ? null : { account, since: at, until: at, text, origin };
    cell.pieces = splice(cell.pieces, place, deleted, piece);
    if (account !== "") this.cursors.set(account, { document, cell: cell.id, place: place + text.length });
  }
}

/** Whether somebody changed something, as opposed to what a kernel printed. */
export const isEdit = (step: Step): boolean => step[1] === "text" || step[1] === "cells";
