/** Who is in the room, each with the colour of their cursor. */
import type { Person } from "./state";

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
  words.textContent = isYou ? "you" : person.here ? "here" : "not here";
  entry.append(dot, name, " ", words);
  return entry;
}
