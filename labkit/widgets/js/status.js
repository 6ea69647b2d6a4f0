// @ts-check
// Statuses in words and as a mark. A Task has one and each Reservation has another, so each is said of what.

import { el, svg } from "./dom.js";

/** @import { Colour, Shape } from "./lights.js" */
/** @typedef {"task" | "reservation"} Family */

const NOUNS = { task: "Task", reservation: "Reservation" };

/** @type {Record<Family, Shape>} */
const OUTLINES = {
  task: [
    "path",
    { d: "M4 1.5h8A2.5 2.5 0 0 1 14.5 4v8a2.5 2.5 0 0 1-2.5 2.5H4A2.5 2.5 0 0 1 1.5 12V4A2.5 2.5 0 0 1 4 1.5z" },
  ],
  reservation: ["circle", { cx: 8, cy: 8, r: 6.6 }],
};

const CHECK = "M4.6 8.3l2.3 2.3 4.5-4.9";
const CROSS = "M5.5 5.5l5 5m0-5l-5 5";
const NONE = "M5.2 8h5.6";

/** @type {Record<string, { colour: Colour, sign: string, filled?: boolean }>} */
const LOOKS = {
  pending: { colour: "wait", sign: "M8 4.6v3.7l2.3 1.4" },
  reserved: { colour: "wait", sign: "M5 11l6-6M5 7.4l2.4-2.4M8.6 11l2.4-2.4" },
  accepted: { colour: "green", sign: CHECK, filled: true },
  assigned: { colour: "green", sign: CHECK, filled: true },
  wrapping: { colour: "wait", sign: "M5.4 5.2v5.6M8 5.2v5.6M10.6 5.2v5.6" },
  completed: { colour: "green", sign: CHECK },
  rejected: { colour: "grey", sign: CROSS },
  canceled: { colour: "grey", sign: CROSS },
  timeout: { colour: "red", sign: "M5.4 4.8h5.2l-5.2 6.4h5.2z" },
};
const OTHER = { colour: /** @type {Colour} */ ("grey"), sign: NONE, filled: false };

/**
 * A status with what it is of: Task reserved, Reservation pending.
 *
 * @param {Family} family
 * @param {string} status as TaskRouter spells it
 */
export const statusWords = (family, status) => `${NOUNS[family]} ${status}`;

/**
 * The mark of a status: a square for a Task's, a circle for a Reservation's, with a sign in it.
 *
 * @param {Family} family
 * @param {string} status
 */
export function statusMark(family, status) {
  const { sign, filled } = LOOKS[status] ?? OTHER;
  const [tag, outline] = OUTLINES[family];
  return svg(
    "svg",
    { viewBox: "0 0 16 16", class: "lk-shape", "aria-hidden": "true", "data-family": family },
    svg(tag, { ...outline, class: filled ? "lk-fill" : "lk-ring-only" }),
    svg("path", { d: sign, class: filled ? "lk-cut" : "lk-hands" }),
  );
}

/**
 * A status as a badge: its mark and its words. `data-status-of` and `data-status` tell scripts and tests the same.
 *
 * @param {Family} family
 * @param {string} status
 */
export function statusBadge(family, status) {
  const node = el("span", { class: "lk-badge lk-status", data: { statusOf: family } });
  setStatus(node, status);
  return node;
}

/**
 * @param {HTMLElement} badge as `statusBadge` made it
 * @param {string} status
 */
export function setStatus(badge, status) {
  if (badge.dataset.status === status) return;
  const family = /** @type {Family} */ (badge.dataset.statusOf);
  badge.dataset.status = status;
  badge.dataset.light = (LOOKS[status] ?? OTHER).colour;
  badge.replaceChildren(statusMark(family, status), el("span", { text: statusWords(family, status) }));
}
