// @ts-check
// TimeAndFaults: the sandbox's clock, and beside it the faults; on a real account neither.

import { clickResult } from "../js/click_result.js";
import { el } from "../js/dom.js";
import { emptyState, frame } from "../js/frame.js";
import { light } from "../js/lights.js";
import { panelScript } from "../js/reconnect.js";
import { every } from "../js/timers.js";
import { connect } from "../js/wire.js";
import { clockPart, drawTime, tick } from "./clock.js";
import { countOn, drawFaults, faultPart } from "./faults.js";
import { counted } from "./words.js";

/**
 * @import { Frame } from "../js/frame.js"
 * @import { KernelTime, Model, Shown, Wire } from "../js/wire.js"
 * @import { ClockPart } from "./clock.js"
 * @import { Fault, FaultPart } from "./faults.js"
 * @import { Moved } from "./words.js"
 */
/**
 * @typedef {object} Content
 * @property {boolean} available whether this is a sandbox
 * @property {boolean} known whether its clock has been read
 * @property {{ at: number, text: string } | null} next what is due next
 * @property {Moved | null} moved what came of the last move
 * @property {Fault[]} faults
 * @property {string} trouble
 */
/** @typedef {KernelTime & Content} State */
/** @typedef {{ code?: string }} Clicked the line of Python that it was */
/**
 * @typedef {{
 *   look: {}, advance: Clicked, next: Clicked, pause: Clicked, resume: Clicked, fault: Clicked, faults_off: Clicked
 * }} Answers
 */
/**
 * The panel as it is now.
 *
 * @typedef {object} TimeAndFaults
 * @property {Model<State>} model
 * @property {Frame} view
 * @property {Wire<Answers>} wire
 * @property {number | null} lookedFor the deadline that has passed, and for which Python was asked to look
 * @property {ReturnType<typeof clickResult>} result what came of the last click
 * @property {ClockPart} time
 * @property {FaultPart} faults
 */

const LOOK_EVERY_MS = 5000; // another notebook or a terminal may have moved the clock or switched a fault
const ONLY_A_SANDBOX =
  'This lab talks to a real Twilio account. Its time is Twilio\'s own, and nothing there is made to fail on purpose. labkit.start(mode="sandbox") starts a lab in which time can be moved and faults can be made; the account is not touched by it.';

/**
 * @param {TimeAndFaults} it
 * @param {State} state
 */
function drawAside({ view, wire }, state) {
  const paused = wire.paused();
  const on = countOn(state.faults);
  const words = [paused ? "Time stands still" : "Time runs", ...(on ? [counted(on, "fault")] : [])].join(" · ");
  if (view.aside.dataset.words === words) return;
  view.aside.dataset.words = words;
  view.aside.replaceChildren(light(paused || on ? "amber" : "green"), el("span", { text: words }));
}

/** @param {Shown<State>} shown */
function render({ model, el: host }) {
  const view = frame(host, "time-and-faults", "Time and faults");
  /** @type {Wire<Answers>} */
  const wire = connect(model, view, (state) => {
    both.hidden = !state.available;
    none.hidden = state.available;
    if (!state.available) return;
    drawTime(it, state);
    drawFaults(it, state);
    drawAside(it, state);
    if (state.trouble) view.warn(state.trouble);
  });
  const it = /** @type {TimeAndFaults} */ ({ model, view, wire, lookedFor: null, result: clickResult(view) });
  it.time = clockPart(it);
  it.faults = faultPart(it);
  const both = el("div", { class: "lk-both" }, it.time.root, it.faults.root);
  const none = emptyState("Only the sandbox has these", ONLY_A_SANDBOX);
  view.body.append(both, none);
  const seen = () => model.get("state").available && !document.hidden && view.root.isConnected;
  const stops = [every(250, () => seen() && tick(it)), every(LOOK_EVERY_MS, () => seen() && wire.ask("look"))];
  wire.start();
  return () => {
    for (const stop of stops) stop();
    wire.stop();
  };
}

export default panelScript("time_and_faults", render);
