/**
 * Renders whatever a kernel made as untrusted, for everybody and for good.
 *
 * Jupyter trusts the outputs of the cells that a person ran. In an interview two people share one document and the
 * kernel belongs to one of them, so trust would let that one run script as the other. Everything that Lab draws from a
 * bundle of MIME types passes through the two methods of `RenderMimeRegistry` that are replaced here; cells, which
 * write their trust into the shared document, stop doing so.
 */
import { YNotebook } from "@jupyter/ydoc";
import { CodeCell, CellModel } from "@jupyterlab/cells";
import { RenderedSVG, RenderMimeRegistry, type IRenderMimeRegistry } from "@jupyterlab/rendermime";
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";

/** Types whose renderers execute what they are given. */
const EXECUTED = /^(text|application)\/javascript$|^application\/vnd\.vega/;
const SVG = "image/svg+xml";

export type MendFactory = (factory: IRenderMime.IRendererFactory) => IRenderMime.IRendererFactory;

function withTrust(model: IRenderMime.IMimeModel, trusted: boolean): IRenderMime.IMimeModel {
  return Object.create(model, { trusted: { value: trusted } }) as IRenderMime.IMimeModel;
}

/** An SVG as a picture: in an image element neither scripts nor requests of the SVG run, so it needs no trust. */
class Picture extends RenderedSVG {
  override render(model: IRenderMime.IMimeModel): Promise<void> {
    return super.render(withTrust(model, true));
  }
}

function withoutExecuted(factory: IRenderMime.IRendererFactory): IRenderMime.IRendererFactory {
  const mimeTypes = factory.mimeTypes.filter((type) => !EXECUTED.test(type));
  if (mimeTypes.includes(SVG)) {
    return { safe: true, mimeTypes, defaultRank: 80, createRenderer: (options) => new Picture(options) };
  }
  return mimeTypes.length === factory.mimeTypes.length
    ? factory
    : {
        safe: factory.safe,
        mimeTypes,
        defaultRank: factory.defaultRank ?? 100,
        createRenderer: (options) => factory.createRenderer(options),
      };
}

/** Passes each renderer factory, those that are already registered and those to come, through `mend`. */
function mendFactories(rendermime: IRenderMimeRegistry, mend: MendFactory): void {
  const prototype = RenderMimeRegistry.prototype;
  const { addFactory } = prototype;
  prototype.addFactory = function (factory, rank) {
    addFactory.call(this, mend(withoutExecuted(factory)), rank);
  };
  for (const type of rendermime.mimeTypes.slice()) {
    const factory = rendermime.getFactory(type);
    const rank = rendermime.getRank(type);
    if (factory !== undefined) {
      rendermime.removeMimeType(type);
      const { safe, defaultRank = 100 } = factory;
      const createRenderer = factory.createRenderer.bind(factory);
      rendermime.addFactory({ safe, defaultRank, mimeTypes: [type], createRenderer }, rank);
    }
  }
}

function renderUntrusted(): void {
  const prototype = RenderMimeRegistry.prototype;
  const { createRenderer, preferredMimeType } = prototype;
  prototype.preferredMimeType = function (bundle) {
    return preferredMimeType.call(this, bundle, "ensure");
  };
  prototype.createRenderer = function (mimeType) {
    const renderer = createRenderer.call(this, mimeType);
    const renderModel = renderer.renderModel.bind(renderer) as (...all: unknown[]) => Promise<void>;
    renderer.renderModel = (model, ...rest: unknown[]) => renderModel(withTrust(model, false), ...rest);
    return renderer;
  };
}

function forgetTrustOfCells(): void {
  Object.defineProperty(CellModel.prototype, "trusted", {
    configurable: true,
    get: () => false,
    set: () => undefined,
  });
  const { insertCells } = YNotebook.prototype;
  YNotebook.prototype.insertCells = function (index, cells) {
    for (const { metadata } of cells) {
      if (metadata !== undefined && "trusted" in metadata) {
        delete metadata.trusted;
      }
    }
    return insertCells.call(this, index, cells);
  };
}

/** A reply may ask the page of the person who ran the cell to type text into the notebook: not in that person's name. */
function refuseTypingByKernel(): void {
  const { execute } = CodeCell;
  const refusing: typeof execute = async (...all) => {
    const reply = await execute(...all);
    if (reply && reply.content.status === "ok" && reply.content.payload !== undefined) {
      reply.content.payload = reply.content.payload.filter((one) => one.source !== "set_next_input");
    }
    return reply;
  };
  (CodeCell as { execute: typeof execute }).execute = refusing;
}

/** Takes trust away from all that a kernel makes; `mend` sees every renderer factory. To be called before a document opens. */
export function trustNothing(rendermime: IRenderMimeRegistry, mend: MendFactory): void {
  forgetTrustOfCells();
  refuseTypingByKernel();
  renderUntrusted();
  mendFactories(rendermime, mend);
}
