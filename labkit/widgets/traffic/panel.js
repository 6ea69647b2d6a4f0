// @ts-check
// Traffic: a line for each HTTP exchange, newest first, and below the list the one that is chosen, as it was.

import { button } from "../js/buttons.js";
import { el, setText } from "../js/dom.js";
import { emptyState, frame, setEmptyState } from "../js/frame.js";
import { panelScript } from "../js/reconnect.js";
import { connect } from "../js/wire.js";
import { detailPane } from "./details.js";
import { emptyLog, learn, matching, newestMissing, shownUntil, takeIn } from "./log.js";
import { windowedList } from "./windowed_list.js";

/**
 * @import { KernelTime, Shown } from "../js/wire.js"
 * @import { TrafficWire } from "./details.js"
 * @import { Exchange } from "./exchanges.js"
 * @import { Log } from "./log.js"
 */
/** @typedef {KernelTime & { first: number, heard: number, rows: Exchange[], redelivers: boolean, elsewhere: string }} State */

/** @type {[title: string, text: string]} */
const NO_MATCH = ["Nothing matches", "No exchange is as the filter asks for."];
/** @type {[title: string, text: string]} */
const NO_TRAFFIC = [
  "No traffic yet",
  "Each callback from TaskRouter appears here with its request and the answer that it got, and each REST call.",
];
const KINDS = [
  ["", "Everything"],
  ["callback", "Callbacks"],
  ["assignment", "Assignment callbacks"],
  ["event", "Event callbacks"],
  ["call", "REST calls"],
];

/**
 * The line that says which exchanges are to be seen.
 *
 * @param {() => void} onChange
 */
function filterLine(onChange) {
  const options = KINDS.map(([value, text]) => el("option", { value, text }));
  const kind = el("select", { "aria-label": "Kind", on: { change: onChange } }, ...options);
  const words = el("input", {
    type: "search",
    placeholder: "Filter by text, SID, status…",
    "aria-label": "Filter by text",
    on: { input: onChange },
  });
  const errors = el("input", { type: "checkbox", on: { change: onChange } });
  const label = el("label", { class: "lk-check" }, errors, el("span", { text: "only problems" }));
  return {
    root: el("div", { class: "lk-exchange-sieve" }, kind, words, label),
    wanted: () => ({ kind: kind.value, words: words.value.trim().toLowerCase(), errors: errors.checked }),
  };
}

/** @param {number} number */
const written = (number) => number.toLocaleString("en");

/**
 * How many are shown, and the button that holds the list.
 *
 * @param {Log} log
 * @param {() => void} onChange
 */
function countAndPause(log, onChange) {
  const count = el("span", { class: "lk-exchange-count", role: "status" });
  const pause = button("Pause", "secondary", () => {
    log.pausedAt = log.pausedAt === null ? log.heard : null;
    onChange();
  });
  return {
    nodes: [count, pause],
    /**
     * @param {number} shown
     * @param {number} all
     */
    update: (shown, all) => {
      const missed = log.heard - shownUntil(log);
      pause.setAttribute("aria-pressed", String(log.pausedAt !== null));
      setText(pause, log.pausedAt === null ? "Pause" : `Resume${missed ? ` (${written(missed)} new)` : ""}`);
      setText(count, shown === all ? written(all) : `${written(shown)} of ${written(all)}`);
    },
  };
}

/** @param {Shown<State>} shown */
function render({ model, el: host }) {
  const view = frame(host, "traffic", "Traffic", "utc");
  const log = emptyLog();
  let redelivers = false;
  /** @type {TrafficWire} */
  const wire = connect(model, view, (state) => {
    redelivers = state.redelivers;
    setText(elsewhere, state.elsewhere);
    elsewhere.hidden = !state.elsewhere;
    takeIn(log, state);
    show();
    fill();
  });
  const elsewhere = el("div", { class: "lk-exchange-elsewhere lk-problem", role: "status", hidden: true });
  const filter = filterLine(() => show(false));
  const counts = countAndPause(log, () => show());
  const empty = emptyState(...NO_TRAFFIC);
  const list = windowedList((row) => pane.show(row));
  const pane = detailPane(
    wire,
    () => redelivers,
    () => {
      list.drop();
      list.root.focus();
    },
  );
  view.aside.append(...counts.nodes);
  view.body.append(elsewhere, filter.root, empty, list.root, pane.root);

  const show = (anchored = true) => {
    const rows = matching(log, filter.wanted());
    const all = shownUntil(log) - log.first;
    counts.update(rows.length, all);
    setEmptyState(empty, ...(all ? NO_MATCH : NO_TRAFFIC));
    empty.hidden = rows.length > 0;
    list.root.hidden = rows.length === 0;
    list.draw(rows, anchored);
  };
  const fill = filler(log, wire, show);
  wire.start();
  return () => {
    list.stop();
    wire.stop();
  };
}

/**
 * Asks for the rows that are missing, the newest first, until none is: the state has only the last few.
 *
 * @param {Log} log
 * @param {TrafficWire} wire
 * @param {() => void} onMore
 */
function filler(log, wire, onMore) {
  let filling = false;
  return async () => {
    if (filling) return;
    filling = true;
    for (let place = newestMissing(log); place !== null; place = newestMissing(log)) {
      const answer = await wire.ask("rows", { before: place + 1 });
      if (!answer.ok || !answer.rows.some((row) => row.place === place)) break; // gone meanwhile, or the kernel is
      learn(log, answer.rows);
      onMore();
    }
    filling = false;
  };
}

export default panelScript("traffic", render);
