// Composer: the form that creates a Task or ten, its mistakes while typing, and the same call in Python and in curl.

import { button, copyButton, press } from "../js/buttons.js";
import { el, keyed, setAttribute, setText, uniqueId } from "../js/dom.js";
import { frame } from "../js/frame.js";
import { badge, light, setBadge } from "../js/lights.js";
import { whyButton } from "../js/why.js";
import { connect } from "../js/wire.js";

const CHECK_AFTER_MS = 150;

function field(label, control, hint) {
  const id = uniqueId("field");
  control.id = id;
  const note = hint && el("span", { class: "lk-soft lk-field-hint", id: `${id}-hint`, text: hint });
  if (note) control.setAttribute("aria-describedby", note.id);
  return el("div", { class: "lk-field" }, el("label", { for: id, text: label }), control, note);
}

function buildForm(state) {
  const form = {
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
  form.attributes.value = state.attributes;
  return form;
}

function values(form) {
  return Object.fromEntries(Object.entries(form).map(([name, control]) => [name, control.value]));
}

/** Choices from the Workspace; what is chosen stays chosen. */
function updateChoices(select, choices) {
  const chosen = select.value;
  keyed(
    select,
    choices,
    (choice) => choice.value,
    (choice) => el("option", { value: choice.value }),
    (option, choice) => setText(option, choice.text),
  );
  select.value = choices.some((choice) => choice.value === chosen) ? chosen : choices[0].value;
}

/** Texts of which one is shown, chosen by tabs; arrow keys go from tab to tab. */
function tabs(label, choices) {
  const list = el("div", { class: "lk-tabs", role: "tablist", "aria-label": label });
  const panels = choices.map(({ title, content }, index) => {
    const panel = el("div", { role: "tabpanel", id: uniqueId("tabpanel"), hidden: index > 0 }, content);
    const tab = button(title, "tab", () => choose(index), {
      role: "tab",
      id: uniqueId("tab"),
      "aria-controls": panel.id,
    });
    panel.setAttribute("aria-labelledby", tab.id);
    list.append(tab);
    return panel;
  });
  let chosen = 0;
  const choose = (index) => {
    chosen = (index + choices.length) % choices.length;
    [...list.children].forEach((tab, at) => {
      tab.setAttribute("aria-selected", String(at === chosen));
      tab.tabIndex = at === chosen ? 0 : -1;
      panels[at].hidden = at !== chosen;
    });
  };
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    choose(chosen + step);
    list.children[chosen].focus();
    event.preventDefault();
  });
  choose(0);
  return { list, panels, chosen: () => chosen };
}

/** How far the Tasks at random have come. */
function batchLine(onStop) {
  const bar = el("progress", { class: "lk-progress", "aria-label": "Tasks made" });
  const text = el("span", { class: "lk-batch-text", role: "status" });
  const stop = button("Stop", "quiet", onStop);
  const root = el("div", { class: "lk-batch", hidden: true }, bar, text, stop);
  return {
    root,
    show: (batch) => {
      root.hidden = !batch;
      if (!batch) return;
      bar.max = batch.wanted;
      bar.value = batch.made;
      stop.hidden = !batch.running;
      const so_far = `${batch.made} of ${batch.wanted} created`;
      setText(text, batch.trouble ? `${so_far}. ${batch.trouble}` : batch.running ? `${so_far}…` : so_far);
      text.classList.toggle("lk-problem", Boolean(batch.trouble));
    },
  };
}

function createTaskRow(task, wire) {
  const parts = {
    badge: badge(task.status),
    where: el("span", { class: "lk-soft lk-task-where" }),
    told: el("span", { class: "lk-soft lk-task-told" }),
  };
  const node = el(
    "li",
    { class: "lk-task", data: { sid: task.sid } },
    parts.badge,
    el("span", { class: "lk-mono lk-task-sid", text: task.sid }),
    copyButton(`Copy the SID ${task.sid}`, () => task.sid),
    parts.where,
    parts.told,
    whyButton(wire, task.sid),
  );
  node.lk = parts;
  return node;
}

function updateTaskRow(node, task) {
  node.dataset.status = task.status;
  setBadge(node.lk.badge, task.status);
  setText(node.lk.where, task.queue);
  const told = task.reason || task.attributes.map(([name, value]) => `${name}: ${value}`).join(", ");
  setText(node.lk.told, told);
  setAttribute(node.lk.told, "title", told);
}

function render({ model, el: host }) {
  const view = frame(host, "composer", "Create a Task");
  const first = model.get("state");
  const form = buildForm(first);
  const languages = el("div", { class: "lk-languages", role: "group", "aria-label": "selected_language" });
  const problem = el("div", { class: "lk-editor-problem", role: "status", id: uniqueId("problem") });
  const counter = el("span", { class: "lk-soft" });
  const create = button("Create Task", "primary", () => createTask());
  const said = el("span", { class: "lk-create-said", role: "status" });
  const code = el("pre", { class: "lk-code lk-mono", tabindex: "0", "aria-label": "The same in Python" });
  const curl = el("pre", { class: "lk-code lk-mono", tabindex: "0", "aria-label": "The same in curl" });
  const batch = batchLine(() => wire.ask("stop_batch"));
  const several = button(`Create ${first.batch_size} at random`, "secondary", () => createSeveral());
  const tasks = el("ul", { class: "lk-tasks", "aria-label": "Tasks created here" });
  const trouble = el("div", { class: "lk-trouble lk-problem", role: "status", hidden: true });
  const retry = button("Try again", "secondary", () => press(retry, "Reading…", () => wire.ask("choices")));
  trouble.append(el("span"), retry);
  form.attributes.setAttribute("aria-describedby", problem.id);
  let checks = 0;
  let checkedWorkflow = null;
  let timer = null;

  const show = (answer) => {
    const { problem: wrong } = answer;
    form.attributes.setAttribute("aria-invalid", String(Boolean(wrong)));
    if (!create.hasAttribute("aria-busy")) create.disabled = Boolean(wrong || answer.text);
    setText(said, answer.text);
    said.classList.toggle("lk-problem", Boolean(answer.text));
    problem.dataset.wrong = Boolean(wrong);
    const lines = wrong
      ? [el("div", { text: wrong.text }), wrong.source && el("pre", { class: "lk-mono", text: wrong.source })]
      : [el("div", { text: "Valid JSON" })];
    problem.replaceChildren(light(wrong ? "red" : "green"), el("div", {}, ...lines));
    setText(counter, `${answer.characters.toLocaleString("en")} of ${first.limit.toLocaleString("en")} characters`);
    for (const [shown, line] of [
      [code, answer.code],
      [curl, answer.curl],
    ]) {
      if (!wrong) setText(shown, line);
      shown.classList.toggle("lk-stale", Boolean(wrong));
    }
    for (const one of languages.children)
      one.setAttribute("aria-pressed", String(one.dataset.language === answer.language));
  };
  const check = async () => {
    checkedWorkflow = form.workflow.value;
    const mine = (checks += 1);
    const answer = await wire.ask("check", values(form));
    if (mine === checks && answer.characters !== undefined) show(answer);
  };
  const checkSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(check, CHECK_AFTER_MS);
  };
  const setLanguage = async (language) => {
    const answer = await wire.ask("language", { language, attributes: form.attributes.value });
    if (answer.ok) form.attributes.value = answer.attributes;
    setText(said, answer.text);
    said.classList.toggle("lk-problem", !answer.ok);
    if (answer.ok) check();
  };
  const createTask = async () => {
    setText(said, "");
    const answer = await press(create, "Creating…", () => wire.ask("create", values(form)));
    setText(said, answer.text);
    said.classList.toggle("lk-problem", !answer.ok);
  };
  const createSeveral = async () => {
    const answer = await wire.ask("batch", { workflow: form.workflow.value });
    setText(said, answer.text);
    said.classList.toggle("lk-problem", !answer.ok);
  };
  const fillIn = (template) => {
    form.attributes.value = template.attributes;
    form.priority.value = template.priority;
    form.timeout.value = template.timeout;
    const offered = [...form.task_channel.options].some((option) => option.value === template.task_channel);
    form.task_channel.value = offered ? template.task_channel : "";
    view.say(`Filled in: ${template.title}`);
    check();
  };
  const draw = (state) => {
    updateChoices(form.workflow, state.workflows.length ? state.workflows : [{ value: "", text: "not read yet" }]);
    updateChoices(form.task_channel, [{ value: "", text: "default" }, ...state.channels]);
    trouble.hidden = !state.trouble;
    setText(trouble.firstChild, state.trouble);
    if (form.workflow.value !== checkedWorkflow) check();
    keyed(
      tasks,
      state.tasks,
      (task) => task.sid,
      (task) => createTaskRow(task, wire),
      updateTaskRow,
    );
    batch.show(state.batch);
    several.disabled = Boolean(state.batch && state.batch.running);
    tasks.hidden = state.tasks.length === 0;
  };

  for (const language of first.languages) {
    languages.append(
      button(language, "segment", () => setLanguage(language), { data: { language }, "aria-pressed": "false" }),
    );
  }
  for (const control of Object.values(form)) control.addEventListener("input", checkSoon);
  const editorLabel = el("label", { text: "Attributes (JSON)", for: uniqueId("editor") });
  form.attributes.id = editorLabel.htmlFor;
  const editor = el(
    "div",
    { class: "lk-editor-side" },
    el("div", { class: "lk-editor-head" }, editorLabel, el("span", { class: "lk-soft", text: "language" }), languages),
    form.attributes,
    el("div", { class: "lk-editor-foot" }, problem, counter),
    el("div", { class: "lk-create" }, create, several, said),
    batch.root,
  );
  const options = el(
    "div",
    { class: "lk-options" },
    field("Workflow", form.workflow),
    field("TaskChannel", form.task_channel),
    field("Priority", form.priority, "higher is served first"),
    field("Timeout (seconds)", form.timeout, "then an unassigned Task is canceled"),
  );
  const hint = el("p", {
    class: "lk-soft lk-code-hint",
    text: "In sh, bash or zsh, with your credentials in the environment. In this notebook first run",
  });
  hint.append(
    el("code", { class: "lk-mono", text: first.credentials }),
    "and begin the cell with the line with",
    el("code", { class: "lk-mono", text: "%%sh" }),
  );
  const same = tabs("The same call", [
    { title: "Python", content: code },
    { title: "curl", content: el("div", {}, curl, hint) },
  ]);
  const copied = copyButton("Copy the code", () => [code, curl][same.chosen()].textContent);
  const codeBox = el(
    "div",
    { class: "lk-code-box" },
    el(
      "div",
      { class: "lk-code-head" },
      el("span", { class: "lk-code-title", text: "The same in" }),
      same.list,
      copied,
    ),
    ...same.panels,
  );
  const templates = el(
    "div",
    { class: "lk-templates", role: "group", "aria-label": "Templates" },
    el("span", { class: "lk-soft", text: "Begin with" }),
  );
  templates.append(...first.templates.map((template) => button(template.title, "chip", () => fillIn(template))));
  view.body.append(trouble, templates, el("div", { class: "lk-compose" }, editor, options), codeBox, tasks);

  const wire = connect(model, view, draw);
  wire.start();
  return () => {
    clearTimeout(timer);
    wire.stop();
  };
}

export default { render };
