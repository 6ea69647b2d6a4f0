// A card of Inbox: one Reservation, what can be done with it, and the REST call that this is.

import { button, press } from "../js/buttons.js";
import { el, keyed, setAttribute, setText, svg } from "../js/dom.js";
import { countdown, exactly, howLong, shortSid } from "../js/format.js";
import { badge, light, setBadge } from "../js/lights.js";
import { setRestCall } from "../js/rest_call.js";
import { whyButton } from "../js/why.js";

export const STAYS_AFTER_END_MS = 6000; // of real time: the sandbox's clock may stand still, or jump
const FADES_MS = 500;
const SHORT_MS = 15000;
const ROUND = 2 * Math.PI * 22;
const MARKS = {
  accepted: "✓",
  wrapping: "✓",
  completed: "✓",
  rejected: "✕",
  canceled: "✕",
  rescinded: "✕",
  timeout: "0:00",
};

const toReservation = (card, status) => ({
  method: "POST",
  path: `…/Tasks/${card.task}/Reservations/${card.sid}`,
  form: [["ReservationStatus", status]],
});
const toTask = (card, status) => ({
  method: "POST",
  path: `…/Tasks/${card.task}`,
  form: [["AssignmentStatus", status]],
});

const ACTIONS = {
  accept: {
    label: "Accept",
    busy: "Accepting…",
    kind: "primary",
    from: ["pending"],
    sends: (card) => toReservation(card, "accepted"),
  },
  reject: {
    label: "Reject",
    busy: "Rejecting…",
    kind: "secondary",
    from: ["pending"],
    sends: (card) => toReservation(card, "rejected"),
  },
  complete: {
    label: "Complete",
    busy: "Completing…",
    kind: "primary",
    from: ["accepted", "wrapping"],
    sends: (card) => toTask(card, "completed"),
  },
  wrap_up: {
    label: "Wrap up",
    busy: "Wrapping up…",
    kind: "secondary",
    from: ["accepted"],
    sends: (card) => toReservation(card, "wrapping"),
  },
};

/** Attributes as names and values. */
function pairs(container, items) {
  keyed(
    container,
    items,
    ([name]) => name,
    ([name]) => el("div", { class: "lk-pair" }, el("dt", { text: name }), el("dd")),
    (node, [, value]) => setText(node.lastChild, value),
  );
}

export function createCard(card, it) {
  const ring = svg("circle", { cx: 26, cy: 26, r: 22, class: "lk-ring-left", "stroke-dasharray": ROUND });
  const dial = svg(
    "svg",
    { viewBox: "0 0 52 52", "aria-hidden": "true" },
    svg("circle", { cx: 26, cy: 26, r: 22, class: "lk-ring-whole" }),
    ring,
  );
  const parts = {
    ring,
    left: el("span", { class: "lk-ring-text" }),
    worker: el("div", { class: "lk-card-worker" }),
    queue: el("div", { class: "lk-card-queue" }),
    badge: badge(card.status),
    attributes: el("dl", { class: "lk-pairs lk-card-attributes" }),
    priority: el("span"),
    age: el("span"),
    task: el("span", { class: "lk-mono" }),
    why: el("div", { class: "lk-card-why" }),
    rest: el("div", { class: "lk-rest lk-card-rest" }),
    said: el("div", { class: "lk-card-said lk-problem" }),
    more: button("▾", "secondary", () => openMenu(it, node), {
      class: "lk-button lk-secondary lk-card-more",
      "aria-haspopup": "menu",
      title: "Reject, and move the Worker to an Activity (R)",
    }),
    buttons: {},
  };
  for (const [name, action] of Object.entries(ACTIONS))
    parts.buttons[name] = button(action.label, action.kind, () => act(it, node, name));
  const { accept, reject, complete, wrap_up } = parts.buttons;
  parts.timer = el("div", { class: "lk-ring", role: "timer", "aria-label": "Time left to answer" }, dial, parts.left);
  parts.actions = el(
    "div",
    { class: "lk-card-actions" },
    accept,
    el("span", { class: "lk-card-reject" }, reject, parts.more),
    complete,
    wrap_up,
  );
  const why = whyButton(it.wire, card.task, { "aria-label": `Why? Task ${shortSid(card.task)}` });
  const node = el(
    "li",
    { class: "lk-card", tabindex: "-1", data: { sid: card.sid, status: card.status } },
    el(
      "div",
      { class: "lk-card-head" },
      parts.timer,
      el(
        "div",
        { class: "lk-card-who" },
        el("div", { class: "lk-card-top" }, parts.worker, parts.badge),
        el("div", { class: "lk-card-top" }, parts.queue, why),
      ),
    ),
    parts.attributes,
    el("div", { class: "lk-card-facts" }, parts.priority, parts.age, parts.task),
    el("div", { class: "lk-card-do" }, parts.actions, parts.why),
    parts.rest,
    parts.said,
  );
  node.lk = parts;
  return node;
}

export function updateCard(node, card) {
  const written = JSON.stringify(card);
  if (node.written === written) return;
  const { lk } = node;
  node.written = written;
  node.card = card;
  node.dataset.status = card.status;
  const worker = card.worker || shortSid(card.worker_sid) || "a Worker";
  setAttribute(node, "aria-label", `Reservation of ${worker}, ${card.status}`);
  setText(lk.worker, worker);
  setText(
    lk.queue,
    [card.queue, card.channel && card.channel !== "default" ? card.channel : ""].filter(Boolean).join(" · ") ||
      "\u00a0",
  );
  setBadge(lk.badge, card.status);
  pairs(lk.attributes, card.attributes.length ? card.attributes : [["attributes", "none"]]);
  setText(lk.priority, `Priority ${card.priority}`);
  setText(lk.task, shortSid(card.task));
  setAttribute(lk.task, "title", card.task);
  lk.more.setAttribute("aria-label", `Reject, and move ${worker} to an Activity`);
  setText(lk.why, card.why);
  updateActions(node, card);
  if (card.over) setText(lk.said, "");
}

function updateActions(node, card) {
  const { lk } = node;
  const focusIsHere = node.contains(document.activeElement);
  for (const [name, { from }] of Object.entries(ACTIONS)) lk.buttons[name].hidden = !from.includes(card.status);
  lk.more.hidden = lk.buttons.reject.hidden;
  lk.actions.hidden = Boolean(card.why);
  if (focusIsHere && !node.contains(document.activeElement)) node.focus();
  const next = Object.values(ACTIONS).find(({ from }) => from.includes(card.status));
  if (card.call) setRestCall(lk.rest, "Sent", card.call);
  else setRestCall(lk.rest, next ? `${next.label} sends` : "", next && next.sends(card));
}

export function updateTimes(node, entry, now) {
  const { card, lk } = node;
  setText(lk.age, card.task_created ? `age ${howLong(now - card.task_created)}` : "age unknown");
  lk.age.title = card.task_created ? `The Task was created at ${exactly(card.task_created)}` : "";
  const pending = card.status === "pending";
  const left = card.deadline ? card.deadline - now : null;
  const share = left === null ? 1 : Math.min(1, Math.max(0, left / (card.deadline - card.created || 1)));
  lk.ring.style.strokeDashoffset = pending ? ROUND * (1 - share) : 0;
  node.dataset.time = pending && left !== null && left < SHORT_MS ? "short" : pending ? "enough" : "none";
  setText(lk.left, !pending ? MARKS[card.status] || "–" : left === null ? "…" : countdown(left));
  lk.timer.title = pending && card.deadline ? `Times out at ${exactly(card.deadline)}` : "";
  node.classList.toggle(
    "lk-leaving",
    Boolean(entry.endedAt) && performance.now() - entry.endedAt > STAYS_AFTER_END_MS - FADES_MS,
  );
}

export async function act(it, node, name, more = {}) {
  const { lk, card } = node;
  const pressed = lk.buttons[name];
  if (pressed.hidden || pressed.disabled || lk.actions.hidden) return;
  const focusWasHere = node.contains(document.activeElement) || it.menu.contains(document.activeElement);
  const others = [...Object.values(lk.buttons), lk.more].filter((other) => other !== pressed);
  for (const other of others) other.disabled = true;
  setText(lk.said, "");
  const answer = await press(pressed, ACTIONS[name].busy, () =>
    it.wire.ask(name, { sid: card.sid, task: card.task, ...more }),
  );
  for (const other of others) other.disabled = false;
  if (!answer.ok) setText(lk.said, answer.text);
  it.view.say(answer.text);
  const entry = it.cards.get(card.sid);
  if (entry) entry.stays = performance.now() + STAYS_AFTER_END_MS; // whatever the filter says, one sees what became of it
  if (focusWasHere && node.isConnected && document.activeElement === document.body) node.focus();
}

export function createMenu(it) {
  const close = (refocus) => {
    if (menu.hidden) return;
    if (menu.hidePopover) menu.hidePopover();
    menu.hidden = true;
    if (refocus && menu.of.isConnected) menu.of.lk.more.focus();
  };
  const move = (step) => {
    const items = [...menu.querySelectorAll("button")];
    items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
  };
  const keys = { Escape: () => close(true), Tab: () => close(true), ArrowDown: () => move(1), ArrowUp: () => move(-1) };
  const menu = el("div", { class: "lk-menu", role: "menu", popover: "manual", hidden: true });
  menu.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  menu.addEventListener("focusout", (event) => menu.contains(event.relatedTarget) || close(false));
  menu.close = close;
  return menu;
}

export function openMenu(it, node) {
  const { menu } = it;
  const { card, lk } = node;
  if (lk.more.hidden || lk.more.disabled) return;
  const title = `Reject, and move ${card.worker || "the Worker"} to`;
  menu.setAttribute("aria-label", title);
  menu.of = node;
  const items = it.activities.map((activity) =>
    el(
      "button",
      { type: "button", class: "lk-menu-item", role: "menuitem", on: { click: () => choose(activity) } },
      light(activity.available ? "green" : "grey"),
      el("span", { text: activity.name }),
      el("span", { class: "lk-soft", text: activity.available ? "takes Tasks" : "takes no Tasks" }),
    ),
  );
  const choose = (activity) => {
    menu.close(true);
    act(it, node, "reject", { activity: activity.sid });
  };
  menu.replaceChildren(el("div", { class: "lk-menu-title lk-soft", "aria-hidden": "true", text: title }), ...items);
  menu.hidden = false;
  if (menu.showPopover) menu.showPopover();
  placeBeside(menu, lk.more.getBoundingClientRect());
  if (items.length) items[0].focus();
}

function placeBeside(menu, anchor) {
  const { width, height } = menu.getBoundingClientRect();
  const below = anchor.bottom + 4 + height <= window.innerHeight;
  menu.style.top = `${below ? anchor.bottom + 4 : Math.max(4, anchor.top - 4 - height)}px`;
  menu.style.left = `${Math.max(4, Math.min(anchor.right - width, window.innerWidth - width - 4))}px`;
}
