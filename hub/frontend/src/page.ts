/** Finds the pieces of a page; a missing one is a fault of the template and says so. */

export function all<T extends Element>(root: ParentNode, selector: string, kind: abstract new () => T): T[] {
  return [...root.querySelectorAll(selector)].filter((found): found is T => found instanceof kind);
}

export function maybe<T extends Element>(name: string, kind: abstract new () => T): T | null {
  const found = document.querySelector(`[data-room="${name}"]`);
  return found instanceof kind ? found : null;
}

export function piece<T extends Element>(name: string, kind: abstract new () => T): T {
  const found = maybe(name, kind);
  if (found === null) throw new Error(`The page has no ${kind.name} called ${name}.`);
  return found;
}

/** Sets a text only when it changes, so that a live region speaks once. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function show(element: HTMLElement, visible: boolean): void {
  if (element.hidden === visible) element.hidden = !visible;
}
