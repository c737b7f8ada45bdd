// Sources and the county atlas -> the files the Python package ships: explorer.js, explorer.css, map.js.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const bundle = here(process.env.EXPLORER_OUT ?? "../sc_pipeline/report/explorer/bundle") + "/";
const common = { absWorkingDir: here("."), bundle: true, minify: true, charset: "utf8", legalComments: "none", logLevel: "warning" };

await build({
  ...common,
  entryPoints: ["src/main.js"],
  format: "iife",
  target: ["es2020"],
  outfile: bundle + "explorer.js",
  banner: { js: "/* Bundled: d3-geo, d3-scale, d3-shape, topojson-client (ISC). Sources: explorer/src */" },
});
await build({ ...common, entryPoints: ["src/explorer.css"], outfile: bundle + "explorer.css" });

const atlas = readFileSync(here("node_modules/us-atlas/counties-albers-10m.json"), "utf8");
const notice = "/* us-atlas (ISC), from the US Census Bureau's boundaries of 2017 */\n";
writeFileSync(bundle + "map.js", `${notice}scExplorer.receive("map",${atlas.trim()});\n`);
