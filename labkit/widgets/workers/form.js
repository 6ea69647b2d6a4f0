// @ts-check
// The forms of WorkerBoard: a Worker that is new, one that is changed, one that is deleted.

import { areYouSure, button, press } from "../js/buttons.js";
import { el, onEscape, setText, uniqueId } from "../js/dom.js";
import { showJsonProblem } from "../js/json_problem.js";
import { afterQuiet } from "../js/timers.js";

/**
 * @import { Board } from "./panel.js"
 * @import { Activity, Row } from "./row.js"
 */
/** @typedef {() => void} Close */
/**
 * @typedef {object} Filling
 * @property {string} title what it does
 * @property {"create" | "update"} action
 * @property {object} [payload] what is sent besides the fields
 * @property {string} name
 * @property {string} attributes
 * @property {Activity[]} [activities] to choose from
 * @property {Close} close
 */

const CHECK_AFTER_MS = 150;

/**
 * @param {Board} it
 * @param {Filling} filling
 */
function workerForm(it, { title, action, payload, name, attributes, activities, close }) {
  const fields = formFields(activities);
  const said = el("div", { class: "lk-problem", role: "status" });
  const save = button(title, "primary", () => submit());
  const checking = attributesCheck(it, fields, save);
  const submit = async () => {
    setText(said, "");
    const answer = await press(save, "Saving…", () => it.wire.ask(action, { ...fields.values(), ...payload }));
    if (answer.ok) close();
    else setText(said, answer.text);
    it.view.say(answer.text);
  };
  const root = el(
    "form",
    { class: "lk-worker-form", "aria-label": title },
    ...fields.parts,
    el("div", { class: "lk-worker-save" }, save, button("Cancel", "secondary", close), said),
  );
  root.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!save.disabled) submit();
  });
  root.addEventListener("keydown", (event) => onEscape(event, close));
  fields.name.value = name;
  fields.editor.value = attributes;
  checking.now();
  return { root, start: () => fields.name.focus() };
}

/** @param {Activity[]} [activities] */
function formFields(activities) {
  const ids = { name: uniqueId("name"), activity: uniqueId("activity"), attributes: uniqueId("attributes") };
  const name = el("input", { id: ids.name, autocomplete: "off", maxlength: "64", spellcheck: "false" });
  const options = activities?.map((each) => el("option", { value: each.sid, text: each.name }));
  const activity = options && el("select", { id: ids.activity }, ...options);
  const problem = el("div", { class: "lk-worker-problem", role: "status", id: uniqueId("problem") });
  const editor = el("textarea", {
    id: ids.attributes,
    class: "lk-mono lk-worker-editor",
    rows: "5",
    spellcheck: "false",
    autocomplete: "off",
    "aria-describedby": problem.id,
  });
  const activityLabel = activity && el("label", { for: ids.activity, text: "Activity" });
  const editorLabel = el("label", { for: ids.attributes, text: "Attributes (JSON)" });
  const nameLabel = el("label", { for: ids.name, text: "Name" });
  return {
    name,
    editor,
    problem,
    parts: [
      el("div", { class: "lk-worker-fields" }, nameLabel, name, activityLabel, activity),
      el("div", { class: "lk-worker-fields" }, editorLabel, editor, problem),
    ],
    values: () => ({ name: name.value, attributes: editor.value, activity: activity ? activity.value : "" }),
  };
}

/**
 * Has Python look at what is typed, and lets it be saved while that is right; only the newest answer counts.
 *
 * @param {Board} it
 * @param {{ editor: HTMLTextAreaElement, problem: HTMLElement }} fields
 * @param {HTMLButtonElement} save
 */
function attributesCheck(it, { editor, problem }, save) {
  let checks = 0;
  const now = async () => {
    checks += 1;
    const mine = checks;
    const answer = await it.wire.ask("check", { attributes: editor.value });
    if (mine !== checks || !answer.ok) return;
    if (!save.hasAttribute("aria-busy")) save.disabled = Boolean(answer.problem);
    showJsonProblem(problem, editor, answer.problem);
  };
  editor.addEventListener("input", afterQuiet(CHECK_AFTER_MS, now).soon);
  return { now };
}

/** @param {Board} it */
export function openAdd(it) {
  if (it.adding.form) {
    it.adding.form.start();
    return;
  }
  const form = workerForm(it, {
    title: "Add the Worker",
    action: "create",
    name: "",
    attributes: '{"languages": ["en"]}',
    activities: it.activities,
    close: () => {
      it.adding.form = null;
      it.adding.root.replaceChildren();
      it.add.focus();
    },
  });
  it.adding.form = form;
  it.adding.root.append(form.root);
  form.start();
}

/**
 * The place below a row; when it is closed, its opener has the focus again.
 *
 * @param {Row} row
 * @param {HTMLElement} opener
 */
function placeBelow(row, opener) {
  return {
    close: () => {
      row.below.replaceChildren();
      row.below.hidden = true;
      if (opener.isConnected) opener.focus();
    },
    /** @param {Element} content */
    open: (content) => {
      row.below.replaceChildren(content);
      row.below.hidden = false;
      setText(row.said, "");
    },
  };
}

/**
 * @param {Row} row
 * @param {Board} it
 */
export async function openEdit(row, it) {
  const { sid, name } = row.worker;
  const answer = await it.wire.ask("attributes", { worker: sid });
  if (!answer.ok) {
    setText(row.said, answer.text);
    return;
  }
  const { attributes } = answer;
  const { open, close } = placeBelow(row, row.edit);
  const form = workerForm(it, { title: "Save", action: "update", payload: { worker: sid }, name, attributes, close });
  open(form.root);
  form.start();
}

/**
 * @param {Row} row
 * @param {Board} it
 */
export function openDelete(row, it) {
  const { sid, name } = row.worker;
  const { open, close } = placeBelow(row, row.remove);
  const keep = button("Keep", "secondary", close);
  const remove = button(`Delete ${name}`, "danger", async () => {
    const answer = await press(remove, "Deleting…", () => it.wire.ask("delete", { worker: sid }));
    it.view.say(answer.text);
    if (!answer.ok) close();
    setText(row.said, answer.ok ? "" : answer.text);
  });
  const question = `Delete the Worker ${name}? TaskRouter forgets it for good.`;
  open(areYouSure({ title: `Delete ${name}?`, question, keep: close }, [remove, keep]));
  keep.focus();
}
