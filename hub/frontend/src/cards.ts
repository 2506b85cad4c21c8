/** Scoring with the keyboard: a digit chooses the level of the criterion in which the focus is. */
import { all } from "./page";

/** Listens to digits in the levels of score cards; text fields keep theirs. */
export function startScoring(): void {
  document.addEventListener("keydown", (event) => {
    const { target } = event;
    if (!(target instanceof HTMLInputElement) || target.type !== "radio") return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const levels = target.closest<HTMLElement>("[data-assay-levels]");
    if (levels === null) return;
    const chosen = all(levels, "input[type=radio]", HTMLInputElement).find((one) => one.value === event.key);
    if (chosen === undefined) return;
    event.preventDefault();
    chosen.focus();
    chosen.click();
  });
}
