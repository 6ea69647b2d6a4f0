// @ts-check
// The frame of a panel: its title, what stands beside it, a warning, and what is read out.

import { el, setText } from "./dom.js";
import { clockWords } from "./format.js";

/** @typedef {ReturnType<typeof frame>} Frame */

const ZONE = "Times are TaskRouter's, in UTC, as in its API and its log.";
const MOVED = "The sandbox's clock was moved: times here are what it shows, not what the computer's clock shows.";

/**
 * The frame of a panel. What is said is read out by screen readers; a warning is a bar that stays until it is cleared.
 * A panel that shows `times` says so where TaskRouter's clock is not the computer's, and with "utc" in which zone.
 *
 * @param {HTMLElement} host
 * @param {string} name of its style
 * @param {string} title
 * @param {"none" | "spans" | "utc"} [times] spans are countdowns and ages
 */
export function frame(host, name, title, times = "none") {
  const heading = el("div", { class: "lk-title", role: "heading", "aria-level": "3", text: title });
  const aside = el("div", { class: "lk-aside" });
  const warning = el("div", { class: "lk-warning", role: "alert", hidden: true });
  const body = el("div", { class: "lk-body" });
  const spoken = el("div", { class: "lk-sr", "aria-live": "polite" });
  const zone = times === "utc" && el("span", { class: "lk-soft", title: ZONE, text: "UTC" });
  const moved = el("span", { class: "lk-badge lk-clock-moved", data: { light: "amber" }, title: MOVED, hidden: true });
  const head = el("div", { class: "lk-head" }, heading, zone, moved, aside);
  const root = el("div", { class: `lk lk-${name}`, role: "region", "aria-label": title }, head, warning, body, spoken);
  ownKeys(root);
  root.addEventListener("mouseover", tellCut);
  host.append(root);
  return {
    root,
    aside,
    body,
    /**
     * @param {number} ahead in milliseconds
     * @param {boolean} paused
     * @param {number} [speed]
     */
    tellClock: (ahead, paused, speed) => {
      const words = times === "none" ? "" : clockWords(ahead, paused, speed);
      setText(moved, words);
      moved.hidden = !words;
    },
    /** @param {string} text */
    say: (text) => setText(spoken, text),
    /** @param {string} text */
    warn: (text) => {
      setText(warning, text);
      warning.hidden = !text;
    },
  };
}

/**
 * While the focus is here, so are the keys; Escape gives both back to the notebook.
 *
 * @param {HTMLElement} root
 */
export function ownKeys(root) {
  root.addEventListener("focusin", keepKeys);
  root.addEventListener("keydown", giveBack);
}

/**
 * JupyterLab takes keys that are meant for a button or a select as its own: `b` there would insert a cell.
 *
 * @param {FocusEvent} event
 */
function keepKeys(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (!target.matches(":read-write")) target.dataset.lmSuppressShortcuts = "true";
}

/**
 * Where nothing in the panel needs Escape: a menu to close, a search to clear.
 *
 * @param {KeyboardEvent} event
 */
function giveBack(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  const clears = target instanceof HTMLInputElement && target.type === "search" && target.value !== "";
  const isNeeded = clears || target.closest("dialog, [popover]");
  if (event.key !== "Escape" || event.defaultPrevented || isNeeded) return;
  event.stopPropagation();
  const cell = /** @type {HTMLElement | null} */ (target.closest(".jp-Cell"));
  if (cell) cell.focus({ preventScroll: true });
  else target.blur();
}

/**
 * What is cut for want of room is read where one points at it.
 *
 * @param {MouseEvent} event
 */
function tellCut(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  const isCut = target.scrollWidth > target.clientWidth && getComputedStyle(target).textOverflow === "ellipsis";
  if (isCut && !target.title) target.title = target.textContent ?? "";
  if (target instanceof HTMLSelectElement) target.title = target.selectedOptions[0]?.text ?? "";
}

/**
 * Nothing here yet: what will come, and what to do.
 *
 * @param {string} title
 * @param {string} text
 */
export function emptyState(title, text) {
  return el("div", { class: "lk-empty" }, el("div", { class: "lk-empty-title", text: title }), el("div", { text }));
}

/**
 * Let an empty state say something else.
 *
 * @param {HTMLElement} node as `emptyState` made it
 * @param {string} title
 * @param {string} text
 */
export function setEmptyState(node, title, text) {
  setText(node.children[0], title);
  setText(node.children[1], text);
}
