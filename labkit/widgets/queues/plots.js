// @ts-check
// The two plots with what stands above them.

import { el, setAttribute, setText } from "../js/dom.js";
import { acceptPlot } from "./accept_plot.js";
import { acceptWords, seconds, sums, waitingWords } from "./figures.js";
import { bringPlotly, plotly } from "./library.js";
import { CONFIG, coloursOf } from "./plot_style.js";
import { waitingPlot } from "./waiting_plot.js";

/**
 * @import { Wire } from "../js/wire.js"
 * @import { Content } from "./figures.js"
 * @import { LibraryAnswers } from "./library.js"
 * @import { Plot } from "./plot_style.js"
 */
/** @typedef {ReturnType<typeof plotBox>} PlotBox */

const NOT_DRAWN = "Not drawn: the kernel does not answer.";

/**
 * Both plots.
 *
 * @param {Element} panel whose colours they have
 * @param {Wire<LibraryAnswers>} wire
 * @param {() => void} ready called when there is something to draw with
 */
export function plotPair(panel, wire, ready) {
  const waiting = plotBox("Waiting");
  const accept = plotBox("Time to accept");
  const sheets = [waiting.sheet, accept.sheet];
  let asking = false;
  const bring = async () => {
    if (asking) return;
    asking = true;
    await bringPlotly(wire);
    asking = false;
    if (plotly()) ready();
    else for (const sheet of sheets) setText(sheet, NOT_DRAWN);
  };
  return {
    root: el("div", { class: "lk-plots" }, waiting.root, accept.root),
    sheet: waiting.sheet,
    isSeen: () => waiting.sheet.clientWidth > 0,
    /**
     * @param {Content} content
     * @param {string | null} focused the name of the TaskQueue that is shown alone
     * @param {number} now TaskRouter's time
     */
    draw: (content, focused, now) => {
      const queues = content.queues ?? [];
      const names = queues.map((queue) => queue.name);
      const shown = focused === null ? names : [focused];
      const chosen = queues.filter((queue) => shown.includes(queue.name));
      const colour = coloursOf(panel);
      const { minutes, ...lines } = waitingPlot(content, { names, shown, now, colour });
      const { accepted, within } = sums(chosen);
      const about = focused === null ? "" : `${focused}, `;
      const level = accepted ? `${within} of ${accepted} within ${seconds(content.within)}` : "nothing accepted yet";
      setText(waiting.about, `${about}last ${minutes} min`);
      setText(accept.about, `${about}${level}, last ${content.minutes} min`);
      setAttribute(waiting.sheet, "aria-label", waitingWords(content, chosen));
      setAttribute(accept.sheet, "aria-label", acceptWords(accept.about.textContent, chosen));
      if (!plotly()) return void bring();
      react(waiting.sheet, lines);
      react(accept.sheet, acceptPlot(content, { shown, colour }));
    },
    stop: () => {
      for (const sheet of sheets) plotly()?.purge(sheet);
    },
  };
}

/** @param {string} title */
function plotBox(title) {
  const about = el("span", { class: "lk-soft" });
  const words = el("figcaption", {}, el("strong", { text: title }), about);
  const sheet = el("div", { class: "lk-plot", role: "img", "aria-label": title });
  return { root: el("figure", {}, words, sheet), about, sheet };
}

/**
 * @param {HTMLElement} sheet
 * @param {Plot} plot
 */
function react(sheet, { traces, layout }) {
  if (!sheet.firstElementChild) setText(sheet, ""); // why there was no plot
  plotly()?.react(sheet, traces, { ...layout, width: sheet.clientWidth, height: sheet.clientHeight }, CONFIG);
}
