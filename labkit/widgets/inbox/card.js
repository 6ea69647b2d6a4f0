// @ts-check
// A card of Inbox: one Reservation, what can be done with it, and the REST call that this is.

import { button } from "../js/buttons.js";
import { el, keyed, setAttribute, setText, svg } from "../js/dom.js";
import { countdown, exactly, howLong, shortSid } from "../js/format.js";
import { setRestCall } from "../js/rest_call.js";
import { setStatus, statusBadge, statusWords } from "../js/status.js";
import { whyButton } from "../js/why.js";
import { ACTIONS, act } from "./actions.js";
import { openMenu } from "./menu.js";
import { STAYS_AFTER_END_MS } from "./reservations.js";

/**
 * @import { RestCall } from "../js/rest_call.js"
 * @import { ActionName, Around } from "./actions.js"
 * @import { Entry } from "./reservations.js"
 */
/**
 * What Python tells of a Reservation; times are in milliseconds since 1970.
 *
 * @typedef {object} Card
 * @property {string} sid
 * @property {string} status
 * @property {boolean} over
 * @property {string} task its SID
 * @property {string} task_status
 * @property {string} worker
 * @property {string} worker_sid
 * @property {string} queue
 * @property {string} channel
 * @property {number} priority
 * @property {[name: string, value: string][]} attributes
 * @property {number | null} task_created
 * @property {number} created
 * @property {number | null} deadline
 * @property {string} handed from whom the Task comes by a transfer, or to whom it goes
 * @property {boolean} shared whether others may have the Task as well, because it was handed over
 * @property {string} why it cannot be answered any more
 * @property {RestCall | null} call the last one that was made for it
 */
/** @typedef {ReturnType<typeof createCard>} CardRow */

const FADES_MS = 500;
const SHORT_MS = 15000;
const ROUND = 2 * Math.PI * 22;
/** @type {Record<string, string>} */
const MARKS = {
  accepted: "✓",
  wrapping: "✓",
  completed: "✓",
  rejected: "✕",
  canceled: "✕",
  rescinded: "✕",
  timeout: "0:00",
};

/**
 * @param {Card} card
 * @param {Around} it
 */
export function createCard(card, it) {
  const timer = countdownRing();
  const parts = {
    ...timer.parts,
    worker: el("div", { class: "lk-card-worker" }),
    queue: el("div", { class: "lk-card-queue" }),
    handed: el("div", { class: "lk-card-handed" }),
    status: statusBadge("reservation", card.status),
    attributes: el("dl", { class: "lk-pairs lk-card-attributes" }),
    priority: el("span"),
    age: el("span"),
    taskStatus: statusBadge("task", card.task_status),
    task: el("span", { class: "lk-mono" }),
    why: el("div", { class: "lk-card-why" }),
    rest: el("div", { class: "lk-rest lk-card-rest", data: { acts: true } }),
    said: el("div", { class: "lk-card-said lk-problem" }),
    more: button(
      "▾",
      "secondary",
      () => {
        openMenu(it, row);
      },
      {
        class: "lk-button lk-secondary lk-card-more",
        "aria-haspopup": "menu",
        title: "Reject, and move the Worker to an Activity (R)",
      },
    ),
  };
  const buttons = actionButtons((name) => {
    act(it, row, name);
  });
  const { accept, reject, complete, wrap_up } = buttons;
  const rejecting = el("span", { class: "lk-card-reject" }, reject, parts.more);
  const actions = el("div", { class: "lk-card-actions", data: { acts: true } }, accept, rejecting, complete, wrap_up);
  const why = whyButton(it.wire, card.task, { "aria-label": `Why? Task ${shortSid(card.task)}` });
  const who = el(
    "div",
    { class: "lk-card-who" },
    el("div", { class: "lk-card-top" }, parts.worker, parts.status),
    el("div", { class: "lk-card-top" }, parts.queue, why),
    parts.handed,
  );
  const root = el(
    "li",
    { class: "lk-card", tabindex: "-1", data: { sid: card.sid, status: card.status } },
    el("div", { class: "lk-card-head" }, timer.root, who),
    parts.attributes,
    el("div", { class: "lk-card-facts" }, parts.priority, parts.age, parts.taskStatus, parts.task),
    el("div", { class: "lk-card-do" }, actions, parts.why),
    parts.rest,
    parts.said,
  );
  const row = { root, ...parts, timer: timer.root, buttons, actions, card, drawn: "" };
  return row;
}

/** The ring that empties as the time runs out, with the time in it. */
function countdownRing() {
  const circle = { cx: 26, cy: 26, r: 22 };
  const ring = svg("circle", { ...circle, class: "lk-ring-left", "stroke-dasharray": ROUND });
  const whole = svg("circle", { ...circle, class: "lk-ring-whole" });
  const dial = svg("svg", { viewBox: "0 0 52 52", "aria-hidden": "true" }, whole, ring);
  const left = el("span", { class: "lk-ring-text" });
  const root = el("div", { class: "lk-ring", role: "timer", "aria-label": "Time left to answer" }, dial, left);
  return { root, parts: { ring, left } };
}

/**
 * @param {(name: ActionName) => void} onClick
 * @returns {Record<ActionName, HTMLButtonElement>}
 */
function actionButtons(onClick) {
  /** @param {ActionName} name */
  const made = (name) => button(ACTIONS[name].label, ACTIONS[name].kind, () => onClick(name));
  return { accept: made("accept"), reject: made("reject"), complete: made("complete"), wrap_up: made("wrap_up") };
}

/**
 * @param {CardRow} row
 * @param {Card} card
 */
export function updateCard(row, card) {
  const wanted = JSON.stringify(card);
  if (row.drawn === wanted) return;
  row.drawn = wanted;
  row.card = card;
  row.root.dataset.status = card.status;
  const worker = card.worker || shortSid(card.worker_sid) || "a Worker";
  const channel = card.channel === "default" ? "" : card.channel;
  setAttribute(
    row.root,
    "aria-label",
    `Reservation of ${worker}: ${statusWords("reservation", card.status)}, ${statusWords("task", card.task_status)}`,
  );
  setText(row.worker, worker);
  setText(row.queue, [card.queue, channel].filter(Boolean).join(" · ") || "\u00a0");
  setText(row.handed, card.handed);
  setStatus(row.status, card.status);
  setStatus(row.taskStatus, card.task_status);
  pairs(row.attributes, card.attributes.length ? card.attributes : [["attributes", "none"]]);
  setText(row.priority, `Priority ${card.priority}`);
  setText(row.task, shortSid(card.task));
  setAttribute(row.task, "title", card.task);
  row.more.setAttribute("aria-label", `Reject, and move ${worker} to an Activity`);
  setText(row.why, card.why);
  updateActions(row, card);
  if (card.over) setText(row.said, "");
}

/**
 * Attributes as names and values.
 *
 * @param {Element} container
 * @param {[name: string, value: string][]} items
 */
function pairs(container, items) {
  keyed(
    container,
    items,
    ([name]) => name,
    ([name]) => {
      const value = el("dd");
      return { root: el("div", { class: "lk-pair" }, el("dt", { text: name }), value), value };
    },
    (row, [, value]) => setText(row.value, value),
  );
}

/**
 * @param {CardRow} row
 * @param {Card} card
 */
function updateActions(row, card) {
  const focusIsHere = row.root.contains(document.activeElement);
  for (const [name, { from }] of Object.entries(ACTIONS)) {
    row.buttons[/** @type {ActionName} */ (name)].hidden = !from.includes(card.status);
  }
  row.more.hidden = row.buttons.reject.hidden;
  row.actions.hidden = Boolean(card.why);
  if (focusIsHere && !row.root.contains(document.activeElement)) row.root.focus();
  const next = Object.values(ACTIONS).find(({ from }) => from.includes(card.status));
  if (card.call) setRestCall(row.rest, "Sent", card.call);
  else setRestCall(row.rest, next ? `${next.label} sends` : "", next?.sends(card));
}

/**
 * What changes as time goes on.
 *
 * @param {CardRow} row
 * @param {Entry} entry
 * @param {number} now TaskRouter's time
 */
export function updateTimes(row, entry, now) {
  const { card } = row;
  setText(row.age, card.task_created ? `age ${howLong(now - card.task_created)}` : "age unknown");
  row.age.title = card.task_created ? `The Task was created at ${exactly(card.task_created)}` : "";
  const pending = card.status === "pending";
  const left = card.deadline ? card.deadline - now : null;
  row.ring.style.strokeDashoffset = String(pending ? ROUND * (1 - shareLeft(card, now)) : 0);
  row.root.dataset.time = pending && left !== null && left < SHORT_MS ? "short" : pending ? "enough" : "none";
  setText(row.left, !pending ? MARKS[card.status] || "–" : left === null ? "…" : countdown(left));
  row.timer.title = pending && card.deadline ? `Times out at ${exactly(card.deadline)}` : "";
  const leaving = Boolean(entry.endedAt) && performance.now() - entry.endedAt > STAYS_AFTER_END_MS - FADES_MS;
  row.root.classList.toggle("lk-leaving", leaving);
}

/**
 * How much of the time to answer is left, from 1 to 0; 1 where it is not known.
 *
 * @param {{ created: number, deadline: number | null }} card
 * @param {number} now
 */
export function shareLeft({ created, deadline }, now) {
  if (!deadline) return 1;
  return Math.min(1, Math.max(0, (deadline - now) / (deadline - created || 1)));
}
