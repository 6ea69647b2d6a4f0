// @ts-check
// Lights, which can be told apart without their colours.

import { el, svg } from "./dom.js";

/** @typedef {"green" | "amber" | "red" | "wait" | "grey"} Colour */
/** @typedef {[tag: "circle" | "path", attributes: Record<string, string | number>]} Shape */

/** @type {Record<Colour, Shape[]>} */
const SHAPES = {
  green: [
    ["circle", { cx: 8, cy: 8, r: 7, class: "lk-fill" }],
    ["path", { d: "M4.6 8.3l2.3 2.3 4.5-4.9", class: "lk-cut" }],
  ],
  amber: [
    ["path", { d: "M8 1.4l7 12.6H1z", class: "lk-fill" }],
    ["path", { d: "M8 5.9v3.6M8 11.4v.7", class: "lk-cut" }],
  ],
  red: [
    ["path", { d: "M5 1h6l4 4v6l-4 4H5l-4-4V5z", class: "lk-fill" }],
    ["path", { d: "M5.5 5.5l5 5m0-5l-5 5", class: "lk-cut" }],
  ],
  wait: [
    ["circle", { cx: 8, cy: 8, r: 6.2, class: "lk-ring-only" }],
    ["path", { d: "M8 4.8v3.5l2.2 1.4", class: "lk-hands" }],
  ],
  grey: [["circle", { cx: 8, cy: 8, r: 5.8, class: "lk-ring-only" }]],
};

/** What a light says of a part of the lab. */
export const LIGHT_WORDS = { green: "fine", amber: "needs attention", red: "not working", grey: "off or not known" };

/**
 * A light that does not need its colour: check, triangle, cross, clock or empty ring, and a word for screen readers.
 *
 * @param {Colour} colour
 * @param {string} [word]
 */
export function light(colour, word) {
  const shape = svg("svg", { viewBox: "0 0 16 16", class: "lk-shape", "aria-hidden": "true" });
  shape.append(...(SHAPES[colour] ?? SHAPES.grey).map(([tag, attributes]) => svg(tag, attributes)));
  return el(
    "span",
    { class: "lk-light", data: { light: colour } },
    shape,
    word && el("span", { class: "lk-sr", text: word }),
  );
}
