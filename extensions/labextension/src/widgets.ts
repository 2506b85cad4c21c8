/** Lets ipywidgets show for the second person as well, and keeps script out of the HTML that they carry. */
import type { DocumentRegistry } from "@jupyterlab/docregistry";
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";

const VIEW = "application/vnd.jupyter.widget-view+json";
const LOOKS_EVERY_MS = 100;
const ASKS_KERNEL_AFTER_LOOKS = 10;
const ASKS_KERNEL_EVERY_LOOKS = 50;
const GIVES_UP_AFTER_LOOKS = 600;

/** What is used of the widget manager of `@jupyter-widgets/jupyterlab-manager`. */
interface WidgetModels {
  has_model(id: string): boolean;
  restoreWidgets(model?: DocumentRegistry.IModel, from?: { loadKernel: boolean; loadNotebook: boolean }): Promise<void>;
  readonly context?: DocumentRegistry.Context;
}

/** What is used of that package's renderer, which holds its widget manager as a promise. */
interface WidgetRenderer extends IRenderMime.IRenderer {
  readonly _manager?: { readonly promise: Promise<WidgetModels> } | null;
}

/**
 * Waits until the model of a view is there. The output arrives through the shared document, the model through the
 * socket of the kernel: at the second person the view is often first, and the stock renderer gives up after 2 s.
 */
async function modelArrives(renderer: WidgetRenderer, id: string): Promise<void> {
  const models = await renderer._manager?.promise;
  for (let looks = 1; looks < GIVES_UP_AFTER_LOOKS; looks += 1) {
    if (models === undefined || renderer.isDisposed || models.has_model(id)) {
      return;
    }
    if (looks % ASKS_KERNEL_EVERY_LOOKS === ASKS_KERNEL_AFTER_LOOKS) {
      await models.restoreWidgets(models.context?.model, { loadKernel: true, loadNotebook: false });
    }
    await new Promise((resolve) => setTimeout(resolve, LOOKS_EVERY_MS));
  }
}

function waiting(renderer: WidgetRenderer): WidgetRenderer {
  const renderModel = renderer.renderModel.bind(renderer);
  renderer.renderModel = async (model) => {
    const id = (model.data[VIEW] as { model_id?: unknown } | undefined)?.model_id;
    if (typeof id === "string" && id !== "") {
      renderer.node.textContent = "Loading widget …";
      await modelArrives(renderer, id);
    }
    if (!renderer.isDisposed) {
      await renderModel(model);
    }
  };
  return renderer;
}

/** Replaces the factory of widget views by one that needs no trust and waits for its model; others stay as they are. */
export function showWidgets(factory: IRenderMime.IRendererFactory): IRenderMime.IRendererFactory {
  if (!factory.mimeTypes.includes(VIEW)) {
    return factory;
  }
  return {
    safe: true,
    mimeTypes: factory.mimeTypes,
    defaultRank: factory.defaultRank ?? 100,
    createRenderer: (options) => waiting(factory.createRenderer(options)),
  };
}

/** Drops the factory of widget views: for a page in which widgets could not be made harmless. */
export function hideWidgets(factory: IRenderMime.IRendererFactory): IRenderMime.IRendererFactory {
  return factory.mimeTypes.includes(VIEW)
    ? { ...factory, mimeTypes: factory.mimeTypes.filter((type) => type !== VIEW) }
    : factory;
}

/**
 * Passes all HTML of widgets through Lab's sanitizer: the HTML widgets, which set it as it comes, and descriptions,
 * whose own sanitizer puts formulas back into attributes unescaped.
 *
 * @throws whatever the module loader throws when the page has no ipywidgets
 */
export async function sanitizeWidgets(sanitizer: IRenderMime.ISanitizer): Promise<void> {
  const [{ HTMLView, HTMLMathView }, { ManagerBase }] = await Promise.all([
    import("@jupyter-widgets/controls"),
    import("@jupyter-widgets/base-manager"),
  ]);
  const stringView = Object.getPrototypeOf(HTMLView.prototype) as { update(): void };
  const { inline_sanitize: inlineSanitize } = ManagerBase.prototype;
  HTMLView.prototype.update = function () {
    this.content.innerHTML = sanitizer.sanitize(String(this.model.get("value")));
    stringView.update.call(this);
  };
  HTMLMathView.prototype.update = function () {
    this.content.innerHTML = sanitizer.sanitize(String(this.model.get("value")));
    this.typeset(this.content);
    stringView.update.call(this);
  };
  ManagerBase.prototype.inline_sanitize = function (text) {
    return sanitizer.sanitize(inlineSanitize.call(this, text));
  };
}
