// @ts-check
// Story: what happened, as sentences, newest last; above it how far the newest Task has come.

import { button } from "../js/buttons.js";
import { el, keyed, setText } from "../js/dom.js";
import { exactly, timeOfDay } from "../js/format.js";
import { emptyState, frame } from "../js/frame.js";
import { light } from "../js/lights.js";
import { panelScript } from "../js/reconnect.js";
import { connect } from "../js/wire.js";

/** @import { KernelTime, Shown, Wire } from "../js/wire.js" */
/**
 * A step on the way of the newest Task; `at` is null while it has not been taken.
 *
 * @typedef {{ text: string, at: number | null, note: string }} Step
 */
/**
 * @typedef {object} Line
 * @property {string} key
 * @property {number} at
 * @property {string} type of the event
 * @property {string} topic
 * @property {string} text
 * @property {string} sid
 * @property {string | null} milestone
 */
/** @typedef {KernelTime & { lines?: Line[], steps?: Step[], task: string }} State */
/** @typedef {ReturnType<typeof createStep>} StepRow */

/** @param {Step} step */
function createStep(step) {
  const mark = el("span", { class: "lk-step-mark", "aria-hidden": "true" });
  const at = el("span", { class: "lk-step-at" });
  const root = el("li", { class: "lk-step" }, mark, el("span", { class: "lk-step-text", text: step.text }), at);
  return { root, mark, at, drawn: /** @type {number | null | undefined} */ (undefined) };
}

/**
 * @param {StepRow} row
 * @param {Step} step
 * @param {number} number
 */
function updateStep(row, step, number) {
  if (row.drawn === step.at) return;
  row.drawn = step.at;
  row.root.dataset.done = String(step.at !== null);
  row.mark.replaceChildren(step.at === null ? String(number) : light("green"));
  setText(row.at, step.at === null ? "not yet" : step.note || timeOfDay(step.at));
  row.root.title = exactly(step.at) ?? "";
}

/** @param {Line} line */
function createLine(line) {
  return el(
    "li",
    {
      class: "lk-story-line",
      data: { type: line.type, topic: line.topic, sid: line.sid, milestone: line.milestone },
    },
    el("time", {
      class: "lk-story-at lk-soft",
      text: timeOfDay(line.at),
      datetime: new Date(line.at).toISOString(),
      title: exactly(line.at),
    }),
    el("span", { class: "lk-story-dot", "aria-hidden": "true" }),
    el("span", { class: "lk-story-text", text: line.text, title: line.type }),
  );
}

/**
 * A list that stays at its end while its end is in view; else a button leads there when there is more.
 *
 * @param {Element} list
 */
function following(list) {
  const scroller = el("div", { class: "lk-story-scroller", role: "log", "aria-label": "Events", tabindex: "0" }, list);
  const newer = button("Newer events ↓", "secondary", () => toEnd(), {
    class: "lk-button lk-secondary lk-story-newer",
    hidden: true,
  });
  let follows = true;
  const toEnd = () => {
    scroller.scrollTop = scroller.scrollHeight;
    follows = true;
    newer.hidden = true;
  };
  scroller.addEventListener("scroll", () => {
    follows = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 24;
    if (follows) newer.hidden = true;
  });
  // The panel may be drawn before it is on the page, where nothing can be scrolled yet.
  const shown = new ResizeObserver(() => follows && toEnd());
  shown.observe(scroller);
  return {
    root: el("div", { class: "lk-story-box" }, scroller, newer),
    scroller,
    grown: () => {
      if (follows) toEnd();
      else newer.hidden = false;
    },
    stop: () => shown.disconnect(),
  };
}

/** @param {Shown<State>} shown */
function render({ model, el: host }) {
  const view = frame(host, "story", "Story", "utc");
  const steps = el("ol", { class: "lk-steps", "aria-label": "The way of the newest Task" });
  const log = el("ol", { class: "lk-story-log" });
  const box = following(log);
  const empty = emptyState(
    "Nothing has happened yet",
    "Create a Task, or change a Worker's Activity: TaskRouter reports each event to the callback server, and it is told here.",
  );
  view.body.append(steps, empty, box.root);

  /** @param {State} state */
  const draw = (state) => {
    const lines = state.lines || [];
    const numbered = (state.steps || []).map((step, index) => ({ step, number: index + 1 }));
    keyed(
      steps,
      numbered,
      ({ step }) => step.text,
      ({ step }) => createStep(step),
      (row, { step, number }) => updateStep(row, step, number),
    );
    const last = log.lastChild;
    keyed(
      log,
      lines,
      (line) => line.key,
      createLine,
      () => {},
    );
    empty.hidden = lines.length > 0;
    box.scroller.hidden = lines.length === 0;
    setText(view.aside, state.task ? `newest Task ${state.task}` : "");
    if (log.lastChild !== last) box.grown();
  };
  /** @type {Wire<{}>} */
  const wire = connect(model, view, draw);
  wire.start();
  return () => {
    box.stop();
    wire.stop();
  };
}

export default panelScript("story", render);
