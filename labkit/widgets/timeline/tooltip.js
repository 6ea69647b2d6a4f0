// @ts-check
// What is at a place of a lane, beside the pointer or below the lane.

import { el, setText, svg } from "../js/dom.js";
import { glyph } from "./glyphs.js";
import { exactTime, lookup, stretchWords } from "./lanes.js";

/** @import { Lane, Mark, Stretch } from "./lanes.js" */
/** @typedef {ReturnType<typeof tooltip>} Tooltip */

const MOST_MARKS = 7;

/** @param {HTMLElement} root of the panel */
export function tooltip(root) {
  const when = el("div", { class: "lk-tip-when" });
  const what = el("div", { class: "lk-tip-what" });
  const list = el("ul", {});
  const tip = el("div", { class: "lk-tip", role: "tooltip", hidden: true }, when, what, list);
  root.append(tip);
  return {
    hide: () => {
      tip.hidden = true;
    },
    /**
     * Shows what is at `at` in this lane, beside the point (x, y) of the screen; returns it as words.
     *
     * @param {Lane} lane
     * @param {{ at: number, now: number, near: number }} moment
     * @param {[x: number, y: number]} point
     */
    show: (lane, { at, now, near }, point) => {
      const { stretch, marks, activity } = lookup(lane, at, near);
      tip.hidden = !stretch && !marks.length && !activity;
      if (tip.hidden) return "";
      setText(when, exactTime(at));
      setText(
        what,
        [stretch && stretchWords(stretch, now), activity && activityWords(activity)].filter(Boolean).join(" — "),
      );
      list.replaceChildren(...markLines(marks).map(([kind, text]) => markItem(kind, text)));
      placeNear(tip, root.getBoundingClientRect(), point);
      return [what.textContent, ...marks.map((mark) => mark[2])].join(". ");
    },
  };
}

/** @param {Stretch} activity */
const activityWords = ([name, , , offered]) => `${name}${offered ? ` (${offered})` : ""}`;

/**
 * @param {Mark[]} marks
 * @returns {[kind: string, text: string][]}
 */
export function markLines(marks) {
  /** @type {[kind: string, text: string][]} */
  const lines = marks.slice(0, MOST_MARKS).map(([kind, at, text]) => [kind, `${exactTime(at)}  ${text}`]);
  if (marks.length > MOST_MARKS) lines.push(["event", `and ${marks.length - MOST_MARKS} more`]);
  return lines;
}

/**
 * @param {string} kind
 * @param {string} text
 */
function markItem(kind, text) {
  const given = { viewBox: "-7 -7 14 14", width: 14, height: 14, "aria-hidden": "true" };
  return el("li", {}, svg("svg", given, glyph(kind, 0, 0)), el("span", { text }));
}

/**
 * Beside a point of the screen, and inside of the frame.
 *
 * @param {HTMLElement} tip
 * @param {DOMRect} frame
 * @param {[x: number, y: number]} point
 */
function placeNear(tip, frame, [x, y]) {
  const left = Math.min(Math.max(8, x - frame.left + 14), Math.max(8, frame.width - tip.offsetWidth - 8));
  const below = y - frame.top + 20;
  const fits = below + tip.offsetHeight <= frame.height + 40;
  tip.style.left = `${left}px`;
  tip.style.top = `${fits ? below : y - frame.top - tip.offsetHeight - 14}px`;
}
