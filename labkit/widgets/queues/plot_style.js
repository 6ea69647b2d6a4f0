// @ts-check
// How a plot looks: the panel's colours as they are now, light or dark, and what plotly.js makes of them.

import { el } from "../js/dom.js";

/** @typedef {"bg" | "ink" | "ink-soft" | "line" | "accent" | "violet" | "green" | "amber" | "red" | "grey"} Tone */
/** @typedef {Record<Tone, string> & { font: { family: string, size: number, color: string } }} Colours */
/** @typedef {{ traces: object[], layout: object }} Plot as plotly.js takes it */

/** @type {Tone[]} */
const TONES = ["bg", "ink", "ink-soft", "line", "accent", "violet", "green", "amber", "red", "grey"];

export const CONFIG = {
  displayModeBar: false,
  displaylogo: false,
  doubleClick: false,
  scrollZoom: false,
  responsive: false,
  showTips: false,
};

/**
 * The panel's colours as they are now, in the form that plotly.js reads.
 *
 * @param {Element} root
 * @returns {Colours}
 */
export function coloursOf(root) {
  const probe = el("span", { hidden: true });
  root.append(probe);
  /** @param {Tone} tone */
  const read = (tone) => {
    probe.style.color = `var(--lk-${tone})`;
    return getComputedStyle(probe).color;
  };
  const found = /** @type {Record<Tone, string>} */ (Object.fromEntries(TONES.map((tone) => [tone, read(tone)])));
  const { fontFamily: family, fontSize } = getComputedStyle(root);
  probe.remove();
  return { ...found, font: { family, size: Math.max(11, parseFloat(fontSize) * 0.92), color: found["ink-soft"] } };
}

/**
 * plotly.js reads some HTML in its texts; what strangers named is to be shown as it is.
 *
 * @param {string} text
 */
export const plainly = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/**
 * @param {Colours} colour
 * @param {object} more
 */
export const axis = (colour, more) => ({
  gridcolor: colour.line,
  linecolor: colour.line,
  zeroline: false,
  fixedrange: true,
  automargin: true,
  tickfont: colour.font,
  title: { font: colour.font, standoff: 8 },
  ...more,
});

/**
 * The axis of numbers of Tasks, from nothing to a little more than the most.
 *
 * @param {Colours} colour
 * @param {number[]} counts
 */
export const tasksAxis = (colour, counts) =>
  axis(colour, {
    range: [0, Math.max(4, ...counts) * 1.12],
    rangemode: "tozero",
    tickformat: "d",
    nticks: 5,
    title: { text: "Tasks", font: colour.font, standoff: 8 },
  });

/**
 * @param {Colours} colour
 * @param {object} more
 */
export const sheet = (colour, more) => ({
  paper_bgcolor: "rgba(0,0,0,0)",
  plot_bgcolor: "rgba(0,0,0,0)",
  font: colour.font,
  dragmode: false,
  margin: { l: 42, r: 14, t: 10, b: 26 },
  uirevision: "same",
  hoverlabel: { bgcolor: colour.bg, bordercolor: colour.grey, font: { ...colour.font, color: colour.ink } },
  ...more,
});
