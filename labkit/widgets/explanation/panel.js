// @ts-check
// ExplanationPanel: why one Task is where it is, and a choice of others.

import { button, press } from "../js/buttons.js";
import { offerChoices } from "../js/choices.js";
import { el, setText } from "../js/dom.js";
import { explanationTree } from "../js/explanation_tree.js";
import { shortSid, timeOfDay } from "../js/format.js";
import { emptyState, frame } from "../js/frame.js";
import { panelScript } from "../js/reconnect.js";
import { connect } from "../js/wire.js";

/**
 * @import { Choice } from "../js/choices.js"
 * @import { Explanation } from "../js/explanation_tree.js"
 * @import { KernelTime, Shown, Wire } from "../js/wire.js"
 */
/** @typedef {KernelTime & { tasks: Choice[], explanation: Explanation | null, changed: boolean, trouble: string }} State */
/** @typedef {{ show: {} }} Answers */

/** @param {Shown<State>} shown */
function render({ model, el: host }) {
  const view = frame(host, "explanation", "Why is this Task where it is?", "spans");
  const choice = el("select", { "aria-label": "Task", on: { change: () => explain() } });
  const again = button("Refresh", "secondary", () => explain());
  const said = el("div", { class: "lk-explained-said lk-soft", role: "status" });
  const tree = explanationTree();
  const empty = emptyState("Nothing to explain yet", "Create a Task; then its way through the Workflow stands here.");
  view.aside.append(choice, again);
  view.body.append(said, empty, tree.root);
  /** @type {string | null} */
  let drawn = null;
  /** @returns {Promise<unknown>} */
  const explain = () => press(again, "Looking…", () => wire.ask("show", { task: choice.value }));
  /** @param {State} state */
  const draw = ({ tasks, explanation, changed, trouble }) => {
    offer(choice, tasks, explanation?.task);
    const asOf = explanation && `As of ${timeOfDay(explanation.at)} UTC${changed ? "; it has changed since" : ""}`;
    setText(said, trouble || asOf);
    said.className = `lk-explained-said ${trouble ? "lk-problem" : "lk-soft"}`;
    tree.root.hidden = !explanation;
    empty.hidden = Boolean(explanation || trouble);
    const key = explanation && `${explanation.task} ${explanation.at}`;
    if (!explanation || key === drawn) return;
    drawn = key;
    choice.value = explanation.task;
    tree.show(explanation);
  };
  /** @type {Wire<Answers>} */
  const wire = connect(model, view, draw);
  wire.start();
  return wire.stop;
}

/**
 * The Tasks to choose from, and always the one that is explained.
 *
 * @param {HTMLSelectElement} select
 * @param {Choice[]} tasks
 * @param {string} [sid]
 */
function offer(select, tasks, sid) {
  const known = tasks.some((task) => task.value === sid);
  const choices = sid && !known ? [{ value: sid, text: shortSid(sid) }, ...tasks] : tasks;
  offerChoices(select, choices);
  select.hidden = choices.length === 0;
}

export default panelScript("explanation", render);
