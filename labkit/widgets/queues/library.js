// @ts-check
// plotly.js: Python has it, and is asked for it when somebody is about to see a plot, once for a page.

import { el } from "../js/dom.js";

/** @import { Wire } from "../js/wire.js" */
/** @typedef {{ plotly: { script: string } }} LibraryAnswers with the script's text, as gzip in base64 */
/**
 * What the plots need of it.
 *
 * @typedef {object} Plotly
 * @property {(sheet: HTMLElement, traces: object[], layout: object, config: object) => void} react
 * @property {(sheet: HTMLElement) => void} purge
 */

const WITHIN_MS = 60000; // two megabytes, perhaps over a slow line
const PAGE_KEY = "labkit.plotly";
// The library's own text stands in a function, and the page's `Plotly` stays with whoever shows figures in a cell.
const BEFORE = "(() => { const before = globalThis.Plotly; const module = { exports: {} };\n";
const AFTER = `
if (before) globalThis.Plotly = before; else delete globalThis.Plotly;
globalThis[Symbol.for("${PAGE_KEY}")].plotly = module.exports; })();`;

/** What all panels of a page share. @type {{ plotly: Plotly | null, coming: Promise<void> | null }} */
const PAGE = shared();

function shared() {
  const page = /** @type {any} */ (globalThis);
  const key = Symbol.for(PAGE_KEY);
  page[key] = page[key] ?? { plotly: null, coming: null };
  return page[key];
}

/** The library, or null while this page does not have it. */
export const plotly = () => PAGE.plotly;

/**
 * Have this page get the library; it may not have it afterwards, when the kernel does not answer.
 *
 * @param {Wire<LibraryAnswers>} wire
 */
export async function bringPlotly(wire) {
  PAGE.coming ??= bring(wire).finally(() => {
    PAGE.coming = null;
  });
  await PAGE.coming;
}

/** @param {Wire<LibraryAnswers>} wire */
async function bring(wire) {
  const answer = await wire.ask("plotly", {}, WITHIN_MS);
  if (answer.ok) await run([BEFORE, await unpacked(answer.script), AFTER]);
}

/** @param {string} packed gzip in base64 */
function unpacked(packed) {
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

/**
 * Run a script of the lab's own.
 *
 * @param {string[]} parts
 */
async function run(parts) {
  const src = URL.createObjectURL(new Blob(parts, { type: "text/javascript" }));
  const script = el("script", { src });
  await new Promise((ended) => {
    script.addEventListener("load", ended);
    script.addEventListener("error", ended);
    document.head.append(script);
  });
  script.remove();
  URL.revokeObjectURL(src);
}
