/** Grading by hand with the keyboard: single keys, which can be turned off, while no field is being filled in. */
import { all } from "./page";

const KEPT = "assay-single-keys";

/** Listens to keys on a page that says it wants that. */
export function startMarking(): void {
  const page = document.querySelector<HTMLElement>("[data-assay-keys]");
  if (page === null) return;
  startSwitch(page);
  let here: HTMLElement | null = null;
  page.addEventListener("focusin", ({ target }) => {
    here = (target as HTMLElement).closest<HTMLElement>("[data-assay-cell]") ?? here;
  });
  document.addEventListener("keydown", (event) => {
    const form = page.querySelector<HTMLFormElement>("[data-assay-marking]");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && form !== null) {
      event.preventDefault();
      form.requestSubmit(form.querySelector<HTMLButtonElement>("[data-assay-submit]"));
      return;
    }
    if (isField(event.target)) {
      if (event.key === "Escape") (event.target as HTMLElement).blur();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || localStorage.getItem(KEPT) === "off") return;
    const cells = all(page, "[data-assay-cell]", HTMLElement);
    const cell = here ?? cells[0] ?? null;
    if (press(page, cell, cells, event.key)) event.preventDefault();
  });
}

/** Does what a key means; returns whether it means anything. */
function press(page: HTMLElement, cell: HTMLElement | null, cells: HTMLElement[], key: string): boolean {
  const named = all(page, "[data-assay-key]", HTMLElement).find((one) => one.dataset.assayKey === key);
  if (named !== undefined) {
    named.click();
    return true;
  }
  if (cell === null) return false;
  const points = cell.querySelector<HTMLInputElement>("[data-assay-points]");
  const item = all(cell, "[data-assay-item]", HTMLInputElement).find((one) => one.dataset.assayItem === key);
  if (item !== undefined) {
    item.click();
    item.focus();
  } else if (key === "n") {
    const next = cell.contains(document.activeElement) ? cells[(cells.indexOf(cell) + 1) % cells.length] : cell;
    next?.querySelector<HTMLInputElement>("[data-assay-points]")?.focus();
  } else if (key === "c") {
    cell.querySelector<HTMLTextAreaElement>("[data-assay-comment]")?.focus();
  } else if ((key === "f" || key === "0") && points !== null) {
    points.value = key === "f" ? (points.dataset.assayPoints ?? "") : "0";
    points.dispatchEvent(new Event("change", { bubbles: true }));
  } else {
    return false;
  }
  return true;
}

function isField(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return target.type !== "checkbox";
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

function startSwitch(page: HTMLElement): void {
  const button = page.querySelector<HTMLButtonElement>("[data-assay-keys-switch]");
  if (button === null) return;
  const show = (): void => {
    button.textContent = localStorage.getItem(KEPT) === "off" ? "Turn single keys on" : "Turn single keys off";
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    localStorage.setItem(KEPT, localStorage.getItem(KEPT) === "off" ? "on" : "off");
    show();
  });
  show();
}
