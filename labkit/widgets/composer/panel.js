// @ts-check
// Composer: the form that creates a Task or ten, its mistakes while typing, and the same call in Python and in curl.

import { button, press } from "../js/buttons.js";
import { el, keyed, setText } from "../js/dom.js";
import { frame } from "../js/frame.js";
import { panelScript } from "../js/reconnect.js";
import { afterQuiet } from "../js/timers.js";
import { connect } from "../js/wire.js";
import { clearingLine } from "./clearing.js";
import { attributesEditor, taskForm } from "./form.js";
import { sameCall } from "./same_call.js";
import { batchLine, createTaskRow, updateTaskRow } from "./tasks.js";

/**
 * @import { Choice } from "../js/choices.js"
 * @import { JsonProblem } from "../js/json_problem.js"
 * @import { WhyAnswers } from "../js/why.js"
 * @import { KernelTime, Model, Shown, Wire } from "../js/wire.js"
 * @import { Template } from "./form.js"
 * @import { Batch, Task } from "./tasks.js"
 */
/**
 * @typedef {object} Content
 * @property {Choice[]} workflows
 * @property {Choice[]} channels
 * @property {string} trouble
 * @property {string[]} languages
 * @property {string} attributes
 * @property {number} limit the most characters of attributes
 * @property {number} default_timeout
 * @property {Template[]} templates
 * @property {Batch | null} batch
 * @property {number} batch_size
 * @property {string} credentials
 * @property {Task[]} tasks
 */
/** @typedef {KernelTime & Content} State */
/**
 * @typedef {{ problem: JsonProblem | null, characters: number, language: unknown, code: string, curl: string }} Checked
 */
/**
 * @typedef {WhyAnswers & {
 *   check: Checked, language: { attributes: string }, create: { task: string }, batch: {}, stop_batch: {},
 *   choices: {}, clear: {}
 * }} Answers
 */
/** @typedef {ReturnType<typeof build>} Composer */

const CHECK_AFTER_MS = 150;

/**
 * @param {Model<State>} model
 * @param {HTMLElement} host
 */
function build(model, host) {
  const view = frame(host, "composer", "Create a Task");
  const first = model.get("state");
  /** @type {Wire<Answers>} */
  const wire = connect(model, view, (state) => {
    draw(it, state);
  });
  const form = taskForm(first);
  const it = {
    view,
    wire,
    form,
    editor: attributesEditor(form.controls.attributes, first, (language) => {
      setLanguage(it, language);
    }),
    same: sameCall(first.credentials),
    batch: batchLine(() => wire.ask("stop_batch")),
    create: button("Create Task", "primary", () => {
      createTask(it);
    }),
    several: button(`Create ${first.batch_size} at random`, "secondary", () => {
      createSeveral(it);
    }),
    clearing: clearingLine(
      () => wire.ask("clear"),
      (answer) => {
        say(it, answer);
      },
    ),
    said: el("span", { class: "lk-create-said", role: "status" }),
    tasks: el("ul", { class: "lk-tasks", "aria-label": "Tasks created here" }),
    ...troubleLine(wire),
    checks: 0,
    checkedWorkflow: /** @type {string | null} */ (null),
  };
  const doing = el("div", { class: "lk-create" }, it.create, it.several, it.clearing.ask, it.said);
  const editor = el("div", { class: "lk-editor-side" }, ...it.editor.parts, doing, it.clearing.sure, it.batch.root);
  const templates = templateLine(first.templates, (template) => {
    fillIn(it, template);
  });
  const both = el("div", { class: "lk-compose" }, editor, form.options, it.tasks);
  view.body.append(it.trouble, templates, both, it.same.root);
  return it;
}

/**
 * What could not be read, with a button to try again.
 *
 * @param {Wire<Answers>} wire
 */
function troubleLine(wire) {
  const retry = button("Try again", "secondary", () => {
    press(retry, "Reading…", () => wire.ask("choices"));
  });
  const words = el("span");
  return {
    trouble: el("div", { class: "lk-trouble lk-problem", role: "status", hidden: true }, words, retry),
    troubleWords: words,
  };
}

/**
 * @param {Template[]} templates
 * @param {(template: Template) => void} onChoice
 */
function templateLine(templates, onChoice) {
  return el(
    "div",
    { class: "lk-templates", role: "group", "aria-label": "Templates" },
    el("span", { class: "lk-soft", text: "Begin with" }),
    ...templates.map((template) => button(template.title, "chip", () => onChoice(template))),
  );
}

/**
 * Say beside the button what came of it.
 *
 * @param {Composer} it
 * @param {{ ok: boolean, text: string }} answer
 */
function say(it, { ok, text }) {
  setText(it.said, text);
  it.said.classList.toggle("lk-problem", !ok);
}

/**
 * Have Python look at what is typed; only the newest answer counts.
 *
 * @param {Composer} it
 */
async function check(it) {
  it.checkedWorkflow = it.form.controls.workflow.value;
  it.checks += 1;
  const mine = it.checks;
  const answer = await it.wire.ask("check", it.form.values());
  if (mine !== it.checks || !answer.ok) return;
  if (!it.create.hasAttribute("aria-busy")) it.create.disabled = Boolean(answer.problem || answer.text);
  say(it, { ok: !answer.text, text: answer.text });
  it.editor.show(answer);
  it.same.show(answer);
}

/**
 * @param {Composer} it
 * @param {string} language
 */
async function setLanguage(it, language) {
  const { attributes } = it.form.controls;
  const answer = await it.wire.ask("language", { language, attributes: attributes.value });
  if (answer.ok) attributes.value = answer.attributes;
  say(it, answer);
  if (answer.ok) check(it);
}

/** @param {Composer} it */
async function createTask(it) {
  setText(it.said, "");
  say(it, await press(it.create, "Creating…", () => it.wire.ask("create", it.form.values())));
}

/** @param {Composer} it */
async function createSeveral(it) {
  say(it, await it.wire.ask("batch", { workflow: it.form.controls.workflow.value }));
}

/**
 * @param {Composer} it
 * @param {Template} template
 */
function fillIn(it, template) {
  it.form.fillIn(template);
  it.view.say(`Filled in: ${template.title}`);
  check(it);
}

/**
 * @param {Composer} it
 * @param {State} state
 */
function draw(it, state) {
  it.form.offer(state);
  it.trouble.hidden = !state.trouble;
  setText(it.troubleWords, state.trouble);
  if (it.form.controls.workflow.value !== it.checkedWorkflow) check(it);
  keyed(
    it.tasks,
    state.tasks,
    (task) => task.sid,
    (task) => createTaskRow(task, it.wire),
    updateTaskRow,
  );
  it.batch.show(state.batch);
  it.several.disabled = Boolean(state.batch?.running);
  it.tasks.hidden = state.tasks.length === 0;
}

/** @param {Shown<State>} shown */
function render({ model, el: host }) {
  const it = build(model, host);
  const checking = afterQuiet(CHECK_AFTER_MS, () => check(it));
  for (const control of Object.values(it.form.controls)) control.addEventListener("input", checking.soon);
  it.wire.start();
  return () => {
    checking.stop();
    it.wire.stop();
  };
}

export default panelScript("composer", render);
