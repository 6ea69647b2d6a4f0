// @ts-check
// The contact centre that lives: its settings and buttons, the day's clock, what comes of it, and who does what.

import { button, press } from "../js/buttons.js";
import { clickResult } from "../js/click_result.js";
import { el, setText } from "../js/dom.js";
import { timeOfDay } from "../js/format.js";
import { emptyState, frame } from "../js/frame.js";
import { light } from "../js/lights.js";
import { panelScript } from "../js/reconnect.js";
import { every } from "../js/timers.js";
import { connect } from "../js/wire.js";
import { callsChart, occupancyChart, waitingChart } from "./charts.js";
import { figureTiles } from "./figures.js";
import { peopleList } from "./people.js";
import { drawSettings, readSettings, settingsForm } from "./settings.js";

/**
 * @import { Frame } from "../js/frame.js"
 * @import { Colour } from "../js/lights.js"
 * @import { Answer, KernelTime, Model, Shown, Wire } from "../js/wire.js"
 * @import { Figures } from "./figures.js"
 * @import { Person } from "./people.js"
 * @import { Settings } from "./settings.js"
 */
/**
 * A day: how it stands.
 *
 * @typedef {object} Run
 * @property {"none" | "running" | "paused" | "over"} state
 * @property {string} note why it is over
 * @property {number | null} began
 * @property {number | null} ends
 * @property {number} speed
 * @property {Settings | null} settings
 * @property {string} elsewhere the Workspace in which it is, if that is another one than the lab's
 * @property {Figures | null} figures
 * @property {number} made how many Workers are there that were made for it
 * @property {Person[]} workers
 */
/** @typedef {{ available: boolean, wanted: Settings, run: Run | null, trouble: string }} Content */
/** @typedef {KernelTime & Content} State */
/** @typedef {{ code?: string }} Clicked the line of Python that it was */
/** @typedef {{ look: {}, start: Clicked, pause: Clicked, stop: Clicked, take_over: Clicked, give_back: Clicked }} Answers */
/** @typedef {ReturnType<typeof build>} It */

const LOOK_EVERY_MS = 2000; // another notebook may have started or stopped it
const ONLY_A_SANDBOX =
  'This lab talks to a real Twilio account, in which nobody plays callers and Workers. labkit.start(mode="sandbox") starts a lab in which they can be; the account is not touched by it.';
const FIRST = "Nobody has called yet. Start begins a day with the settings above.";

/**
 * @param {Model<State>} model
 * @param {HTMLElement} host
 */
function build(model, host) {
  const view = frame(host, "simulation", "Contact centre", "utc");
  /** @type {Wire<Answers>} */
  const wire = connect(model, view, (state) => draw(it, state));
  const clock = dayClock();
  const start = button("Start", "primary", () => click(it, start, "start", { settings: readSettings(form) }));
  const pause = button("Pause", "secondary", () => click(it, pause, "pause"));
  const stop = button("Stop", "secondary", () => click(it, stop, "stop"));
  const acts = el("div", { class: "lk-day-acts", data: { acts: true } }, start, pause, stop);
  const form = settingsForm();
  const result = clickResult(view);
  const note = el("div", { class: "lk-day-note", role: "status" });
  const tiles = figureTiles();
  const charts = [callsChart(), waitingChart(), occupancyChart()];
  const people = peopleList((action, worker) => wire.ask(action, { worker }).then((answer) => tell(it, answer)));
  const day = el(
    "div",
    { class: "lk-day" },
    tiles.root,
    el("div", { class: "lk-charts" }, ...charts.map((chart) => chart.root)),
    people.root,
  );
  const first = el("div", { class: "lk-day-first lk-soft", text: FIRST });
  const top = el("div", { class: "lk-day-top" }, clock.root, acts);
  const both = el("div", {}, top, form.root, result.said, note, result.line, day, first);
  const none = emptyState("Only the sandbox has one", ONLY_A_SANDBOX);
  view.body.append(both, none);
  const buttons = { start, pause, stop };
  const it = {
    model,
    view,
    wire,
    clock,
    buttons,
    form,
    result,
    note,
    tiles,
    charts,
    people,
    day,
    first,
    both,
    none,
  };
  return it;
}

/** The time of the day that is played, and how far it has come. */
function dayClock() {
  const time = el("div", { class: "lk-day-time", role: "timer", "aria-live": "off" });
  const bar = el("div", { class: "lk-day-bar" });
  const way = el("div", { class: "lk-day-way", role: "progressbar", "aria-label": "How far the day has come" }, bar);
  const words = el("div", { class: "lk-soft" });
  return { root: el("div", { class: "lk-day-clock" }, time, way, words), time, bar, way, words };
}

/**
 * @param {It} it
 * @param {HTMLButtonElement} pressed
 * @param {"start" | "pause" | "stop"} action
 * @param {object} [payload]
 */
async function click(it, pressed, action, payload = {}) {
  const answer = await press(pressed, "…", () => it.wire.ask(action, payload));
  tell(it, answer);
  draw(it, it.model.get("state"));
}

/**
 * @param {It} it
 * @param {Answer<Clicked>} answer
 */
function tell({ result }, answer) {
  result.tell(answer, (text) => text);
  return answer;
}

/** @type {Record<Run["state"], string>} */
const WORDS = { none: "Not started", running: "Running", paused: "Paused", over: "Over" };
/** @type {Record<Run["state"], Colour>} */
const LIGHTS = { none: "grey", running: "green", paused: "amber", over: "grey" };

/**
 * @param {It} it
 * @param {State} state
 */
function draw(it, state) {
  it.both.hidden = !state.available;
  it.none.hidden = state.available;
  if (!state.available) return;
  const run = state.run;
  const stands = run?.state ?? "none";
  const isOn = stands === "running" || stands === "paused";
  drawAside(it, stands);
  drawSettings(it.form, isOn && run?.settings ? run.settings : state.wanted, isOn);
  drawButtons(it, stands, run?.made ?? 0);
  setText(it.note, noteOf(run));
  it.note.hidden = !it.note.textContent;
  const figures = run?.figures ?? null;
  it.day.hidden = !figures;
  it.first.hidden = Boolean(figures);
  if (figures && run?.began && run.ends) {
    const day = { hours: (run.ends - run.began) / 3600e3, began: run.began };
    it.tiles.draw(figures);
    for (const chart of it.charts) chart.draw(figures, day);
  }
  if (state.trouble) it.view.warn(state.trouble);
  tick(it);
}

/** @param {Run | null} run */
function noteOf(run) {
  if (!run) return "";
  const where = run.elsewhere ? `It is in the Workspace ${run.elsewhere}.` : "";
  return [run.state === "over" ? run.note : "", where].filter(Boolean).join(" ");
}

/**
 * @param {It} it
 * @param {Run["state"]} stands
 */
function drawAside({ view }, stands) {
  if (view.aside.dataset.stands === stands) return;
  view.aside.dataset.stands = stands;
  view.aside.replaceChildren(light(LIGHTS[stands]), el("span", { text: WORDS[stands] }));
}

/**
 * @param {It} it
 * @param {Run["state"]} stands
 * @param {number} made
 */
function drawButtons({ buttons: { start, pause, stop } }, stands, made) {
  const isOn = stands === "running" || stands === "paused";
  /** @type {[HTMLButtonElement, boolean, string][]} */
  const offers = [
    [start, stands !== "running", stands === "paused" ? "Go on" : "Start"],
    [pause, stands === "running", "Pause"],
    [stop, isOn || made > 0, isOn || !made ? "Stop" : "Clear the Workers away"],
  ];
  for (const [node, isOffered, text] of offers) {
    if (node.hasAttribute("aria-busy")) continue;
    node.disabled = !isOffered;
    setText(node, text);
  }
}

/**
 * What changes as time goes on.
 *
 * @param {It} it
 */
function tick(it) {
  const { clock, people, wire } = it;
  const run = it.model.get("state").run;
  const isOn = run?.state === "running" || run?.state === "paused";
  const now = wire.now();
  clock.root.dataset.on = String(isOn);
  people.draw(run?.workers ?? [], now);
  clock.way.hidden = clock.time.hidden = !isOn;
  if (!run?.began || !run.ends || !isOn) {
    setText(clock.words, "No day is on");
    return;
  }
  const share = Math.max(0, Math.min(1, (now - run.began) / (run.ends - run.began)));
  setText(clock.time, timeOfDay(now).slice(0, 5));
  clock.bar.style.width = `${share * 100}%`;
  clock.way.setAttribute("aria-valuenow", String(Math.round(share * 100)));
  setText(clock.words, `from ${timeOfDay(run.began).slice(0, 5)} to ${timeOfDay(run.ends).slice(0, 5)} UTC`);
}

/** @param {Shown<State>} shown */
function render({ model, el: host }) {
  const it = build(model, host);
  const seen = () => model.get("state").available && !document.hidden && it.view.root.isConnected;
  let looks = false; // one question at a time: a kernel that is busy is not asked the more for it
  const look = async () => {
    if (looks || !seen()) return;
    looks = true;
    await it.wire.ask("look");
    looks = false;
  };
  const stops = [every(200, () => seen() && tick(it)), every(LOOK_EVERY_MS, look)];
  it.wire.start();
  return () => {
    for (const stop of stops) stop();
    it.wire.stop();
  };
}

export default panelScript("simulation", render);
