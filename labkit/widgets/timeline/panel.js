// @ts-check
// Timeline: a lane for each Task or Worker, with what looks for some of them and at some of the time.

import { button } from "../js/buttons.js";
import { el, svg, uniqueId } from "../js/dom.js";
import { emptyState, frame } from "../js/frame.js";
import { panelScript } from "../js/reconnect.js";
import { connect } from "../js/wire.js";
import { laneDetails } from "./details.js";
import { legend, patterns } from "./glyphs.js";
import { onKey } from "./keys.js";
import { laneStore } from "./lanes.js";
import { choose, followNow, openLane, showAll, sift, zoomIn, zoomOut } from "./navigate.js";
import { paintSoon } from "./paint.js";
import { listenToPointer } from "./pointer.js";
import { timeView } from "./time_view.js";
import { tooltip } from "./tooltip.js";

/**
 * @import { Frame } from "../js/frame.js"
 * @import { WhyAnswers } from "../js/why.js"
 * @import { KernelTime, Model, Shown, Wire } from "../js/wire.js"
 * @import { LaneDetails } from "./details.js"
 * @import { LaneRow } from "./lane_row.js"
 * @import { By, Lane, LanesAnswer, LaneStore } from "./lanes.js"
 * @import { TimeView } from "./time_view.js"
 * @import { Tooltip } from "./tooltip.js"
 */
/** @typedef {KernelTime & { epoch: number, revision: number }} State says only that there is news */
/** @typedef {Wire<WhyAnswers & { lanes: LanesAnswer }>} TimelineWire */
/**
 * The timeline as it is now.
 *
 * @typedef {object} Timeline
 * @property {string} id keeps two panels on one page apart
 * @property {Frame} panel
 * @property {TimelineWire} wire
 * @property {LaneStore} store
 * @property {TimeView} view
 * @property {Tooltip} tip
 * @property {LaneDetails} details
 * @property {(sid: string) => void} open a lane's details
 * @property {By} by
 * @property {{ sid: string, at: number } | null} picked the moment that the keys have come to
 * @property {string | null} opened the lane whose details are shown
 * @property {Lane[]} lanes that are looked for
 * @property {string} common what the names of all TaskQueues begin with
 * @property {Map<string, LaneRow>} rows on the page
 * @property {boolean} frameAsked
 * @property {boolean} stopped
 * @property {HTMLInputElement} search
 * @property {HTMLButtonElement} follow
 * @property {HTMLElement} count
 * @property {SVGElement} axis
 * @property {SVGElement} grid
 * @property {SVGElement} arrows from Worker to Worker
 * @property {HTMLElement} list
 * @property {HTMLElement} scroller
 * @property {HTMLElement} empty
 */

const KEYS_IN_WORDS =
  "Lanes. Arrow up and down: lane. Left and right: its events. Shift with left and right: move in time. Plus, minus, 0: zoom. N: follow now. Enter: all events of the lane.";

/**
 * @param {Model<State>} model
 * @param {HTMLElement} host
 */
function build(model, host) {
  const panel = frame(host, "timeline", "Timeline", "utc");
  /** @type {TimelineWire} */
  const wire = connect(model, panel, () => it.store.pull(() => it.by));
  const list = el("div", { class: "lk-lanes", role: "list" });
  /** @type {Timeline} */
  const it = {
    id: uniqueId("timeline"),
    panel,
    wire,
    store: laneStore(wire, () => sift(it)),
    view: timeView(),
    tip: tooltip(panel.root),
    details: laneDetails(wire, () => openLane(it, null)),
    open: (sid) => openLane(it, sid),
    by: "tasks",
    picked: null,
    opened: null,
    lanes: [],
    common: "",
    rows: new Map(),
    frameAsked: false,
    stopped: false,
    search: el("input", {
      type: "search",
      placeholder: "Find",
      "aria-label": "Find Tasks, TaskQueues or Workers",
      on: { input: () => sift(it) },
    }),
    follow: button("Follow now", "secondary", () => followNow(it), {
      "aria-pressed": "true",
      title: "Keep now in view (n)",
    }),
    count: el("div", { class: "lk-lane-label lk-soft" }),
    axis: svg("svg", { class: "lk-axis-plot", "aria-hidden": "true" }),
    grid: svg("svg", { class: "lk-grid", "aria-hidden": "true" }),
    arrows: svg("svg", { class: "lk-grid lk-handovers", "aria-hidden": "true" }),
    list,
    scroller: el("div", { class: "lk-scroller", tabindex: "0", role: "group", "aria-label": KEYS_IN_WORDS }, list),
    empty: emptyState(
      "Nothing has happened yet",
      "Create a Task: its lane begins here, and grows through pending, reserved, assigned and wrapping until it is completed.",
    ),
  };
  assemble(it);
  return it;
}

/** @param {Timeline} it */
function assemble(it) {
  const { aside, body } = it.panel;
  const axis = el("div", { class: "lk-axis" }, it.count, it.axis);
  const stage = el("div", { class: "lk-stage" }, it.grid, it.scroller, it.arrows, it.empty);
  const all = button("All", "secondary", () => showAll(it), { title: "All lanes, from the first event to now (0)" });
  aside.append(byChoice(it), it.search, ...zoomButtons(it), all, it.follow);
  body.append(patterns(it.id), legend(it.id), axis, stage, it.details.root);
}

/**
 * Tasks or Workers.
 *
 * @param {Timeline} it
 */
function byChoice(it) {
  /**
   * @param {By} value
   * @param {string} text
   */
  const choice = (value, text) => {
    const radio = el("input", {
      type: "radio",
      name: it.id,
      value,
      checked: value === it.by,
      on: { change: () => choose(it, value) },
    });
    return el("label", { class: "lk-switch" }, radio, el("span", { text }));
  };
  const given = { class: "lk-switches", role: "radiogroup", "aria-label": "One lane for each" };
  return el("div", given, choice("tasks", "Tasks"), choice("workers", "Workers"));
}

/** @param {Timeline} it */
function zoomButtons(it) {
  const [out, nearer] = ["Zoom out (−)", "Zoom in (+)"];
  return [
    button("−", "secondary", () => zoomOut(it), { "aria-label": out, title: out }),
    button("+", "secondary", () => zoomIn(it), { "aria-label": nearer, title: nearer }),
  ];
}

/**
 * Paint as often as the picture changes: each time that now has moved by a pixel, but not too often.
 *
 * @param {Timeline} it
 */
function paintAsTimeGoesOn(it) {
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  const tick = () => {
    if (!document.hidden) paintSoon(it);
    timer = setTimeout(tick, Math.min(1000, Math.max(100, it.view.duration(1))));
  };
  timer = setTimeout(tick, 100);
  return () => clearTimeout(timer);
}

/** @param {Shown<State>} shown */
function render({ model, el: host }) {
  const it = build(model, host);
  it.scroller.addEventListener("keydown", (event) => onKey(it, event));
  it.scroller.addEventListener("scroll", () => paintSoon(it), { passive: true });
  const endPointer = listenToPointer(it);
  const sized = new ResizeObserver(() => {
    it.view.look.wide = Math.max(80, it.axis.clientWidth);
    paintSoon(it);
  });
  sized.observe(it.scroller);
  sift(it);
  it.wire.start();
  const endPainting = paintAsTimeGoesOn(it);
  return () => {
    it.stopped = true;
    endPainting();
    sized.disconnect();
    endPointer();
    it.wire.stop();
  };
}

export default panelScript("timeline", render);
