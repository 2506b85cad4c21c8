/** Swallows clicks that would act as the person who clicks: links that are script, and buttons that carry a command. */

const LINKS = "a, area";

function isScript(link: Element): boolean {
  const address = link.getAttribute("href") ?? link.getAttributeNS("http://www.w3.org/1999/xlink", "href") ?? "";
  try {
    return new URL(address, document.baseURI).protocol === "javascript:";
  } catch {
    return false;
  }
}

/**
 * Watches every click of the page before anybody else does. Lab itself places no element with a command linker, so
 * whatever has one came from a document or a kernel. Formulas can carry links past the sanitizer (`\href`).
 */
export function guardClicks(): void {
  const guard = (event: MouseEvent): void => {
    const target = event.target instanceof Element ? event.target : null;
    const link = target?.closest(LINKS);
    const carriesCommand = target?.closest("[data-commandlinker-command]") != null;
    if (carriesCommand || (link != null && isScript(link))) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  };
  window.addEventListener("click", guard, { capture: true });
  window.addEventListener("auxclick", guard, { capture: true });
}
