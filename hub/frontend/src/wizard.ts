/** The conveniences of the steps in which interviews are made; without script every one of them works by buttons. */
import { Keeper } from "./keeper";
import { all } from "./page";

/** Begins to help on the pages of the wizard; does nothing on others. */
export function startWizard(): void {
  new Keeper().start();
  afterEverySwap(() => {
    offerZone();
    for (const field of all(document, "[data-wizard-filter]", HTMLElement)) field.hidden = false;
    for (const item of all(document, ".assay-order > li", HTMLElement)) item.draggable = true;
  });
  document.addEventListener("input", onInput);
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
  document.addEventListener("submit", sendOnce);
  document.addEventListener("htmx:configRequest", keepFilters);
  document.addEventListener("htmx:beforeSwap", showProblems);
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target instanceof Element && event.target.id === "preview") readPreview();
  });
  startDragging();
  focusWhatTheAddressNames();
}

function afterEverySwap(work: () => void): void {
  work();
  document.addEventListener("htmx:afterSettle", work);
}

/** Chooses the browser's own time zone in a new form, once. */
function offerZone(): void {
  const field = document.querySelector("[data-wizard-zone]");
  if (!(field instanceof HTMLSelectElement)) return;
  delete field.dataset.wizardZone;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (field.value === zone || ![...field.options].some((option) => option.value === zone)) return;
  field.value = zone;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function onInput(event: Event): void {
  const field = event.target;
  if (!(field instanceof HTMLInputElement)) return;
  if (field.dataset.wizardTags !== undefined) suggestTags(field);
  if (field.closest("[data-wizard-filter]") !== null) filterPeople(field.value);
}

/** Suggests a tag for the place where one is typed: browsers match a suggestion with the whole field. */
function suggestTags(field: HTMLInputElement): void {
  const before = field.value.slice(0, field.value.lastIndexOf(",") + 1);
  for (const option of field.list?.options ?? []) {
    option.dataset.tag ??= option.value;
    option.value = before === "" ? option.dataset.tag : `${before} ${option.dataset.tag}`;
  }
}

function filterPeople(text: string): void {
  const wanted = text.trim().toLowerCase();
  for (const row of all(document, ".assay-people-list tbody tr", HTMLTableRowElement)) {
    row.hidden = !(row.cells[0]?.textContent.toLowerCase() ?? "").includes(wanted);
  }
}

function onClick(event: MouseEvent): void {
  const clicked = event.target;
  if (!(clicked instanceof Element)) return;
  if (clicked.closest("button[aria-disabled=true]") !== null) event.preventDefault();
  if (clicked.closest("[data-wizard-close]") !== null && closePreview()) event.preventDefault();
}

function onKey(event: KeyboardEvent): void {
  if (event.key === "Escape" && !event.defaultPrevented) closePreview();
}

function readPreview(): void {
  document.getElementById("preview-heading")?.focus();
}

/** Closes the preview and goes back to what opened it. */
function closePreview(): boolean {
  const preview = document.querySelector<HTMLElement>("[data-wizard-preview]");
  if (preview === null) return false;
  const opener = document.getElementById(preview.dataset.wizardPreview ?? "");
  preview.remove();
  (opener ?? document.getElementById("library-heading"))?.focus();
  return true;
}

/** Lets a form that makes something be sent once, however often its button is pressed. */
function sendOnce(event: SubmitEvent): void {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.dataset.wizardOnce === undefined) return;
  if (form.dataset.wizardOnce === "sent") event.preventDefault();
  form.dataset.wizardOnce = "sent";
  addEventListener("pageshow", () => (form.dataset.wizardOnce = ""), { once: true });
}

/** Sends a change of the list to the address as it is now, since the filters in it may have changed. */
function keepFilters(event: Event): void {
  const { detail } = event as CustomEvent<{ verb: string; path: string }>;
  if (detail.verb !== "post" || !detail.path.split("?")[0]?.endsWith("/questions")) return;
  detail.path = location.pathname + location.search;
}

/** Shows the page of a problem in place of this one; it may hold what was sent, to be sent again. */
function showProblems(event: Event): void {
  const { detail } = event as CustomEvent<Record<string, unknown> & { xhr: XMLHttpRequest }>;
  if (detail.xhr.status < 400) return;
  if (!detail.xhr.responseText.includes('id="content"')) {
    const said = document.getElementById("said");
    if (said !== null) said.textContent = "That did not work. Nothing was changed; try again.";
    return;
  }
  Object.assign(detail, {
    shouldSwap: true,
    isError: false,
    target: document.getElementById("content"),
    selectOverride: "#content",
    swapOverride: "outerHTML",
  });
}

function startDragging(): void {
  let dragged: HTMLElement | null = null;
  const itemAt = (event: Event): HTMLElement | null =>
    event.target instanceof Element ? event.target.closest<HTMLElement>(".assay-order > li") : null;
  document.addEventListener("dragstart", (event) => {
    dragged = itemAt(event);
    if (dragged === null || event.dataTransfer === null) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
    dragged.classList.add("assay-dragged");
  });
  document.addEventListener("dragover", (event) => {
    const over = itemAt(event);
    if (dragged === null || over === null) return;
    event.preventDefault();
    if (over === dragged) return;
    const box = over.getBoundingClientRect();
    over[event.clientY < box.top + box.height / 2 ? "before" : "after"](dragged);
  });
  document.addEventListener("drop", (event) => {
    if (dragged !== null) event.preventDefault();
  });
  document.addEventListener("dragend", () => {
    dragged?.classList.remove("assay-dragged");
    const form = dragged?.closest("form");
    dragged = null;
    form?.querySelector<HTMLButtonElement>("[data-wizard-reorder]")?.click();
  });
}

function focusWhatTheAddressNames(): void {
  const named = document.getElementById(location.hash.slice(1));
  if (named?.matches("input, select, textarea") === true) named.focus();
}
