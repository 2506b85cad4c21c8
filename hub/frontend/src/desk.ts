/** The small conveniences of the interviewer's pages: copy a link, show a result when it is there. */
import { all } from "./page";

const LOOK_MS = 2500;

/** Gives copy buttons their work; without script the field can still be copied by hand. */
export function startCopying(): void {
  for (const button of all(document, "[data-assay-copy]", HTMLButtonElement)) {
    const field = document.getElementById(button.dataset.assayCopy ?? "");
    if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) continue;
    button.hidden = false;
    field.addEventListener("focus", () => {
      field.select();
    });
    button.addEventListener("click", () => void copy(field));
  }
}

async function copy(field: HTMLInputElement | HTMLTextAreaElement): Promise<void> {
  field.select();
  const words = await navigator.clipboard.writeText(field.value).then(
    () => "Copied.",
    () => "The browser did not allow copying. It is selected: press Ctrl+C.",
  );
  for (const place of document.querySelectorAll("[data-assay-copied]")) place.textContent = words;
}

/** Looks whether grading has come further, and shows the page anew only then. */
export function startWaiting(): void {
  const shown = document.querySelector<HTMLElement>("[data-assay-progress]");
  if (shown === null) return;
  const look = async (): Promise<void> => {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const progress = fresh.querySelector<HTMLElement>("[data-assay-progress]")?.dataset.assayProgress;
    if (answer.ok && progress !== shown.dataset.assayProgress) location.reload();
  };
  const again = (): void => {
    setTimeout(() => {
      look().then(again, again);
    }, LOOK_MS);
  };
  again();
}
