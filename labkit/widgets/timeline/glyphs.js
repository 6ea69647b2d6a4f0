// @ts-check
// How the states and the marks look: bars that can be told apart without their colours, signs, and the legend.

import { el, svg } from "../js/dom.js";
import { statusWords } from "../js/status.js";

/** @import { Shape } from "../js/lights.js" */

const STATE_WORDS = ["pending", "reserved", "assigned", "wrapping", "completed", "canceled"];
const MARK_WORDS = {
  event: "event callback",
  callback: "assignment callback",
  timeout: "timeout",
  refused: "not accepted",
  transfer: "handed over",
};
const PATTERNED = ["pending", "reserved", "wrapping", "unavailable"];

/** @type {Record<string, Shape[]>} */
export const GLYPHS = {
  callback: [["path", { d: "M0-4.6L4.6 0 0 4.6-4.6 0z" }]],
  timeout: [["path", { d: "M-4-4.5h8L.7 0 4 4.5h-8L-.7 0z" }]],
  refused: [["path", { d: "M-3.6-3.6l7.2 7.2m0-7.2l-7.2 7.2", class: "lk-glyph-line" }]],
  transfer: [["path", { d: "M-4.6 0h8.6M.8-3.4L4.2 0 .8 3.4", class: "lk-glyph-line" }]],
  event: [["path", { d: "M0-2.4v4.8", class: "lk-glyph-line" }]],
  seen: [["circle", { r: 2.6, class: "lk-glyph-line" }]],
  completed: [["path", { d: "M-4 .4l2.7 2.8 5-5.8", class: "lk-glyph-line" }]],
  canceled: [["path", { d: "M-3.2-3.2l6.4 6.4m0-6.4l-6.4 6.4", class: "lk-glyph-line" }]],
};

/**
 * A sign with its middle at (x, y).
 *
 * @param {string} kind
 * @param {number} x
 * @param {number} y
 */
export const glyph = (kind, x, y) =>
  svg(
    "g",
    { class: "lk-glyph", "data-kind": kind, transform: `translate(${x} ${y})` },
    ...GLYPHS[kind].map(([tag, attributes]) => svg(tag, attributes)),
  );

/**
 * The patterns that tell the states apart without their colours.
 *
 * @param {string} id keeps two panels on one page apart
 */
export function patterns(id) {
  /**
   * @param {string} state
   * @param {number} size
   * @param {string} d
   */
  const pattern = (state, size, d) =>
    svg(
      "pattern",
      { id: `${id}-${state}`, width: size, height: size, patternUnits: "userSpaceOnUse" },
      svg("path", { d, class: "lk-pattern", "data-state": state }),
    );
  const all = [
    pattern("pending", 7, "M1 2h1M4.5 5.5h1"),
    pattern("reserved", 6, "M-1 7L7-1M-1 1L1-1M5 7L7 5"),
    pattern("wrapping", 5, "M1.5 0v5"),
    pattern("unavailable", 5, "M-1 6L6-1M-1 1L1-1M4 6L6 4"),
  ];
  const given = { class: "lk-defs", width: 0, height: 0, "aria-hidden": "true" };
  return svg("svg", given, svg("defs", {}, ...all));
}

/**
 * One state; where it ends a Task it is a cap with a sign.
 *
 * @param {string} id of the patterns
 * @param {string} state
 * @param {{ x: number, y: number, width: number, height: number }} place
 * @param {string} text is written in it, if there is room
 */
export function bar(id, state, { x, y, width, height }, text) {
  const group = svg("g", { class: "lk-stretch", "data-state": state });
  if (state === "unknown") {
    group.append(svg("path", { d: `M${x} ${y + height / 2}h${width}`, class: "lk-unknown" }));
    return group;
  }
  const box = boxOf({ x, y, width, height });
  group.append(svg("rect", { ...box, class: "lk-block" }));
  if (PATTERNED.includes(state)) group.append(svg("rect", { ...box, fill: `url(#${id}-${state})` }));
  if (GLYPHS[state]) group.append(glyph(state, x + width / 2, y + height / 2));
  const shown = GLYPHS[state] ? "" : barText(text, width, height);
  if (shown) {
    const label = svg("text", { x: x + 7, y: y + height / 2, class: "lk-block-text" });
    label.textContent = shown;
    group.append(label);
  }
  return group;
}

/**
 * The rounded box of a state; it is seen however short the state was, also where it began a moment ahead of "now".
 *
 * @param {{ x: number, y: number, width: number, height: number }} place
 */
export function boxOf({ x, y, width, height }) {
  const wide = Math.max(width, 1.5);
  return { x, y, width: wide, height, rx: Math.min(4, wide / 2) };
}

/**
 * As much of a bar's text as there is room for: all of it, or what is before its dot, or nothing.
 *
 * @param {string} text
 * @param {number} width
 * @param {number} height
 */
export function barText(text, width, height) {
  if (height <= 9) return "";
  const room = Math.floor((width - 9) / (height > 13 ? 6.2 : 5.6));
  const shown = text.length <= room ? text : text.split(" · ")[0];
  return shown.length <= room ? shown : "";
}

/** @param {string} id of the patterns */
export function legend(id) {
  /**
   * @param {Element} drawing
   * @param {string} text
   */
  const item = (drawing, text) => {
    const sample = svg("svg", { width: 24, height: 14, viewBox: "0 0 24 14", "aria-hidden": "true" }, drawing);
    return el("li", {}, sample, el("span", { text }));
  };
  const states = STATE_WORDS.map((state) => {
    const [x, width] = GLYPHS[state] ? [4, 16] : [1, 22];
    return item(bar(id, state, { x, y: 1, width, height: 12 }, ""), statusWords("task", state));
  });
  const marks = Object.entries(MARK_WORDS).map(([kind, text]) => item(glyph(kind, 12, 7), text));
  return el("ul", { class: "lk-legend", "aria-label": "Legend" }, ...states, ...marks);
}
