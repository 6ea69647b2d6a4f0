// ExplanationPanel: why one Task is where it is, and a choice of others.

import { button, press } from "../js/buttons.js";
import { el, keyed, setText } from "../js/dom.js";
import { explanationTree } from "../js/explanation_tree.js";
import { shortSid, timeOfDay } from "../js/format.js";
import { emptyState, frame } from "../js/frame.js";
import { connect } from "../js/wire.js";

function render({ model, el: host }) {
  const view = frame(host, "explanation", "Why is this Task where it is?");
  const choice = el("select", { "aria-label": "Task", on: { change: () => explain() } });
  const again = button("Refresh", "secondary", () => explain());
  const said = el("div", { class: "lk-explained-said lk-soft", role: "status" });
  const tree = explanationTree();
  const empty = emptyState("Nothing to explain yet", "Create a Task; then its way through the Workflow stands here.");
  view.aside.append(choice, again);
  view.body.append(said, empty, tree.root);
  let drawn = null;
  const explain = () => press(again, "Looking…", () => wire.ask("show", { task: choice.value }));
  const draw = (state) => {
    const { explanation } = state;
    const sid = explanation ? explanation.task : "";
    const known = state.tasks.some((task) => task.value === sid);
    const choices = sid && !known ? [{ value: sid, text: shortSid(sid) }, ...state.tasks] : state.tasks;
    keyed(
      choice,
      choices,
      (task) => task.value,
      (task) => el("option", { value: task.value }),
      (option, task) => setText(option, task.text),
    );
    choice.hidden = choices.length === 0;
    setText(said, state.trouble || (explanation ? `As of ${timeOfDay(explanation.at)}` : ""));
    said.className = `lk-explained-said ${state.trouble ? "lk-problem" : "lk-soft"}`;
    tree.root.hidden = !explanation;
    empty.hidden = Boolean(explanation || state.trouble);
    const key = explanation && `${sid} ${explanation.at}`;
    if (!explanation || key === drawn) return;
    drawn = key;
    choice.value = sid;
    tree.show(explanation);
  };
  const wire = connect(model, view, draw);
  wire.start();
  return wire.stop;
}

export default { render };
