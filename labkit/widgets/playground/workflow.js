// @ts-check
// The Workflow: which one, its JSON, what is wrong with that, its picture, and the Task whose way is lit in it.

import { button } from "../js/buttons.js";
import { offerChoices } from "../js/choices.js";
import { el, keyed, uniqueId } from "../js/dom.js";
import { showJsonProblem } from "../js/json_problem.js";
import { light } from "../js/lights.js";
import { callBox, showRemarks } from "./expression.js";
import { workflowPicture } from "./picture.js";

/**
 * @import { Choice } from "../js/choices.js"
 * @import { JsonProblem } from "../js/json_problem.js"
 * @import { Colour } from "../js/lights.js"
 * @import { Draft } from "./draft.js"
 * @import { Remark } from "./expression.js"
 * @import { Way, Workflow } from "./boxes.js"
 */
/**
 * @typedef {object} Drawn
 * @property {string} sid
 * @property {string} configuration
 * @property {(Workflow & { remarks: Remark[] }) | null} workflow
 * @property {JsonProblem | null} problem
 * @property {string} call
 * @property {string[]} queues the TaskQueues with their SIDs
 */

/** In place of the SID of a Workflow: the configuration is nobody's. */
export const OWN = "of your own";
const NEW = JSON.stringify({ task_routing: { filters: [], default_filter: { queue: "" } } }, null, 2);
/** @type {Record<Way["place"], Colour>} */
const LIGHTS = { waits: "wait", taken: "green", ended: "grey", refused: "red" };

/** @param {(changes: Partial<Draft>) => void} change */
export function workflowPart(change) {
  const select = chooser("Workflow", (value) =>
    change({ workflow: value, configuration: value === OWN ? editor.value || NEW : null }),
  );
  const follow = chooser("Task to follow", (value) => change({ task: value }));
  /** @type {HTMLTextAreaElement} */
  const editor = el("textarea", {
    id: uniqueId("configuration"),
    rows: "12",
    class: "lk-editor lk-mono",
    spellcheck: "false",
    autocomplete: "off",
    on: { input: () => change({ configuration: editor.value }) },
  });
  const problem = el("div", { class: "lk-editor-problem", role: "status", id: uniqueId("problem") });
  editor.setAttribute("aria-describedby", problem.id);
  const stale = el("div", { class: "lk-soft", text: "The picture is of what could be read last.", hidden: true });
  const again = button("As in the Workspace", "quiet", () => change({ configuration: null }));
  const call = callBox();
  const picture = workflowPicture();
  const way = el("div", { class: "lk-way-said", role: "status" });
  const workers = el("ul", {
    class: "lk-way-workers",
    tabindex: "0",
    "aria-label": "Who may have the Task, and who not",
  });
  const queues = el("ul", { class: "lk-queue-sids lk-mono", "aria-label": "TaskQueues of the Workspace" });
  const remarks = el("ul", { class: "lk-remarks", "aria-label": "What the linter says of the Workflow" });
  const json = el(
    "details",
    { class: "lk-json" },
    el("summary", { text: "Configuration (JSON)" }),
    el("div", { class: "lk-field-head" }, el("label", { for: editor.id, text: "Change it, and see" }), again),
    editor,
    problem,
    queues,
    call.root,
  );
  const choices = el("div", { class: "lk-choices" }, select.root, follow.root);
  const parts = { select, follow, editor, problem, stale, again, call, picture, way, workers, queues, remarks, json };
  const root = el("div", { class: "lk-workflow" }, choices, way, workers, stale, picture.root, remarks, json);
  return { ...parts, root };
}

/** @typedef {ReturnType<typeof workflowPart>} WorkflowPart */

/**
 * @param {WorkflowPart} it
 * @param {{ workflows: Choice[], tasks: Choice[], followed: string, picture: Drawn, isEdited: boolean, isOwn: boolean }} shown
 */
export function showWorkflow(it, { workflows, tasks, followed, picture, isEdited, isOwn }) {
  it.select.offer([...workflows, { value: OWN, text: "A configuration of your own" }], isOwn ? OWN : picture.sid);
  it.follow.offer(tasks, followed);
  it.again.hidden = !isEdited || isOwn;
  showJsonProblem(it.problem, it.editor, picture.problem);
  if (picture.problem && !it.json.open && it.stale.hidden) it.json.open = true;
  it.problem.hidden = it.stale.hidden = !picture.problem;
  it.picture.show(picture.workflow);
  keyed(
    it.queues,
    picture.queues,
    (queue) => queue,
    (queue) => el("li", { text: queue }),
    () => {},
  );
  it.call.show(picture.call, "As SDK call");
  showRemarks(it.remarks, picture.workflow?.remarks ?? []);
  showWay(it, picture.workflow?.way ?? null);
}

/**
 * @param {WorkflowPart} it
 * @param {Way | null} way
 */
function showWay({ way: said, workers }, way) {
  said.hidden = !way;
  workers.hidden = !way?.workers.length && !way?.alerts.length;
  if (!way) return;
  const { text } = way;
  if (said.dataset.text !== `${way.task}${text}`) {
    said.dataset.text = `${way.task}${text}`;
    said.replaceChildren(light(LIGHTS[way.place] ?? "grey"), el("div", {}, el("b", { text: way.task }), ` ${text}`));
  }
  const lines = [
    .../** @type {[string, string][]} */ (way.workers.map(([may, words]) => [may ? "✓" : "✗", words])),
    .../** @type {[string, string][]} */ (way.alerts.map((words) => ["!", words])),
  ];
  keyed(
    workers,
    lines,
    (line) => line.join(" "),
    ([mark, words]) =>
      el("li", { data: { mark } }, el("span", { class: "lk-mark", text: mark }), el("span", { text: words })),
    () => {},
  );
}

/**
 * A choice with its label; what is chosen is said from outside.
 *
 * @param {string} label
 * @param {(value: string) => void} onChoice
 */
function chooser(label, onChoice) {
  const id = uniqueId("choice");
  /** @type {HTMLSelectElement} */
  const select = el("select", { id, on: { change: () => onChoice(select.value) } });
  return {
    root: el("div", { class: "lk-choice" }, el("label", { for: id, text: label }), select),
    /**
     * @param {Choice[]} choices
     * @param {string} chosen
     */
    offer: (choices, chosen) => {
      offerChoices(select, choices);
      select.value = chosen;
    },
  };
}
