// @ts-check
// What can be said of a new Task: the fields of Composer.

import { button } from "../js/buttons.js";
import { offerChoices } from "../js/choices.js";
import { el, setText, uniqueId } from "../js/dom.js";
import { showJsonProblem } from "../js/json_problem.js";

/**
 * @import { Choice } from "../js/choices.js"
 * @import { JsonProblem } from "../js/json_problem.js"
 */
/**
 * A Task to begin with; its options as they stand in the form.
 *
 * @typedef {object} Template
 * @property {string} key
 * @property {string} title
 * @property {string} attributes
 * @property {string} priority
 * @property {string} timeout
 * @property {string} task_channel
 */

/**
 * The fields, by the names that Python has for them.
 *
 * @param {{ attributes: string, default_timeout: number }} state
 */
export function taskForm(state) {
  const controls = {
    attributes: el("textarea", {
      rows: "7",
      spellcheck: "false",
      autocomplete: "off",
      autocapitalize: "off",
      class: "lk-editor lk-mono",
    }),
    workflow: el("select"),
    task_channel: el("select"),
    priority: el("input", { inputmode: "numeric", placeholder: "0", autocomplete: "off" }),
    timeout: el("input", { inputmode: "numeric", placeholder: String(state.default_timeout), autocomplete: "off" }),
  };
  controls.attributes.value = state.attributes;
  const options = el(
    "div",
    { class: "lk-options" },
    field("Workflow", controls.workflow),
    field("TaskChannel", controls.task_channel),
    field("Priority", controls.priority, "higher is served first"),
    field("Timeout (seconds)", controls.timeout, "then an unassigned Task is canceled"),
  );
  return {
    controls,
    options,
    values: () => Object.fromEntries(Object.entries(controls).map(([name, control]) => [name, control.value])),
    /** @param {{ workflows: Choice[], channels: Choice[] }} found */
    offer: ({ workflows, channels }) => {
      updateChoices(controls.workflow, workflows.length ? workflows : [{ value: "", text: "not read yet" }]);
      updateChoices(controls.task_channel, [{ value: "", text: "default" }, ...channels]);
    },
    /** @param {Template} template */
    fillIn: (template) => {
      controls.attributes.value = template.attributes;
      controls.priority.value = template.priority;
      controls.timeout.value = template.timeout;
      const offered = [...controls.task_channel.options].some((option) => option.value === template.task_channel);
      controls.task_channel.value = offered ? template.task_channel : "";
    },
  };
}

/**
 * @param {string} label
 * @param {HTMLInputElement | HTMLSelectElement} control
 * @param {string} [hint]
 */
function field(label, control, hint) {
  const id = uniqueId("field");
  control.id = id;
  const note = hint && el("span", { class: "lk-soft lk-field-hint", id: `${id}-hint`, text: hint });
  if (note) control.setAttribute("aria-describedby", note.id);
  return el("div", { class: "lk-field" }, el("label", { for: id, text: label }), control, note);
}

/**
 * Choices from the Workspace; what is chosen stays chosen.
 *
 * @param {HTMLSelectElement} select
 * @param {Choice[]} choices
 */
function updateChoices(select, choices) {
  const chosen = select.value;
  offerChoices(select, choices);
  select.value = choices.some((choice) => choice.value === chosen) ? chosen : choices[0].value;
}

/**
 * What stands around the attributes: the languages to set in them, what is wrong with them, how long they are.
 *
 * @param {HTMLTextAreaElement} textarea
 * @param {{ languages: string[], limit: number }} state
 * @param {(language: string) => void} onLanguage
 */
export function attributesEditor(textarea, { languages, limit }, onLanguage) {
  const choices = languages.map((language) =>
    button(language, "segment", () => onLanguage(language), { data: { language }, "aria-pressed": "false" }),
  );
  const group = el("div", { class: "lk-languages", role: "group", "aria-label": "selected_language" }, ...choices);
  const problem = el("div", { class: "lk-editor-problem", role: "status", id: uniqueId("problem") });
  const counter = el("span", { class: "lk-soft" });
  const label = el("label", { text: "Attributes (JSON)", for: uniqueId("editor") });
  textarea.id = label.htmlFor;
  textarea.setAttribute("aria-describedby", problem.id);
  return {
    parts: [
      el("div", { class: "lk-editor-head" }, label, el("span", { class: "lk-soft", text: "language" }), group),
      textarea,
      el("div", { class: "lk-editor-foot" }, problem, counter),
    ],
    /** @param {{ problem: JsonProblem | null, characters: number, language: unknown }} checked */
    show: ({ problem: wrong, characters, language }) => {
      showJsonProblem(problem, textarea, wrong);
      setText(counter, `${characters.toLocaleString("en")} of ${limit.toLocaleString("en")} characters`);
      for (const one of choices) one.setAttribute("aria-pressed", String(one.dataset.language === language));
    },
  };
}
