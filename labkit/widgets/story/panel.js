// Story: what happened, as sentences, newest last; above it how far the newest Task has come.

import { button } from "../js/buttons.js";
import { el, keyed, setText } from "../js/dom.js";
import { exactly, timeOfDay } from "../js/format.js";
import { emptyState, frame } from "../js/frame.js";
import { light } from "../js/lights.js";
import { connect } from "../js/wire.js";

function createStep(step) {
  const parts = {
    mark: el("span", { class: "lk-step-mark", "aria-hidden": "true" }),
    text: el("span", { class: "lk-step-text", text: step.text }),
    at: el("span", { class: "lk-step-at" }),
  };
  const node = el("li", { class: "lk-step" }, parts.mark, parts.text, parts.at);
  node.lk = parts;
  return node;
}

function updateStep(node, step, number) {
  const done = step.at !== null;
  if (node.dataset.done === String(done) && node.at === step.at) return;
  node.at = step.at;
  node.dataset.done = done;
  node.lk.mark.replaceChildren(done ? light("green") : document.createTextNode(number));
  setText(node.lk.at, done ? step.note || timeOfDay(step.at) : "not yet");
  node.title = done ? exactly(step.at) : "";
}

function createLine(line) {
  return el(
    "li",
    { class: "lk-story-line", data: { type: line.type, topic: line.topic, sid: line.sid, milestone: line.milestone } },
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

function render({ model, el: host }) {
  const view = frame(host, "story", "Story");
  const steps = el("ol", { class: "lk-steps", "aria-label": "The way of the newest Task" });
  const log = el("ol", { class: "lk-story-log" });
  const scroller = el("div", { class: "lk-story-scroller", role: "log", "aria-label": "Events", tabindex: "0" }, log);
  const newer = button("Newer events ↓", "secondary", () => toEnd(), {
    class: "lk-button lk-secondary lk-story-newer",
    hidden: true,
  });
  const empty = emptyState(
    "Nothing has happened yet",
    "Create a Task, or change a Worker's Activity: TaskRouter reports each event to the callback server, and it is told here.",
  );
  view.body.append(steps, empty, el("div", { class: "lk-story-box" }, scroller, newer));
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

  const draw = (state) => {
    const lines = state.lines || [];
    let number = 0;
    keyed(
      steps,
      state.steps || [],
      (step) => step.text,
      createStep,
      (node, step) => updateStep(node, step, (number += 1)),
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
    scroller.hidden = lines.length === 0;
    setText(view.aside, state.task ? `newest Task ${state.task}` : "");
    if (log.lastChild === last) return;
    if (follows) toEnd();
    else newer.hidden = false;
  };
  const wire = connect(model, view, draw);
  wire.start();
  // The panel may be drawn before it is on the page, where nothing can be scrolled yet.
  const shown = new ResizeObserver(() => follows && toEnd());
  shown.observe(scroller);
  return () => {
    shown.disconnect();
    wire.stop();
  };
}

export default { render };
