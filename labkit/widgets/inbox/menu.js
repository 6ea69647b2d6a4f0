// @ts-check
// The menu of a card: reject, and move the Worker to an Activity.

import { el } from "../js/dom.js";
import { light } from "../js/lights.js";
import { act } from "./actions.js";

/**
 * @import { Around, Activity } from "./actions.js"
 * @import { CardRow } from "./card.js"
 */
/** @typedef {ReturnType<typeof createMenu>} Menu */

export function createMenu() {
  const root = el("div", { class: "lk-menu", role: "menu", popover: "manual", hidden: true });
  const menu = {
    root,
    /** @type {CardRow | null} */
    of: null,
    /** @param {boolean} refocus */
    close: (refocus) => {
      if (root.hidden) return;
      if (root.hidePopover) root.hidePopover();
      root.hidden = true;
      if (refocus && menu.of?.root.isConnected) menu.of.more.focus();
    },
  };
  /** @param {number} step */
  const move = (step) => {
    const items = [...root.querySelectorAll("button")];
    const at = items.findIndex((item) => item === document.activeElement);
    items[(at + step + items.length) % items.length].focus();
  };
  /** @type {Record<string, () => void>} */
  const keys = {
    Escape: () => menu.close(true),
    Tab: () => menu.close(true),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
  };
  root.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  root.addEventListener("focusout", (event) => {
    if (!root.contains(/** @type {Node | null} */ (event.relatedTarget))) menu.close(false);
  });
  return menu;
}

/**
 * Open it beside the button of this card.
 *
 * @param {Around} it
 * @param {CardRow} row
 */
export function openMenu(it, row) {
  const { menu } = it;
  if (row.more.hidden || row.more.disabled) return;
  const title = `Reject, and move ${row.card.worker || "the Worker"} to`;
  menu.root.setAttribute("aria-label", title);
  menu.of = row;
  const items = it.activities.map((activity) =>
    menuItem(activity, () => {
      menu.close(true);
      act(it, row, "reject", { activity: activity.sid });
    }),
  );
  const heading = el("div", { class: "lk-menu-title lk-soft", "aria-hidden": "true", text: title });
  menu.root.replaceChildren(heading, ...items);
  menu.root.hidden = false;
  if (menu.root.showPopover) menu.root.showPopover();
  placeBeside(menu.root, row.more.getBoundingClientRect());
  if (items.length) items[0].focus();
}

/**
 * @param {Activity} activity
 * @param {() => void} onChoice
 */
function menuItem(activity, onChoice) {
  return el(
    "button",
    { type: "button", class: "lk-menu-item", role: "menuitem", on: { click: onChoice } },
    light(activity.available ? "green" : "grey"),
    el("span", { text: activity.name }),
    el("span", { class: "lk-soft", text: activity.available ? "takes Tasks" : "takes no Tasks" }),
  );
}

/**
 * @param {HTMLElement} menu
 * @param {DOMRect} anchor
 */
function placeBeside(menu, anchor) {
  const { width, height } = menu.getBoundingClientRect();
  const below = anchor.bottom + 4 + height <= window.innerHeight;
  menu.style.top = `${below ? anchor.bottom + 4 : Math.max(4, anchor.top - 4 - height)}px`;
  menu.style.left = `${Math.max(4, Math.min(anchor.right - width, window.innerWidth - width - 4))}px`;
}
