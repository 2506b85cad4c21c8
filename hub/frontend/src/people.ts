/** Who is in the room, each with the colour of their cursor. */
import type { Person } from "./state";

/** Roles that are said besides the name: those that people would not guess from the talk. */
const ROLES: Readonly<Record<string, string>> = { observer: "observer", admin: "admin" };
const COLOUR = /^#[0-9a-f]{6}$/;

/** Shows the people; nothing is touched while nothing changes, so that a screen reader's place is kept. */
export function showPeople(list: HTMLElement, people: Person[], you: string): void {
  const key = JSON.stringify([people, you]);
  if (list.dataset.shown === key) return;
  list.dataset.shown = key;
  list.replaceChildren(...people.map((person) => item(person, person.account === you)));
}

function item(person: Person, isYou: boolean): HTMLElement {
  const entry = document.createElement("li");
  entry.className = person.here ? "assay-here" : "assay-away";
  if (COLOUR.test(person.colour)) entry.style.setProperty("--assay-person", person.colour);
  const dot = document.createElement("span");
  dot.className = "assay-dot";
  dot.ariaHidden = "true";
  const name = document.createElement("span");
  name.className = "assay-name";
  name.textContent = person.name;
  name.title = person.name;
  const words = document.createElement("span");
  words.className = "assay-quiet";
  const place = isYou ? "you" : person.here ? "here" : "not here";
  words.textContent = ROLES[person.role] === undefined ? place : `${ROLES[person.role] ?? ""}, ${place}`;
  entry.append(dot, name, " ", words);
  return entry;
}
