/** Shows a frame: cells with whose text is whose, cursors, and outputs as text and pictures only. */
import type { Cell, Cursor, Frame, Output, Piece } from "./timeline";

const COLOURS = 8;
// Terminals' colour codes begin with this character.
const ANSI = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*[A-Za-z]`, "g");
const SAID_CHARACTERS = 60;
const ORIGINS: Readonly<Record<string, string>> = {
  page: "copied within this notebook",
  outside: "pasted from outside",
  piece: "inserted at once",
};
const PNG = /^[A-Za-z0-9+/=\s]+$/;

export interface Words {
  readonly name: (account: string) => string;
  readonly moment: (at: number) => string;
  readonly jump: (cell: string, way: 1 | -1) => void;
}

function element<K extends keyof HTMLElementTagNameMap>(name: K, className: string, text = ""): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  made.className = className;
  if (text !== "") made.textContent = text;
  return made;
}

const joined = (value: unknown): string =>
  Array.isArray(value) ? value.map((part) => (typeof part === "string" ? part : "")).join("") : typeof value === "string" ? value : "";

/** Returns an output as an element that can neither run nor load anything. */
export function shown(output: Output): HTMLElement | null {
  const data = typeof output.data === "object" && output.data !== null ? (output.data as Record<string, unknown>) : {};
  const png = joined(data["image/png"]);
  if (png.startsWith("iVBORw0KGgo") && PNG.test(png)) {
    const picture = element("img", "assay-picture");
    picture.src = `data:image/png;base64,${png.replaceAll(/\s/g, "")}`;
    picture.alt = "A picture that this cell made";
    return picture;
  }
  const raised = joined(output.traceback) || [joined(output.ename), joined(output.evalue)].filter((part) => part !== "").join(": ");
  const traceback = Array.isArray(output.traceback) ? output.traceback.map(joined).join("\n") : raised;
  const text = joined(output.text) || joined(data["text/plain"]) || traceback;
  return text === "" ? null : element("pre", "assay-output", text.replace(ANSI, ""));
}

export class NotebookView {
  readonly #root: HTMLElement;
  readonly #words: Words;
  readonly #drawn = new Map<string, { piecesOf: readonly Piece[]; outputs: readonly Output[]; cursors: string; section: HTMLElement }>();
  readonly #order = new Map<string, number>();
  /** Cells whose list of who wrote what is open. */
  readonly #listed = new Set<string>();
  /** Draws once more what was drawn last. */
  #again: () => void = () => undefined;

  constructor(root: HTMLElement, words: Words) {
    this.#root = root;
    this.#words = words;
  }

  /** Returns the colour of a person: the order in which they came up. */
  colourOf(account: string): string {
    if (account === "") return "assay-by-nobody";
    const known = this.#order.get(account) ?? this.#order.size;
    this.#order.set(account, known);
    return `assay-by-${String(known % COLOURS)}`;
  }

  draw(frame: Frame, path: string): void {
    this.#again = () => {
      this.draw(frame, path);
    };
    const cells = frame.documents.get(path) ?? [];
    const wanted = cells.map((cell, place) => this.#cell(cell, place, frame, path));
    for (const [place, section] of wanted.entries()) {
      if (this.#root.children[place] !== section) this.#root.insertBefore(section, this.#root.children[place] ?? null);
    }
    while (this.#root.children.length > wanted.length) this.#root.lastElementChild?.remove();
    if (cells.length === 0) this.#root.replaceChildren(element("p", "assay-quiet", "Nothing is open at this moment."));
  }

  #cell(cell: Cell, place: number, frame: Frame, path: string): HTMLElement {
    const cursors = [...frame.cursors].filter(([, cursor]) => cursor.document === path && cursor.cell === cell.id);
    const key = `${path}\n${cell.id}`;
    const said = JSON.stringify([place, cursors, this.#listed.has(key)]);
    const before = this.#drawn.get(key);
    if (before?.piecesOf === cell.pieces && before.outputs === cell.outputs && before.cursors === said) return before.section;
    const section = before?.section ?? element("section", "assay-cell assay-replay-cell");
    section.dataset.cell = cell.id;
    const list = this.#listed.has(key) ? [this.#list(cell)] : [];
    const outputs = cell.outputs.flatMap((one) => shown(one) ?? []);
    section.replaceChildren(this.#head(cell, place, key), this.#source(cell, place, cursors), ...list, ...outputs);
    this.#drawn.set(key, { piecesOf: cell.pieces, outputs: cell.outputs, cursors: said, section });
    return section;
  }

  #head(cell: Cell, place: number, key: string): HTMLElement {
    const head = element("div", "assay-replay-head");
    const name = `${cell.kind === "code" ? "Code" : cell.kind === "" ? "File" : "Text"}, cell ${String(place + 1)}`;
    head.append(element("h3", "assay-cell-name", name));
    for (const [way, words, mark] of [[-1, "Change before in", "‹"], [1, "Next change in", "›"]] as const) {
      const button = element("button", "btn btn-link btn-sm", mark);
      button.type = "button";
      button.setAttribute("aria-label", `${words} cell ${String(place + 1)}`);
      button.addEventListener("click", () => {
        this.#words.jump(cell.id, way);
      });
      head.append(button);
    }
    const who = element("button", "btn btn-link btn-sm", "Who wrote this");
    who.type = "button";
    who.setAttribute("aria-expanded", String(this.#listed.has(key)));
    who.addEventListener("click", () => {
      if (!this.#listed.delete(key)) this.#listed.add(key);
      this.#again();
      this.#drawn.get(key)?.section.querySelector<HTMLElement>("[aria-expanded]")?.focus();
    });
    head.append(who);
    return head;
  }

  /** Returns in words what colours and dots say of a text. */
  #list(cell: Cell): HTMLElement {
    const list = element("ol", "assay-replay-runs");
    for (const piece of cell.pieces) {
      const text = piece.text.trim().replaceAll(/\s+/g, " ");
      if (text === "") continue;
      const item = element("li", "", `${this.#said(piece)}: `);
      item.append(element("code", this.colourOf(piece.account), text.length > SAID_CHARACTERS ? `${text.slice(0, SAID_CHARACTERS)}…` : text));
      list.append(item);
    }
    if (list.children.length === 0) list.append(element("li", "", "There is no text in this cell."));
    return list;
  }

  /** Returns who wrote a piece, when, and where it came from. */
  #said(piece: Piece): string {
    if (piece.account === "") return "Given with the task";
    const { name, moment } = this.#words;
    const when = piece.until - piece.since < 1000 ? moment(piece.since) : `${moment(piece.since)} to ${moment(piece.until)}`;
    const from = ORIGINS[piece.origin];
    return `${name(piece.account)}, ${when}${from === undefined ? "" : `, ${String(piece.text.length)} characters ${from}`}`;
  }

  #source(cell: Cell, place: number, cursors: [string, Cursor][]): HTMLElement {
    const source = element("pre", "assay-source");
    source.tabIndex = 0;
    source.setAttribute("role", "region");
    source.setAttribute("aria-label", `Source of cell ${String(place + 1)}`);
    let start = 0;
    for (const piece of cell.pieces) {
      const end = start + piece.text.length;
      const inside = cursors.filter(([, cursor]) => cursor.place > start && cursor.place < end).sort((a, b) => a[1].place - b[1].place);
      let from = start;
      for (const [account, cursor] of inside) {
        source.append(this.#run(piece, piece.text.slice(from - start, cursor.place - start)), this.#cursor(account));
        from = cursor.place;
      }
      source.append(this.#run(piece, piece.text.slice(from - start)));
      for (const [account] of cursors.filter(([, cursor]) => cursor.place === end)) source.append(this.#cursor(account));
      start = end;
    }
    return source;
  }

  #run(piece: Piece, text: string): HTMLElement {
    const run = element("span", this.colourOf(piece.account), text);
    run.title = this.#said(piece);
    if (piece.origin !== "") run.classList.add("assay-pasted");
    return run;
  }

  #cursor(account: string): HTMLElement {
    const cursor = element("span", `assay-replay-cursor ${this.colourOf(account)}`);
    cursor.setAttribute("aria-hidden", "true");
    // A whole name would hide the text above; colours and names stand together in the list of people.
    cursor.dataset.name = this.#words.name(account).slice(0, 1);
    return cursor;
  }
}
