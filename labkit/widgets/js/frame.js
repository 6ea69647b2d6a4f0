// @ts-check
// The frame of a panel: its title, what stands beside it, a warning, and what is read out.

import { el, setText } from "./dom.js";

/** @typedef {ReturnType<typeof frame>} Frame */

/**
 * The frame of a panel. What is said is read out by screen readers; a warning is a bar that stays until it is cleared.
 *
 * @param {HTMLElement} host
 * @param {string} name of its style
 * @param {string} title
 */
export function frame(host, name, title) {
  const heading = el("div", { class: "lk-title", role: "heading", "aria-level": "3", text: title });
  const aside = el("div", { class: "lk-aside" });
  const warning = el("div", { class: "lk-warning", role: "alert", hidden: true });
  const body = el("div", { class: "lk-body" });
  const spoken = el("div", { class: "lk-sr", "aria-live": "polite" });
  const head = el("div", { class: "lk-head" }, heading, aside);
  const root = el("div", { class: `lk lk-${name}`, role: "region", "aria-label": title }, head, warning, body, spoken);
  root.addEventListener("focusin", keepKeys);
  host.append(root);
  return {
    root,
    aside,
    body,
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
 * JupyterLab takes keys that are meant for a button or a select as its own: `b` there would insert a cell.
 *
 * @param {FocusEvent} event
 */
export function keepKeys(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (!target.matches(":read-write")) target.dataset.lmSuppressShortcuts = "true";
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
