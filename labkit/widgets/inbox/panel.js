// @ts-check
// Inbox: a card for each Reservation, with the time that is left and what can be done with it.

import { button } from "../js/buttons.js";
import { el, keyed, setText } from "../js/dom.js";
import { emptyState, frame, setEmptyState } from "../js/frame.js";
import { panelScript } from "../js/reconnect.js";
import { every } from "../js/timers.js";
import { connect } from "../js/wire.js";
import { act } from "./actions.js";
import { createCard, updateCard, updateTimes } from "./card.js";
import { filterBar, isFiltered } from "./filters.js";
import { keyBar, keysWork } from "./keys.js";
import { createMenu, openMenu } from "./menu.js";
import { announcer } from "./news.js";
import { chosen, knownReservations, letGo, startOver, takeIn } from "./reservations.js";
import { whyEmpty } from "./why_empty.js";

/**
 * @import { KernelTime, Model, Shown, Wire } from "../js/wire.js"
 * @import { ActionName, Activity, Answers } from "./actions.js"
 * @import { Card, CardRow } from "./card.js"
 * @import { Filters } from "./reservations.js"
 */
/**
 * @typedef {object} Content
 * @property {Card[]} [cards]
 * @property {number} [epoch] another one when the Workspace is another one
 * @property {number} [more] cards that are not sent
 * @property {Activity[]} [activities]
 * @property {number} [waiting] Tasks, while no card is open
 * @property {number} [available] Workers, while no card is open
 * @property {boolean | null} [own_available] whether one is available oneself, where one is a single Worker
 */
/** @typedef {KernelTime & Content} State */
/** @typedef {ReturnType<typeof build>} Inbox */

const HOLDS_MS = 3000; // while somebody points at the cards, none leaves from under the pointer
const PAGE = 24;

/** @type {WeakMap<object, Filters>} */
const filtersOf = new WeakMap(); // kept when JupyterLab draws the same panel anew

/**
 * @param {Model<State>} model
 * @param {HTMLElement} host
 */
function build(model, host) {
  const view = frame(host, "inbox", "Inbox", "spans");
  const filters = { mode: "all", worker: "", queue: "", ...filtersOf.get(model) };
  filtersOf.set(model, filters);
  const known = knownReservations();
  const news = announcer(view.say);
  /** @type {Wire<Answers>} */
  const wire = connect(model, view, (state) => {
    startOver(known, state.epoch ?? 0);
    takeIn(known, state.cards ?? [], performance.now(), news.note);
    it.activities = state.activities ?? [];
    show(it);
  });
  const bar = filterBar(filters, () => {
    it.limit = PAGE;
    show(it);
  });
  const empty = emptyState("", "");
  empty.append(bar.all);
  const it = {
    model,
    view,
    filters,
    known,
    news,
    wire,
    bar,
    empty,
    list: el("ul", { class: "lk-cards", role: "list", tabindex: "-1", "aria-label": "Reservations" }),
    more: moreLine(() => {
      showMore(it);
    }),
    menu: createMenu(),
    keys: keyBar(() => moveBy(it, 0)),
    /** @type {Map<string, CardRow>} */
    rows: new Map(),
    /** @type {Activity[]} */
    activities: [],
    /** @type {string | null} */
    active: null,
    limit: PAGE,
    pointedAt: -Infinity,
  };
  view.aside.append(it.keys.root);
  view.body.append(bar.root, empty, it.list, it.more.root, it.menu.root);
  return it;
}

/** @param {() => void} onClick */
function moreLine(onClick) {
  const node = button("", "secondary", onClick);
  const words = el("span");
  return { root: el("div", { class: "lk-more lk-soft", hidden: true }, node, words), button: node, words };
}

/** @param {Inbox} it */
function show(it) {
  const fitting = chosen(it.known, it.filters, performance.now());
  const shown = fitting.slice(0, it.limit);
  const now = it.wire.now();
  const order = [...it.rows.keys()];
  const focused = order.find((sid) => it.rows.get(sid)?.root.contains(document.activeElement));
  it.rows = keyed(
    it.list,
    shown,
    ({ card }) => card.sid,
    ({ card }) => createCard(card, it),
    (row, entry) => {
      updateCard(row, entry.card);
      updateTimes(row, entry, now);
    },
  );
  if (it.active === null || !it.rows.has(it.active)) it.active = shown.length ? shown[0].card.sid : null;
  if (focused && !it.rows.has(focused)) focusNear(it, order, focused);
  updateTabOrder(it);
  const { of } = it.menu;
  if (of && (!of.root.isConnected || of.more.hidden)) it.menu.close(true);
  updateFrame(it, fitting.length, shown.length);
}

/**
 * The card that had the focus has left: the next one gets it.
 *
 * @param {Inbox} it
 * @param {string[]} order of the cards before
 * @param {string} sid
 */
function focusNear(it, order, sid) {
  const at = order.indexOf(sid);
  const near = [...order.slice(at), ...order.slice(0, at).reverse()].find((each) => it.rows.has(each));
  if (near) it.active = near;
  ((near && it.rows.get(near)?.root) || it.list).focus({ preventScroll: true });
}

/** @param {Inbox} it */
function updateTabOrder(it) {
  for (const [sid, { root }] of it.rows) root.tabIndex = sid === it.active ? 0 : -1;
}

/**
 * What stands around the cards.
 *
 * @param {Inbox} it
 * @param {number} fitting
 * @param {number} shown
 */
function updateFrame(it, fitting, shown) {
  const open = [...it.known.cards.values()].map(({ card }) => card).filter((card) => !card.over);
  it.bar.update(open);
  const { more = 0, waiting = 0, available = 0, own_available: own = null } = it.model.get("state");
  const filtered = isFiltered(it.filters);
  it.view.root.dataset.shown = String(shown);
  it.view.root.toggleAttribute("data-filtered", filtered);
  it.bar.root.hidden = !it.known.cards.size && !filtered;
  it.empty.hidden = shown > 0;
  it.bar.all.hidden = !filtered;
  const [title, text] = filtered
    ? ["No Reservation fits these filters", `${open.length} open in all.`]
    : whyEmpty(waiting, available, own);
  setEmptyState(it.empty, title, text);
  updateKeys(it);
  it.more.root.hidden = fitting <= shown && !more;
  it.more.button.hidden = fitting <= shown;
  setText(it.more.button, `Show ${Math.min(PAGE, fitting - shown)} more`);
  const rest = more ? "; the newest appear as these are answered" : "";
  setText(it.more.words, `${shown} of ${fitting + more} shown${rest}`);
}

/**
 * @param {Inbox} it
 * @param {KeyboardEvent} event
 */
function onKey(it, event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (!keysWork(it.view.root, /** @type {Element} */ (event.target))) return;
  const row = it.active === null ? undefined : it.rows.get(it.active);
  /** @param {ActionName} name */
  const actOn = (name) => {
    if (!event.repeat && row) act(it, row, name);
  };
  /** @type {Record<string, () => void>} */
  const keys = {
    j: () => moveBy(it, 1),
    ArrowDown: () => moveBy(it, 1),
    k: () => moveBy(it, -1),
    ArrowUp: () => moveBy(it, -1),
    a: () => actOn("accept"),
    r: () => actOn("reject"),
    w: () => actOn("wrap_up"),
    c: () => actOn("complete"),
    R: () => row && openMenu(it, row),
  };
  if (!Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  event.stopPropagation();
  keys[event.key]();
}

/** @param {Inbox} it */
function showMore(it) {
  it.limit += PAGE;
  show(it);
}

/**
 * @param {Inbox} it
 * @param {number} step
 */
function moveBy(it, step) {
  const at = [...it.rows.keys()].indexOf(it.active ?? "");
  const isIn = it.list.contains(document.activeElement);
  if (step > 0 && at === it.rows.size - 1 && !it.more.button.hidden) showMore(it);
  const rows = [...it.rows.values()];
  const row = rows[Math.max(0, Math.min(at + (isIn ? step : 0), rows.length - 1))];
  if (!row) return;
  row.root.focus({ preventScroll: true });
  row.root.scrollIntoView({ block: "nearest" });
}

/**
 * Say which keys work, and which card they mean.
 *
 * @param {Inbox} it
 */
function updateKeys(it) {
  const work = keysWork(it.view.root, document.activeElement);
  it.view.root.toggleAttribute("data-keys", work);
  it.keys.update(work, it.rows.size > 0);
}

/** @param {Inbox} it */
function listen(it) {
  it.view.root.addEventListener("focusin", () => updateKeys(it));
  it.view.root.addEventListener("focusout", () => setTimeout(() => updateKeys(it))); // by then something else has it
  it.view.root.addEventListener("keydown", (event) => onKey(it, event));
  it.list.addEventListener("pointermove", () => {
    it.pointedAt = performance.now();
  });
  it.list.addEventListener("pointerleave", () => {
    it.pointedAt = -Infinity;
  });
  it.list.addEventListener("focusin", (event) => {
    const target = /** @type {Element} */ (event.target);
    const card = /** @type {HTMLElement | null} */ (target.closest(".lk-card"));
    if (!card?.dataset.sid) return;
    it.active = card.dataset.sid;
    updateTabOrder(it);
  });
}

/** @param {Inbox} it */
function tick(it) {
  if (!it.view.root.isConnected) return;
  const at = performance.now();
  const held = at - it.pointedAt < HOLDS_MS;
  if ((!held && letGo(it.known, at)) || it.filters.mode !== "all") show(it);
  const now = it.wire.now();
  for (const [sid, row] of it.rows) {
    const entry = it.known.cards.get(sid);
    if (entry) updateTimes(row, entry, now);
  }
}

/** @param {Shown<State>} shown */
function render({ model, el: host }) {
  const it = build(model, host);
  listen(it);
  it.wire.start();
  const endTicking = every(250, () => tick(it));
  return () => {
    endTicking();
    it.news.stop();
    it.wire.stop();
  };
}

export default panelScript("inbox", render);
