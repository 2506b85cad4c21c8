/** The controls of a replay: play, speed, the timeline's slider, markers, people, documents and keys. */
import { all, say, show } from "../page";
import type { NotebookView, Words } from "./notebook";
import { Position } from "./position";
import type { Source } from "./source";
import type { Index, Marker } from "./timeline";

const IDLE_MS = 3000;
const LEAD_MS = 800;
const FOLLOW_MS = 3000;

/** Returns minutes and seconds, with hours when there are some. */
export function clock(at: number): string {
  const seconds = Math.floor(at / 1000);
  const pair = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const rest = `${pair(Math.floor(seconds / 60) % 60)}:${pair(seconds % 60)}`;
  return hours > 0 ? `${String(hours)}:${rest}` : rest;
}

export class Player {
  readonly #root: HTMLElement;
  readonly #source: Source;
  readonly #view: NotebookView;
  #position: Position | null = null;
  #path = "";
  #playing = false;
  #last = 0;
  #busy = false;
  #following = false;

  constructor(root: HTMLElement, source: Source, view: (shown: HTMLElement, words: Words) => NotebookView) {
    this.#root = root;
    this.#source = source;
    this.#view = view(this.#part("notebook", HTMLElement), {
      name: (account) => this.#position?.index.names[account] ?? account,
      moment: clock,
      jump: (cell, way) => {
        void this.#act(async (position) => {
          if (!(await position.stepOf(cell, way))) this.#tell("No further change of this cell.");
        });
      },
    });
  }

  async start(): Promise<void> {
    try {
      this.#position = new Position(this.#source, await this.#source.index());
    } catch (error) {
      this.#tell(error instanceof Error ? error.message : "The recording cannot be read.");
      return;
    }
    this.#listen();
    const asked = Number(new URLSearchParams(location.search).get("t") ?? location.hash.replace("#t=", ""));
    this.#showIndex(this.#position.index);
    await this.#act((position) => position.seek(Number.isFinite(asked) && asked > 0 ? asked : 0));
    show(this.#part("controls", HTMLElement), true);
    if (this.#position.index.running) setInterval(() => void this.#follow(), FOLLOW_MS);
  }

  #part<T extends Element>(name: string, kind: abstract new () => T): T {
    const [found] = all(this.#root, `[data-replay='${name}']`, kind);
    if (found === undefined) throw new Error(`The page has no ${name}.`);
    return found;
  }

  #listen(): void {
    const click = (name: string, act: () => void): void => {
      this.#part(name, HTMLButtonElement).addEventListener("click", act);
    };
    click("play", () => {
      this.#toggle();
    });
    click("back", () => void this.#act((position) => position.step(-1)));
    click("forward", () => void this.#act((position) => position.step(1)));
    click("marker-before", () => void this.#toMarker(-1));
    click("marker-after", () => void this.#toMarker(1));
    const slider = this.#part("slider", HTMLInputElement);
    slider.addEventListener("input", () => void this.#act((position) => position.seek(slider.valueAsNumber)));
    this.#part("document", HTMLSelectElement).addEventListener("change", (event) => {
      if (event.target instanceof HTMLSelectElement) this.#path = event.target.value;
      this.#draw();
    });
    this.#part("markers", HTMLElement).addEventListener("click", (event) => {
      const at = event.target instanceof HTMLElement ? event.target.dataset.at : undefined;
      if (at !== undefined) void this.#act((position) => position.seek(Number(at)));
    });
    document.addEventListener("keydown", (event) => {
      this.#key(event);
    });
  }

  #key(event: KeyboardEvent): void {
    const { target } = event;
    const elsewhere = target instanceof HTMLElement && target.closest("input, select, textarea, button, a, summary") !== null;
    if (elsewhere || event.ctrlKey || event.metaKey || event.altKey) return;
    const way = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const acts: Record<string, () => void> = {
      " ": () => {
        this.#toggle();
      },
      Home: () => void this.#act((position) => position.seek(0)),
      End: () => void this.#act((position) => position.seek(position.end)),
      "+": () => {
        this.#faster(1);
      },
      "-": () => {
        this.#faster(-1);
      },
    };
    const act = acts[event.key];
    if (way !== 0) void (event.shiftKey ? this.#toMarker(way) : this.#act((position) => position.step(way)));
    else if (act === undefined) return;
    else act();
    event.preventDefault();
  }

  #faster(way: 1 | -1): void {
    const speed = this.#part("speed", HTMLSelectElement);
    speed.selectedIndex = Math.max(0, Math.min(speed.options.length - 1, speed.selectedIndex + way));
    this.#tell(`Speed ${speed.value} times`);
  }

  /** Does one thing after the other: a key that is held down must not overtake itself. */
  async #act(act: (position: Position) => Promise<void> | void): Promise<void> {
    if (this.#position === null || this.#busy) return;
    this.#busy = true;
    try {
      await act(this.#position);
    } catch (error) {
      this.#stop();
      this.#tell(error instanceof Error ? error.message : "The recording cannot be read.");
    } finally {
      this.#busy = false;
    }
    this.#draw();
  }

  #toggle(): void {
    if (this.#playing) {
      this.#stop();
      return;
    }
    this.#playing = true;
    this.#following = false;
    this.#last = performance.now();
    say(this.#part("play", HTMLButtonElement), "Pause");
    const again = this.#position !== null && this.#position.at >= this.#position.end;
    void this.#act((position) => (again ? position.seek(0) : undefined)).then(() => requestAnimationFrame((now) => void this.#tick(now)));
  }

  #stop(): void {
    this.#playing = false;
    say(this.#part("play", HTMLButtonElement), "Play");
  }

  async #tick(now: number): Promise<void> {
    if (!this.#playing) return;
    const passed = (now - this.#last) * Number(this.#part("speed", HTMLSelectElement).value);
    this.#last = now;
    await this.#act(async (position) => {
      const { next } = position;
      const idle = next !== null && next - position.at > IDLE_MS && this.#part("skip", HTMLInputElement).checked;
      await position.play(idle ? next - LEAD_MS : position.at + Math.max(0, passed));
    });
    if (this.#position === null || this.#position.at >= this.#position.end) this.#stop();
    else requestAnimationFrame((then) => void this.#tick(then));
  }

  async #toMarker(way: 1 | -1): Promise<void> {
    await this.#act(async (position) => {
      const { markers } = position.index;
      const found = way === 1 ? markers.find(({ at }) => at > position.at) : markers.findLast(({ at }) => at < position.at);
      if (found === undefined) this.#tell(way === 1 ? "No later moment." : "No earlier moment.");
      else {
        await position.seek(found.at);
        this.#tell(this.#wordsOf(found));
      }
    });
  }

  async #follow(): Promise<void> {
    const position = this.#position;
    if (position === null || this.#busy || document.hidden) return;
    const atEnd = position.at >= position.end && !this.#playing;
    const index = await this.#source.index().catch(() => null);
    if (index === null) return;
    this.#following = atEnd;
    await this.#act(async () => {
      await position.grow(index);
      if (atEnd) await position.seek(position.end);
    });
    this.#showIndex(index);
  }

  #wordsOf({ account, words }: Marker): string {
    const name = account === "" ? "" : `${this.#position?.index.names[account] ?? account}: `;
    return `${name}${words}`;
  }

  #showIndex(index: Index): void {
    const list = this.#part("markers", HTMLElement);
    const fresh = index.markers.slice(list.children.length).map((marker) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-link btn-sm";
      button.dataset.at = String(marker.at);
      button.textContent = `${clock(marker.at)} ${this.#wordsOf(marker)}`;
      const item = document.createElement("li");
      item.append(button);
      return item;
    });
    list.append(...fresh);
    show(this.#part("no-markers", HTMLElement), index.markers.length === 0);
  }

  #draw(): void {
    const position = this.#position;
    if (position === null) return;
    const slider = this.#part("slider", HTMLInputElement);
    slider.max = String(position.end);
    slider.value = String(position.at);
    const time = `${clock(position.at)} of ${clock(position.end)}${this.#following ? ", following" : ""}`;
    slider.setAttribute("aria-valuetext", time);
    say(this.#part("time", HTMLElement), time);
    this.#showDocuments([...position.frame.documents.keys()].sort());
    this.#view.draw(position.frame, this.#path);
    this.#showPeople(Object.entries(position.index.names));
    if (!this.#playing) this.#keepAddress(position.at);
  }

  #keepAddress(at: number): void {
    if (location.protocol === "file:") return;
    const address = new URL(location.href);
    address.searchParams.set("t", String(at));
    history.replaceState(null, "", address);
  }

  #showDocuments(paths: string[]): void {
    const select = this.#part("document", HTMLSelectElement);
    if (!paths.includes(this.#path)) this.#path = paths[0] ?? "";
    if ([...select.options].map(({ value }) => value).join("\n") !== paths.join("\n")) {
      select.replaceChildren(...paths.map((path) => new Option(path, path)));
    }
    select.value = this.#path;
  }

  #showPeople(names: [string, string][]): void {
    const list = this.#part("people", HTMLElement);
    if (list.children.length === names.length) return;
    list.replaceChildren(
      ...names.map(([account, name]) => {
        const item = document.createElement("li");
        const mark = document.createElement("span");
        mark.className = this.#view.colourOf(account);
        mark.textContent = name;
        item.append(mark);
        return item;
      }),
    );
  }

  #tell(words: string): void {
    say(this.#part("said", HTMLElement), words);
  }
}
