/** The small disclosures of the status bar and the header close as people expect: by Escape, and when something else is used. */
import { all } from "./page";

export function startDisclosures(): void {
  for (const details of all(document, ".assay-status details, .assay-aside", HTMLDetailsElement)) {
    details.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !details.open) return;
      details.open = false;
      details.querySelector("summary")?.focus();
    });
    details.addEventListener("focusout", (event) => {
      const next = event.relatedTarget;
      if (next instanceof Node && !details.contains(next)) details.open = false;
    });
  }
}
