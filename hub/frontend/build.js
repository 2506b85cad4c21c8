/** Bundles what the service's pages load into the folder from which the service serves it. */
import { build } from "esbuild";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const outdir = here("../assay_hub/web/static/dist");

await rm(outdir, { recursive: true, force: true });
await build({
  entryPoints: [
    { in: here("src/room.ts"), out: "room" },
    { in: here("src/pages.ts"), out: "desk" },
    { in: here("src/replay/main.ts"), out: "replay" },
    { in: here("src/assay.css"), out: "assay" },
    { in: "bootstrap/dist/css/bootstrap.css", out: "bootstrap" },
  ],
  absWorkingDir: here("."),
  outdir,
  bundle: true,
  format: "iife",
  minify: true,
  target: "es2022",
  legalComments: "inline",
  logLevel: "warning",
});
