// @ts-check
// The sandbox's clock with its buttons, what is due next, and what came of a move.

import { button, press } from "../js/buttons.js";
import { el, setText, svg } from "../js/dom.js";
import { exactly, howLong, timeOfDay } from "../js/format.js";
import { aheadWords, day, movedWords, otherDay, sayBriefly } from "./words.js";

/**
 * @import { State, TimeAndFaults } from "./panel.js"
 * @import { Moved } from "./words.js"
 */
/** @typedef {ReturnType<typeof clockPart>} ClockPart */

/** @type {[label: string, seconds: number][]} */
const STEPS = [
  ["10 s", 10],
  ["1 min", 60],
  ["10 min", 600],
];
const LATE_MS = 400;
const MOVED_WITHIN_MS = 40000;
const MARKS = { bars: "M5 3.2v9.6M11 3.2v9.6", play: "M5.2 3.4l7 4.6-7 4.6z" };

/** @param {TimeAndFaults} it */
export function clockPart(it) {
  const face = {
    now: el("div", { class: "lk-clock-now", role: "timer", "aria-live": "off" }),
    day: el("div", {}),
    ahead: el("div", {}),
    hold: button("", "secondary", () => hold(it), {
      class: "lk-button lk-secondary lk-clock-hold",
      data: { acts: true },
    }),
  };
  const date = el("div", { class: "lk-clock-day lk-soft" }, face.day, face.ahead);
  const top = el("div", { class: "lk-clock-top" }, el("div", {}, face.now, date), face.hold);
  const next = nextLine(it);
  const moved = movedList();
  const root = el(
    "section",
    { class: "lk-clock", "aria-label": "Time in the sandbox" },
    el("div", { class: "lk-clock-side" }, top, advanceLine(it), it.result.said, it.result.line),
    el("div", { class: "lk-clock-side" }, next.root, moved.root),
  );
  return { ...face, root, next, moved };
}

/** @param {TimeAndFaults} it */
function advanceLine(it) {
  const steps = STEPS.map(([label, by]) => {
    const step = button(`+${label}`, "secondary", () => move(it, step, "advance", { seconds: by }, "…"), {
      "aria-label": `Advance ${label}`,
    });
    return step;
  });
  const seconds = el("input", {
    type: "number",
    min: "0",
    max: "2592000",
    step: "any",
    value: "90",
    "aria-label": "Seconds to advance",
  });
  const go = button("Advance", "secondary", () => advanceBy(it, seconds, go));
  seconds.addEventListener("keydown", (event) => {
    if (event.key === "Enter") advanceBy(it, seconds, go);
  });
  const custom = el("div", { class: "lk-clock-custom" }, seconds, el("span", { class: "lk-soft", text: "s" }), go);
  const given = { class: "lk-clock-steps", role: "group", "aria-label": "Advance time", data: { acts: true } };
  return el("div", given, ...steps, custom);
}

/** @param {TimeAndFaults} it */
function nextLine(it) {
  const text = el("div", { class: "lk-next-text" });
  const when = el("div", { class: "lk-next-when" });
  const runs = () => move(it, run, "next", {}, "Running…");
  const run = button("Run to next", "primary", runs, { data: { acts: true } });
  const title = el("div", { class: "lk-next-title lk-soft", text: "Due next" });
  const words = el("div", { class: "lk-next-words" }, title, text, when);
  return { root: el("div", { class: "lk-next" }, words, run), text, when, run };
}

/** What came of the last move: a headline, and what happened, oldest first. */
function movedList() {
  const headline = el("div", { class: "lk-moved-headline" });
  const rows = el("ol", { class: "lk-moved-rows", tabindex: "0", "aria-label": "What happened, oldest first" });
  const more = el("div", { class: "lk-soft", hidden: true });
  return { root: el("div", { class: "lk-moved" }, headline, rows, more), headline, rows, more, drawn: "" };
}

/**
 * @param {TimeAndFaults} it
 * @param {HTMLButtonElement} pressed
 * @param {"advance" | "next"} action
 * @param {object} payload
 * @param {string} busy
 */
async function move(it, pressed, action, payload, busy) {
  const answer = await press(pressed, busy, () => it.wire.ask(action, payload, MOVED_WITHIN_MS));
  it.result.tell(answer, () => movedWords(it.model.get("state").moved));
}

/**
 * @param {TimeAndFaults} it
 * @param {HTMLInputElement} seconds
 * @param {HTMLButtonElement} go
 */
function advanceBy(it, seconds, go) {
  const by = seconds.valueAsNumber;
  if (!Number.isFinite(by) || by < 0) {
    it.result.tell({ ok: false, text: "Give a number of seconds, such as 90." });
    seconds.focus();
    return;
  }
  move(it, go, "advance", { seconds: by }, "…");
}

/** @param {TimeAndFaults} it */
async function hold(it) {
  const { hold: node } = it.time;
  const paused = it.wire.paused();
  node.disabled = true;
  const answer = await it.wire.ask(paused ? "resume" : "pause");
  node.disabled = false;
  node.focus();
  it.result.tell(answer, () => (paused ? "Time runs." : "Time stands still."));
}

/**
 * @param {ClockPart["moved"]} list
 * @param {Moved | null} moved
 */
function drawMoved(list, moved) {
  const wanted = JSON.stringify(moved);
  if (list.drawn === wanted) return;
  list.drawn = wanted;
  list.headline.classList.toggle("lk-soft", !moved);
  setText(list.headline, moved ? movedWords(moved) : "What falls due when you move the time is listed here.");
  if (!moved) return;
  list.rows.hidden = !moved.rows.length;
  list.rows.replaceChildren(...moved.rows.map(([at, type, , text]) => happening(at, type, text)));
  list.rows.scrollTop = 0;
  list.more.hidden = !moved.more;
  setText(list.more, `and ${moved.more.toLocaleString()} more`);
}

/**
 * @param {number} at
 * @param {string} type
 * @param {string} text
 */
function happening(at, type, text) {
  const words = el("span", { class: "lk-moved-words" });
  sayBriefly(words, text);
  const what = el("span", { class: type === "due" ? "lk-due" : "lk-soft", text: type });
  return el("li", { data: { type } }, el("time", { text: timeOfDay(at), title: exactly(at) }), what, words);
}

/**
 * What changes as time goes on.
 *
 * @param {TimeAndFaults} it
 */
export function tick(it) {
  const { time, wire } = it;
  const { next } = it.model.get("state");
  const now = wire.now();
  setText(time.now, timeOfDay(now));
  setText(time.day, `UTC · ${day(now)}`);
  setText(time.ahead, aheadWords(now - Date.now()));
  if (!next) return;
  const left = next.at - now;
  const when = `in ${howLong(left + 999)}, at ${otherDay(next.at, now)}${timeOfDay(next.at)}`;
  setText(time.next.when, left > 0 ? when : "now");
  if (left < -LATE_MS && it.lookedFor !== next.at) {
    it.lookedFor = next.at; // what is due leaves no event now and then, so nobody tells
    wire.ask("look");
  }
}

/**
 * @param {TimeAndFaults} it
 * @param {State} state
 */
export function drawTime(it, state) {
  const { time, wire } = it;
  const paused = wire.paused();
  time.root.dataset.paused = String(paused);
  if (time.hold.dataset.paused !== String(paused)) {
    time.hold.dataset.paused = String(paused);
    time.hold.replaceChildren(mark(paused ? "play" : "bars"), el("span", { text: paused ? "Resume" : "Pause" }));
  }
  sayBriefly(time.next.text, state.next ? state.next.text : state.known ? "Nothing is due." : "Looking…");
  time.next.when.hidden = !state.next;
  if (!time.next.run.hasAttribute("aria-busy")) time.next.run.disabled = !state.next;
  drawMoved(time.moved, state.moved);
  tick(it);
}

/** @param {keyof typeof MARKS} name */
function mark(name) {
  const path = svg("path", { d: MARKS[name] });
  return svg("svg", { viewBox: "0 0 16 16", class: `lk-clock-mark lk-clock-${name}`, "aria-hidden": "true" }, path);
}
