/** The small conveniences of lists: choose all rows at once, and load the page anew when a part of it does not come. */
import { all } from "./page";

/** Keeps a box that chooses all rows and the boxes of the rows in step; without script the server does it. */
export function startChoosing(): void {
  document.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLInputElement) || target.form === null) return;
    const whole = target.form.querySelector<HTMLInputElement>("[data-assay-all]");
    if (whole === null) return;
    const rows = all(target.form, `[name="${whole.dataset.assayAll ?? ""}"]`, HTMLInputElement);
    if (target === whole) for (const row of rows) row.checked = whole.checked;
    const chosen = rows.filter((row) => row.checked).length;
    whole.checked = chosen === rows.length;
    whole.indeterminate = chosen > 0 && !whole.checked;
  });
}

/** When a search cannot be shown in its place, because the session is over or the server gone, asks for the page. */
export function startFallingBack(): void {
  for (const failure of ["htmx:sendError", "htmx:responseError"]) {
    document.addEventListener(failure, ({ target }) => {
      if (!(target instanceof HTMLFormElement) || target.method !== "get") return;
      const entered = new URLSearchParams();
      for (const [name, value] of new FormData(target)) if (typeof value === "string") entered.append(name, value);
      location.assign(`${target.action}?${entered.toString()}`);
    });
  }
}
