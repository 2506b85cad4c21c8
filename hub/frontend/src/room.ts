/** The script of the room page. */
import { Add } from "./add";
import { beside, face, Milestones, ServerClock } from "./clock";
import { startDisclosures } from "./disclosures";
import { Finish } from "./finish";
import { WorkspaceFrame } from "./frame";
import { Live, type Loss } from "./live";
import { Log } from "./log";
import { Notes, type NoteState } from "./notes";
import { maybe, piece, say, show } from "./page";
import { Panel } from "./panel";
import { showPeople } from "./people";
import { post } from "./post";
import { Presence } from "./presence";
import type { Question, RoomState } from "./state";

const NOTE_WORDS: Record<NoteState, string> = {
  saved: "Saved",
  saving: "Saving …",
  waiting: "Not saved yet",
  failed: "Not saved; trying again.",
};

const LOSS_WORDS: Record<Loss, [string, string]> = {
  "no-access": [
    "You no longer have access to this interview.",
    "What was typed is kept. If this is a surprise, ask the person who invited you.",
  ],
  "signed-out": ["You are signed out.", "What was typed is kept. Reload this page, or open your link again."],
};

const isOpen = ({ state }: RoomState): boolean => state === "created" || state === "live";

class Room {
  readonly #root = piece("room", HTMLElement);
  readonly #clock = new ServerClock();
  readonly #milestones = new Milestones();
  readonly #panel: Panel;
  readonly #frame: WorkspaceFrame;
  readonly #notes: Notes | null;
  readonly #finish: Finish | null;
  readonly #add = Add.find();
  readonly #log = Log.find();
  readonly #presence: Presence | null;
  readonly #live: Live;
  #over = false;
  #role: string | undefined;
  #leaving = false;

  constructor() {
    this.#panel = new Panel(this.#from("interview"), {
      chosen: (notebook) => {
        this.#frame.open(notebook);
      },
      toNotebook: () => {
        this.#frame.focus();
      },
    });
    this.#frame = new WorkspaceFrame(this.#panel.firstNotebook, () => {
      this.#panel.takeBack();
    });
    this.#notes = this.#makeNotes();
    const finish = maybe("finish", HTMLFormElement); // observers have none
    this.#finish = finish && new Finish(finish, this.#from("after"), () => this.#flush());
    this.#live = new Live(this.#from("live"), this.#from("after"), {
      state: (state) => {
        this.#show(state);
      },
      connection: (connected) => {
        this.#connection(connected);
      },
      opened: () => {
        this.#presence?.connected();
      },
      lost: (why) => {
        this.#lose(why);
      },
    });
    const observed = this.#root.dataset.observed; // only the candidate's page has it
    this.#presence =
      observed === undefined ? null : new Presence(new Set(observed.split(" ")), (word) => this.#live.say(word));
  }

  start(): void {
    this.#frame.start();
    this.#panel.start();
    this.#notes?.start();
    this.#finish?.start();
    this.#add?.start();
    this.#log?.start();
    this.#presence?.start();
    this.#startRestart();
    startDisclosures();
    setInterval(() => {
      this.#tick();
    }, 500);
    this.#live.start();
  }

  #from(name: string): string {
    return this.#root.dataset[name] ?? "";
  }

  async #flush(): Promise<void> {
    await this.#notes?.flush();
  }

  #makeNotes(): Notes | null {
    const field = maybe("notes", HTMLTextAreaElement);
    if (field === null) return null;
    const state = piece("notes-state", HTMLElement);
    return new Notes(field, this.#from("notes"), this.#from("csrf"), (now, why) => {
      say(state, why === "" ? NOTE_WORDS[now] : `${NOTE_WORDS[now]} ${why}`);
      state.classList.toggle("assay-trouble", now === "failed");
    });
  }

  /** Starting again leaves the page as it is; the room follows the state anyway. */
  #startRestart(): void {
    const form = maybe("restart", HTMLFormElement);
    form?.addEventListener("submit", (event) => {
      event.preventDefault();
      void post(form.action, {}, this.#from("csrf")).then((answer) => {
        if (!answer.ok) this.#announce(answer.why);
      });
    });
  }

  #show(state: RoomState): void {
    this.#leaving ||= this.#isAnotherPage(state);
    if (this.#leaving) {
      void this.#flush().then(() => {
        location.reload();
      });
      return;
    }
    this.#clock.update(state, performance.now());
    this.#tick();
    showPeople(piece("people", HTMLElement), state.people, state.you);
    this.#showRecording(state.recording);
    if (state.questions !== undefined) this.#showQuestions(state.questions);
    if (isOpen(state)) this.#frame.follow(state.workspace);
    else this.#end();
  }

  /** Whether the page has to be made anew: this person became something else, or the interview was reopened. */
  #isAnotherPage(state: RoomState): boolean {
    const role = state.people.find(({ account }) => account === state.you)?.role;
    this.#role ??= role;
    // Whoever is on the list no more is told so by the connection; made anew, the page could only say that there is none.
    return (role !== undefined && role !== this.#role) || (this.#over && isOpen(state));
  }

  #showQuestions(questions: readonly Question[]): void {
    const added = this.#panel.follow(questions);
    this.#add?.follow(questions);
    say(piece("titles", HTMLElement), questions.map(({ title }) => title).join(" · "));
    if (added.length > 0) this.#announce(`A question was added: ${added.join(", ")}.`);
  }

  #showRecording({ events, gaps }: RoomState["recording"]): void {
    const counted = `· ${String(events)} event${events === 1 ? "" : "s"}`;
    const holes = gaps === 1 ? "1 gap" : `${String(gaps)} gaps`;
    say(piece("recorded", HTMLElement), gaps > 0 ? `${counted}, ${holes}` : counted);
    const words = `The recording is not whole: it has ${holes}, where the service could not see the notebook.`;
    say(piece("gaps", HTMLElement), gaps > 0 ? words : "No gap was noticed in this recording.");
  }

  #tick(): void {
    const elapsed = this.#clock.elapsed(performance.now());
    if (elapsed === null) return;
    const { duration, running } = this.#clock;
    say(piece("clock", HTMLElement), face(elapsed));
    say(piece("clock-of", HTMLElement), beside(elapsed, duration, running));
    const words = this.#milestones.passed(elapsed, duration);
    if (words !== "") this.#announce(words);
  }

  #connection(connected: boolean): void {
    const place = piece("connection", HTMLElement);
    say(place, connected ? "Connected" : "Connection lost; trying again. Nothing is lost.");
    place.classList.toggle("assay-trouble", !connected);
  }

  /** A candidate goes on to the receipt; an interviewer may still be writing notes and is told instead. */
  #end(): void {
    if (this.#over || this.#finish?.busy === true) return;
    this.#over = true;
    if (this.#from("role") === "candidate") {
      location.assign(this.#from("after"));
      return;
    }
    show(piece("over", HTMLElement), true);
    this.#frame.refresh();
    this.#announce("This interview is over.");
  }

  #lose(why: Loss): void {
    this.#frame.remove();
    this.#finish?.disable();
    const [title, detail] = LOSS_WORDS[why];
    const heading = document.createElement("h2");
    heading.textContent = title;
    const words = document.createElement("p");
    words.textContent = detail;
    const place = piece("no-access", HTMLElement);
    place.replaceChildren(heading, words);
    show(place, true);
    if (document.activeElement === document.body) place.focus();
    say(piece("connection", HTMLElement), "Not connected");
  }

  #announce(words: string): void {
    piece("announce", HTMLElement).textContent = words;
  }
}

new Room().start();
