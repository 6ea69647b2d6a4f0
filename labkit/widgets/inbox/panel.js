// Inbox: a card for each Reservation, with the time that is left and what can be done with it.

import { button } from "../js/buttons.js";
import { el, keyed, setText } from "../js/dom.js";
import { shortSid } from "../js/format.js";
import { emptyState, frame } from "../js/frame.js";
import { light } from "../js/lights.js";
import { every } from "../js/timers.js";
import { connect } from "../js/wire.js";
import { act, createCard, createMenu, openMenu, STAYS_AFTER_END_MS, updateCard, updateTimes } from "./card.js";

const HOLDS_MS = 3000; // while somebody points at the cards, none leaves from under the pointer
const GATHERS_MS = 700;
const PAGE = 24;
const UNLISTED = "Over: TaskRouter does not list it any more.";
const MODES = [
  ["all", "All", () => true],
  ["pending", "To answer", (card) => card.status === "pending" || (card.over && card.status !== "completed")],
  ["taken", "In progress", (card) => ["accepted", "wrapping", "completed"].includes(card.status)],
];

const filtersOf = new WeakMap(); // kept when JupyterLab draws the same panel anew

/** Take in the kernel's state. What has ended stays for a while, also when the kernel has dropped it already. */
function takeIn(it, state) {
  const at = performance.now();
  const listed = new Set();
  for (const card of state.cards || []) {
    listed.add(card.sid);
    if (!card.over)
      it.gone.delete(card.sid); // open again: a snapshot was restored
    else if (it.isFirst) it.gone.add(card.sid);
    if (it.gone.has(card.sid)) continue;
    const known = it.cards.get(card.sid);
    tellNews(it, known && known.card, card);
    it.cards.set(card.sid, {
      card,
      endedAt: card.over ? (known && known.endedAt) || at : 0,
      stays: known ? known.stays : 0,
    });
  }
  for (const [sid, entry] of it.cards) {
    if (!listed.has(sid) && !entry.card.over)
      it.cards.set(sid, { ...entry, endedAt: at, card: { ...entry.card, over: true, status: "over", why: UNLISTED } });
  }
  for (const sid of it.gone) if (!listed.has(sid)) it.gone.delete(sid);
  it.activities = state.activities || [];
  it.isFirst = false;
}

/** Let go of those that have been over for long enough; returns whether any went. */
function letGo(it) {
  const at = performance.now();
  if (at - it.pointedAt < HOLDS_MS) return false;
  const over = [...it.cards].filter(([, { endedAt }]) => endedAt && at - endedAt >= STAYS_AFTER_END_MS);
  for (const [sid] of over) it.gone.add(sid) && it.cards.delete(sid);
  return over.length > 0;
}

function chosen(it) {
  const { mode, worker, queue } = it.filters;
  const [, , fits] = MODES.find(([name]) => name === mode);
  const at = performance.now();
  return [...it.cards.values()]
    .filter(
      ({ card, stays }) =>
        (fits(card) || stays > at) && (!worker || card.worker_sid === worker) && (!queue || card.queue === queue),
    )
    .sort((one, other) => one.card.created - other.card.created || (one.card.sid < other.card.sid ? -1 : 1));
}

/** Say what is new once it has calmed down: a burst is one sentence. */
function tellNews(it, before, card) {
  if (it.isFirst || (before && before.status === card.status)) return;
  if (card.status === "pending") it.news.arrived += 1;
  else if (card.over && card.status !== "completed")
    it.news.ended.push(`Reservation of ${card.worker || "a Worker"}: ${card.status}.`);
  if (it.news.timer) return;
  it.news.timer = setTimeout(() => {
    const { arrived, ended } = it.news;
    it.news = { arrived: 0, ended: [], timer: null };
    const first = arrived ? [`${arrived} new ${arrived === 1 ? "Reservation" : "Reservations"}.`] : [];
    it.view.say([...first, ...(ended.length > 3 ? [`${ended.length} Reservations have ended.`] : ended)].join(" "));
  }, GATHERS_MS);
}

function show(it) {
  const fitting = chosen(it);
  const shown = fitting.slice(0, it.limit);
  const now = it.wire.now();
  const order = [...it.list.children].map((node) => node.dataset.sid);
  const focused = it.list.contains(document.activeElement) && document.activeElement.closest(".lk-card");
  keyed(
    it.list,
    shown,
    ({ card }) => card.sid,
    ({ card }) => createCard(card, it),
    (node, entry) => {
      updateCard(node, entry.card);
      updateTimes(node, entry, now);
    },
  );
  if (!shown.some(({ card }) => card.sid === it.active)) it.active = shown.length ? shown[0].card.sid : null;
  if (focused && !focused.isConnected) focusNear(it, order, focused.dataset.sid);
  for (const node of it.list.children) node.tabIndex = node.dataset.sid === it.active ? 0 : -1;
  if (!it.menu.hidden && (!it.menu.of.isConnected || it.menu.of.lk.more.hidden)) it.menu.close(true);
  updateFrame(it, fitting.length, shown.length);
}

/** The card that had the focus has left: the next one gets it. */
function focusNear(it, order, sid) {
  const at = order.indexOf(sid);
  const near = [...order.slice(at), ...order.slice(0, at).reverse()].map((each) => nodeOf(it, each)).find(Boolean);
  if (near) it.active = near.dataset.sid;
  (near || it.list).focus({ preventScroll: true });
}

const nodeOf = (it, sid) => [...it.list.children].find((node) => node.dataset.sid === sid);
const isFiltered = ({ filters }) => filters.mode !== "all" || Boolean(filters.worker || filters.queue);

function updateFrame(it, fitting, shown) {
  const open = [...it.cards.values()].map(({ card }) => card).filter((card) => !card.over);
  const counts = { all: open.length, pending: open.filter((card) => card.status === "pending").length };
  counts.taken = counts.all - counts.pending;
  for (const [name, label] of MODES) {
    setText(it.modes[name], `${label} ${counts[name]}`);
    it.modes[name].setAttribute("aria-pressed", String(it.filters.mode === name));
  }
  choices(
    it.workers,
    "All Workers",
    open.map((card) => [card.worker_sid, card.worker || shortSid(card.worker_sid)]),
    it.filters.worker,
  );
  choices(
    it.queues,
    "All TaskQueues",
    open.map((card) => [card.queue, card.queue]),
    it.filters.queue,
  );
  const { more = 0, waiting = 0, available = 0 } = it.model.get("state");
  it.view.root.dataset.shown = shown;
  it.still.hidden = !it.wire.paused();
  it.bar.hidden = !it.cards.size && !isFiltered(it);
  it.empty.hidden = shown > 0;
  it.all.hidden = !isFiltered(it);
  const [title, text] = isFiltered(it)
    ? ["No Reservation fits these filters", `${counts.all} open in all.`]
    : whyEmpty(waiting, available);
  setText(it.empty.children[0], title);
  setText(it.empty.children[1], text);
  it.more.hidden = fitting <= shown && !more;
  it.more.firstChild.hidden = fitting <= shown;
  setText(it.more.firstChild, `Show ${Math.min(PAGE, fitting - shown)} more`);
  setText(
    it.more.lastChild,
    `${shown} of ${fitting + more} shown${more ? "; the newest appear as these are answered" : ""}`,
  );
}

function whyEmpty(waiting, available) {
  const tasks = waiting === 1 ? "1 Task waits" : `${waiting} Tasks wait`;
  if (waiting && !available)
    return [
      `${tasks}, and no Worker is available`,
      "Switch a Worker who fits to Available on the Workers panel: TaskRouter then reserves the Worker, and the Reservation appears here.",
    ];
  if (waiting)
    return [
      `${tasks}: no available Worker fits and has room`,
      "Make another Worker available, or ask why: lab.explanation() tells it for each Worker.",
    ];
  return [
    "No Reservation is waiting",
    "Create a Task and let a Worker who fits it be Available. TaskRouter then reserves the Worker, and the Reservation appears here to be accepted or rejected.",
  ];
}

/** The choices that there are now, and always the one that is chosen, which stays so. */
function choices(select, all, found, wanted) {
  const known = new Map(found.filter(([value]) => value).sort(([, one], [, other]) => (one < other ? -1 : 1)));
  if (wanted && !known.has(wanted))
    known.set(wanted, select.selectedOptions[0] ? select.selectedOptions[0].textContent : wanted);
  keyed(
    select,
    [["", all], ...known],
    ([value]) => value,
    ([value]) => el("option", { value }),
    (option, [, text]) => setText(option, text),
  );
  if (select.value !== wanted) select.value = wanted;
}

function onKey(it, event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
  const actOn = (name) => event.repeat || (nodeOf(it, it.active) && act(it, nodeOf(it, it.active), name));
  const keys = {
    j: () => moveBy(it, 1),
    ArrowDown: () => moveBy(it, 1),
    k: () => moveBy(it, -1),
    ArrowUp: () => moveBy(it, -1),
    a: () => actOn("accept"),
    r: () => actOn("reject"),
    w: () => actOn("wrap_up"),
    c: () => actOn("complete"),
    R: () => nodeOf(it, it.active) && openMenu(it, nodeOf(it, it.active)),
  };
  if (!Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  event.stopPropagation();
  keys[event.key]();
}

function showMore(it) {
  it.limit += PAGE;
  show(it);
}

function moveBy(it, step) {
  const at = [...it.list.children].findIndex((node) => node.dataset.sid === it.active);
  const isIn = it.list.contains(document.activeElement);
  if (step > 0 && at === it.list.children.length - 1 && !it.more.firstChild.hidden) showMore(it);
  const node = it.list.children[Math.max(0, Math.min(at + (isIn ? step : 0), it.list.children.length - 1))];
  if (!node) return;
  node.focus({ preventScroll: true });
  node.scrollIntoView({ block: "nearest" });
}

function buildFrame(it) {
  const set = (change) => {
    Object.assign(it.filters, change);
    it.limit = PAGE;
    show(it);
  };
  it.list = el("ul", { class: "lk-cards", role: "list", tabindex: "-1", "aria-label": "Reservations" });
  it.modes = Object.fromEntries(
    MODES.map(([name, label]) => [name, button(label, "segment", () => set({ mode: name }))]),
  );
  it.workers = el("select", {
    "aria-label": "Only of this Worker",
    on: { change: () => set({ worker: it.workers.value }) },
  });
  it.queues = el("select", {
    "aria-label": "Only of this TaskQueue",
    on: { change: () => set({ queue: it.queues.value }) },
  });
  it.still = el(
    "span",
    { class: "lk-badge", data: { light: "amber" }, hidden: true },
    light("amber"),
    el("span", { text: "clock paused" }),
  );
  it.bar = el(
    "div",
    { class: "lk-inbox-bar" },
    el("div", { class: "lk-segments", role: "group", "aria-label": "Which Reservations" }, ...Object.values(it.modes)),
    it.still,
    it.workers,
    it.queues,
  );
  it.all = button("Show all", "secondary", () => set({ mode: "all", worker: "", queue: "" }));
  it.empty = emptyState("", "");
  it.empty.append(it.all);
  it.more = el(
    "div",
    { class: "lk-more lk-soft", hidden: true },
    button("", "secondary", () => showMore(it)),
    el("span"),
  );
  it.menu = createMenu(it);
  const keys = [["j", "k"], "move", ["a"], "accept", ["r"], "reject"].flatMap((part) =>
    typeof part === "string" ? el("span", { text: part }) : part.map((key) => el("kbd", { text: key })),
  );
  it.view.aside.append(
    el(
      "div",
      {
        class: "lk-keys",
        title:
          "With the focus in this panel: j and k move, a accepts, r rejects, R rejects and moves the Worker, w wraps up, c completes.",
      },
      ...keys,
    ),
  );
  it.view.body.append(it.bar, it.empty, it.list, it.more, it.menu);
}

function listen(it) {
  it.view.root.addEventListener("keydown", (event) => onKey(it, event));
  it.list.addEventListener("pointermove", () => (it.pointedAt = performance.now()));
  it.list.addEventListener("pointerleave", () => (it.pointedAt = -Infinity));
  it.list.addEventListener("focusin", (event) => {
    const card = event.target.closest(".lk-card");
    if (!card) return;
    it.active = card.dataset.sid;
    for (const node of it.list.children) node.tabIndex = node === card ? 0 : -1;
  });
}

function render({ model, el: host }) {
  const view = frame(host, "inbox", "Inbox");
  if (!filtersOf.has(model)) filtersOf.set(model, { mode: "all", worker: "", queue: "" });
  const it = {
    model,
    view,
    cards: new Map(),
    gone: new Set(),
    activities: [],
    filters: { ...filtersOf.get(model) },
    active: null,
    limit: PAGE,
    pointedAt: -Infinity,
    isFirst: true,
    news: { arrived: 0, ended: [], timer: null },
  };
  filtersOf.set(model, it.filters);
  buildFrame(it);
  listen(it);
  it.wire = connect(model, view, (state) => {
    takeIn(it, state);
    show(it);
  });
  it.wire.start();
  const endTicking = every(250, () => {
    if (!view.root.isConnected) return;
    if (letGo(it) || it.filters.mode !== "all") show(it);
    const now = it.wire.now();
    for (const node of it.list.children) updateTimes(node, it.cards.get(node.dataset.sid), now);
  });
  return () => {
    endTicking();
    clearTimeout(it.news.timer);
    it.wire.stop();
  };
}

export default { render };
