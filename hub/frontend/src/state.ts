/** The messages that tell a room how it stands, checked as they come in. */

export type WorkspaceStatus = "stopped" | "starting" | "ready" | "reconnecting" | "failed";

export interface Person {
  account: string;
  name: string;
  role: string;
  colour: string;
  here: boolean;
}

/** One question; its statement is HTML that the service made safe. */
export interface Question {
  id: string;
  title: string;
  notebook: string;
  statement: string;
}

/** What the service tells everybody in a room; seconds are the server's. */
export interface RoomState {
  state: string;
  elapsed_seconds: number;
  duration_seconds: number;
  running: boolean;
  people: Person[];
  workspace: { status: WorkspaceStatus; message: string };
  recording: { events: number; gaps: number };
  /** All of them, whenever they are not the ones that this page was told before. */
  questions?: Question[];
  you: string;
}

export type Message = { type: "gone" } | ({ type: "state" } & RoomState);

/** Reads one message; `null` for anything that is none. */
export function parse(text: string): Message | null {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof read !== "object" || read === null || !("type" in read)) return null;
  if (read.type === "gone") return { type: "gone" };
  return read.type === "state" && isWhole(read) ? (read as Message) : null;
}

function isWhole(read: object): boolean {
  return (
    "people" in read &&
    Array.isArray(read.people) &&
    "workspace" in read &&
    "recording" in read &&
    "elapsed_seconds" in read &&
    typeof read.elapsed_seconds === "number" &&
    "duration_seconds" in read &&
    typeof read.duration_seconds === "number"
  );
}
