// @ts-check
// Playground: an expression tried on Workers and Tasks as one types, and a Workflow with the way of a Task through it.

import { el, setText, uniqueId } from "../js/dom.js";
import { frame } from "../js/frame.js";
import { panelScript } from "../js/reconnect.js";
import { afterQuiet } from "../js/timers.js";
import { connect } from "../js/wire.js";
import { draftOfPage, oneAtATime, overlaid } from "./draft.js";
import { expressionField, sourcesOf } from "./expression.js";
import { editableTable } from "./rows.js";
import { OWN, showWorkflow, workflowPart } from "./workflow.js";

/**
 * @import { Choice } from "../js/choices.js"
 * @import { KernelTime, Model, Shown, Wire } from "../js/wire.js"
 * @import { Draft, Row } from "./draft.js"
 * @import { Judged, Queue } from "./expression.js"
 * @import { Drawn } from "./workflow.js"
 */
/**
 * @typedef {object} Content
 * @property {Draft} draft
 * @property {Row[]} workers
 * @property {number} more_workers
 * @property {Row[]} tasks
 * @property {string[]} activities
 * @property {Queue[]} queues
 * @property {Choice[]} workflows
 * @property {string} followed the key of a Task
 * @property {Judged | null} judged
 * @property {Drawn} picture
 * @property {string} trouble
 */
/** @typedef {KernelTime & Content} State */
/** @typedef {{ draft: {} }} Answers */
/** @typedef {ReturnType<typeof build>} Playground */

const SEND_AFTER_MS = 120;

/**
 * @param {Model<State>} model
 * @param {HTMLElement} host
 */
function build(model, host) {
  const view = frame(host, "playground", "Playground: expressions and Workflows");
  const draft = draftOfPage(uniqueId("page"));
  /** @type {Wire<Answers>} */
  const wire = connect(model, view, (state) => draw(it, state));
  const send = oneAtATime(async () => {
    const { ok, text } = await wire.ask("draft", draft.get());
    if (!ok) view.warn(text);
  });
  const sending = afterQuiet(SEND_AFTER_MS, send);
  /** @param {Partial<Draft>} changes */
  const change = (changes) => {
    draft.change(changes);
    draw(it, model.get("state"));
    sending.soon();
  };
  const it = {
    draft,
    wire,
    sending,
    expression: expressionField(change),
    workers: editableTable(
      { thing: "Worker", isOfActivities: true, added: { name: "New Worker", attributes: '{"languages": ["es"]}' } },
      () => draft.get().workers,
      (workers) => change({ workers }),
    ),
    tasks: editableTable(
      { thing: "Task", isOfActivities: false, added: { name: "New Task", attributes: "{}", note: "not created" } },
      () => draft.get().tasks,
      (tasks) => change({ tasks }),
    ),
    workflow: workflowPart(change),
    trouble: el("div", { class: "lk-problem", role: "status", hidden: true }),
    note: el("div", { class: "lk-soft", text: "Nothing that is typed here changes the Workspace." }),
  };
  const tables = el("div", { class: "lk-tables" }, it.workers.root, it.tasks.root);
  view.body.append(it.note, it.trouble, it.expression.root, tables, it.workflow.root);
  return it;
}

/**
 * @param {Playground} it
 * @param {State} state
 */
function draw(it, state) {
  const isNew = it.draft.takeOver(state.draft);
  const draft = it.draft.get();
  if (isNew) it.expression.fillIn(draft);
  setText(it.trouble, state.trouble);
  it.trouble.hidden = !state.trouble;
  // What was found out is shown with the next drawing, too, until there is something newer: no row blinks while one types.
  const { judged } = state;
  it.expression.show(judged, sourcesOf(state.queues, state.picture.workflow));
  const problems = judged?.problems ?? {};
  const ofTasks = judged?.place === "filter";
  const verdicts = judged && !judged.error && !judged.is_blank ? judged.verdicts : null;
  it.workers.show({
    rows: state.workers,
    more: state.more_workers,
    notes: state.activities,
    edits: draft.workers,
    verdicts: ofTasks ? null : verdicts,
    problems,
  });
  const tasks = { rows: state.tasks, more: 0, notes: [], edits: draft.tasks };
  it.tasks.show({ ...tasks, verdicts: ofTasks ? verdicts : null, problems });
  drawWorkflow(it, state, isNew);
}

/**
 * @param {Playground} it
 * @param {State} state
 * @param {boolean} isNew
 */
function drawWorkflow(it, state, isNew) {
  const draft = it.draft.get();
  const isOwn = draft.workflow === OWN;
  const text = draft.configuration ?? state.picture.configuration;
  const isTyped = draft.configuration !== null && draft.configuration !== undefined && !isNew;
  if (!isTyped && it.workflow.editor.value !== text) it.workflow.editor.value = text;
  const tasks = overlaid(state.tasks, draft.tasks).map((row) => ({
    value: row.key,
    text: [row.name, row.note, row.attributes.slice(0, 60)].filter(Boolean).join(" · "),
  }));
  showWorkflow(it.workflow, {
    workflows: state.workflows,
    tasks,
    followed: tasks.some((task) => task.value === draft.task) ? draft.task : state.followed,
    picture: state.picture,
    isEdited: draft.configuration !== null,
    isOwn,
  });
}

/** @param {Shown<State>} shown */
function render({ model, el: host }) {
  const it = build(model, host);
  it.wire.start();
  return () => {
    it.sending.stop();
    it.workflow.picture.stop();
    it.wire.stop();
  };
}

export default panelScript("playground", render);
