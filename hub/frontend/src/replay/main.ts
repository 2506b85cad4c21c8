/** The script of the replay page. */
import { all } from "../page";
import { NotebookView } from "./notebook";
import { Player } from "./player";
import { SavedSource, ServiceSource, type Source } from "./source";

function source(root: HTMLElement): Source {
  const saved = document.querySelector("script[data-replay='saved']");
  return saved === null ? new ServiceSource(root.dataset.address ?? "") : new SavedSource(saved.textContent);
}

export function start(): void {
  const [root] = all(document, "[data-replay='player']", HTMLElement);
  if (root === undefined) return;
  const player = new Player(root, source(root), (shown, words) => new NotebookView(shown, words));
  void player.start();
}

start();
