// @ts-check
// WorkerBoard: a row for each Worker, what looks for some of them, and the REST call of the last change.

import { button } from "../js/buttons.js";
import { el, keyed, setText } from "../js/dom.js";
import { emptyState, frame, setEmptyState } from "../js/frame.js";
import { panelScript } from "../js/reconnect.js";
import { setRestCall } from "../js/rest_call.js";
import { statusWords } from "../js/status.js";
import { every } from "../js/timers.js";
import { connect } from "../js/wire.js";
import { openAdd } from "./form.js";
import { read } from "./reading.js";
import { createRow, updateRow, updateSince } from "./row.js";

/**
 * @import { Frame } from "../js/frame.js"
 * @import { JsonProblem } from "../js/json_problem.js"
 * @import { RestCall } from "../js/rest_call.js"
 * @import { WhyAnswers } from "../js/why.js"
 * @import { KernelTime, Model, Shown, Wire } from "../js/wire.js"
 * @import { Activity, Row, Worker } from "./row.js"
 */
/**
 * @typedef {object} Content
 * @property {Worker[]} [workers]
 * @property {number} [more] Workers that are not sent
 * @property {number} [available]
 * @property {Activity[]} [activities]
 * @property {number} most the highest capacity
 * @property {string | null} own the Worker that one is, where one is no more than that
 * @property {RestCall | null} call the last one that was made here
 */
/** @typedef {KernelTime & Content} State */
/**
 * @typedef {WhyAnswers & {
 *   set_activity: {}, set_capacity: {}, create: { worker: string }, update: {}, delete: {}, channels: {},
 *   check: { problem: JsonProblem | null }, attributes: { attributes: string }
 * }} Answers
 */
/**
 * The board as it is now.
 *
 * @typedef {object} Board
 * @property {Wire<Answers>} wire
 * @property {Frame} view
 * @property {{ text: string }} found what is looked for
 * @property {Map<string, Row>} rows by SID
 * @property {Activity[]} activities
 * @property {number} most the highest capacity
 * @property {string | null} own the Worker that one is, where one is no more than that
 * @property {number} limit of rows that are shown
 * @property {Map<string, Set<string>>} channels which of a Worker's are shown
 * @property {Set<string>} wanted Workers whose capacities are to be read
 * @property {boolean} isReading
 * @property {Set<string>} unreadable
 * @property {IntersectionObserver} seen
 * @property {{ root: HTMLElement, form: { start: () => void } | null }} adding
 * @property {HTMLButtonElement} add
 * @property {HTMLElement} count
 * @property {HTMLInputElement} find
 * @property {HTMLElement} list
 * @property {HTMLElement} empty
 * @property {{ root: HTMLElement, button: HTMLButtonElement, words: HTMLElement }} more
 * @property {HTMLElement} rest
 * @property {HTMLElement} foot
 */

const ROWS = 30;
const FIND_FROM = 8;

/** @type {WeakMap<object, { text: string }>} */
const foundOf = new WeakMap(); // what is looked for, kept when JupyterLab draws the same panel anew

/**
 * @param {Model<State>} model
 * @param {HTMLElement} host
 */
function build(model, host) {
  const view = frame(host, "workers", "Workers", "spans");
  const found = foundOf.get(model) ?? { text: "" };
  foundOf.set(model, found);
  /** @type {Wire<Answers>} */
  const wire = connect(model, view, (state) => draw(it, state));
  /** @type {Board} */
  const it = {
    wire,
    view,
    found,
    rows: new Map(),
    activities: [],
    most: 0,
    own: null,
    limit: ROWS,
    channels: new Map(),
    wanted: new Set(),
    isReading: false,
    unreadable: new Set(),
    seen: new IntersectionObserver((entries) => {
      for (const entry of entries) noteSeen(it, entry);
    }),
    adding: { root: el("div", { class: "lk-worker-adding" }), form: null },
    add: button("Add a Worker", "secondary", () => openAdd(it), { data: { acts: "owner" } }),
    count: el("span"),
    find: findField(found.text),
    list: el("ul", { class: "lk-worker-list", role: "list", tabindex: "-1", "aria-label": "Workers" }),
    empty: emptyState("", ""),
    more: moreLine(() => {
      it.limit += ROWS;
      draw(it, model.get("state"));
    }),
    rest: el("div", { class: "lk-rest", data: { acts: true } }),
    foot: el("div", { class: "lk-worker-foot" }),
  };
  it.foot.append(it.rest, legend());
  view.aside.append(it.count, it.add);
  view.body.append(it.adding.root, it.find, it.empty, it.list, it.more.root, it.foot);
  return it;
}

/** @param {string} text */
function findField(text) {
  const find = el("input", {
    type: "search",
    class: "lk-worker-find",
    placeholder: "Find by name, Activity or attribute",
    "aria-label": "Find Workers",
    hidden: true,
  });
  find.value = text;
  return find;
}

/** @param {() => void} onClick */
function moreLine(onClick) {
  const node = button("", "secondary", onClick);
  const words = el("span");
  return { root: el("div", { class: "lk-worker-more lk-soft", hidden: true }, node, words), button: node, words };
}

function legend() {
  const items = ["assigned", "wrapping", "reserved", "free"].map((use) =>
    el(
      "span",
      { class: "lk-legend" },
      el("span", { class: "lk-place", data: { use } }),
      el("span", { text: use === "free" ? use : statusWords("task", use) }),
    ),
  );
  return el("div", { class: "lk-legends lk-soft" }, ...items);
}

/**
 * Capacities are read of the rows that somebody sees.
 *
 * @param {Board} it
 * @param {IntersectionObserverEntry} entry
 */
function noteSeen(it, { target, isIntersecting }) {
  const { sid } = /** @type {HTMLElement} */ (target).dataset;
  const row = it.rows.get(sid ?? "");
  if (!row || row.root !== target) return;
  row.isSeen = isIntersecting;
  if (isIntersecting && !row.worker.channels) read(it, row.worker.sid);
}

/**
 * The Workers that have every word somewhere: in name, Activity, SID or attributes.
 *
 * @param {Worker[]} workers
 * @param {string} text
 */
export function matching(workers, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return workers;
  return workers.filter((worker) => {
    const all = [worker.name, worker.activity, worker.sid, ...worker.skills.flat(), ...worker.chips.flat()]
      .join(" ")
      .toLowerCase();
    return words.every((word) => all.includes(word));
  });
}

/**
 * @param {Board} it
 * @param {State} state
 */
function draw(it, state) {
  const workers = state.workers ?? [];
  it.activities = state.activities ?? [];
  it.most = state.most;
  it.own = state.own;
  it.view.root.toggleAttribute("data-member", it.own !== null);
  const fitting = matching(workers, it.found.text);
  const shown = fitting.slice(0, it.limit);
  const focused = it.list.contains(document.activeElement);
  const now = it.wire.now();
  it.rows = keyed(
    it.list,
    shown,
    (worker) => worker.sid,
    (worker) => createRow(worker, it),
    (row, worker) => {
      updateRow(row, worker, it);
      updateSince(row, now);
    },
  );
  if (focused && !it.list.contains(document.activeElement)) it.list.focus({ preventScroll: true });
  it.find.hidden = workers.length < FIND_FROM && !it.found.text;
  it.empty.hidden = shown.length > 0;
  if (workers.length) setEmptyState(it.empty, "No Worker fits", noneFits(workers.length));
  else setEmptyState(it.empty, "No Workers yet", ADD_ONE);
  updateMore(it, { fitting: fitting.length, shown: shown.length, unlisted: state.more ?? 0 });
  it.foot.hidden = !workers.length;
  setText(it.count, workers.length ? `${state.available} of ${workers.length + (state.more ?? 0)} take Tasks` : "");
  setRestCall(it.rest, "Sent", state.call);
  if (!state.call) setText(it.rest, "What you change here is shown as the REST call that it makes.");
}

const ADD_ONE = "Add one with the button above: a name is enough; attributes decide which TaskQueues it serves.";
/** @param {number} count */
const noneFits = (count) => `None of ${count} has all of these words in name, Activity or attributes.`;

/**
 * @param {Board} it
 * @param {{ fitting: number, shown: number, unlisted: number }} counts
 */
function updateMore({ more }, { fitting, shown, unlisted }) {
  more.root.hidden = fitting <= shown && !unlisted;
  more.button.hidden = fitting <= shown;
  setText(more.button, `Show ${Math.min(ROWS, fitting - shown)} more`);
  setText(more.words, `${shown} of ${fitting}${unlisted ? `; ${unlisted} more are not listed here` : ""}`);
}

/** @param {Shown<State>} shown */
function render({ model, el: host }) {
  const it = build(model, host);
  it.find.addEventListener("input", () => {
    it.found.text = it.find.value;
    it.limit = ROWS;
    draw(it, model.get("state"));
  });
  it.wire.start();
  const endTicking = every(1000, () => {
    if (!it.view.root.isConnected) return;
    for (const row of it.rows.values()) updateSince(row, it.wire.now());
  });
  return () => {
    endTicking();
    it.seen.disconnect();
    it.wire.stop();
  };
}

export default panelScript("workers", render);
