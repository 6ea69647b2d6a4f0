// The forms of WorkerBoard: a Worker that is new, one that is changed, one that is deleted.

import { button, press } from "../js/buttons.js";
import { el, setText, uniqueId } from "../js/dom.js";
import { light } from "../js/lights.js";

const WORKER_CHECKS_AFTER_MS = 150;

function workerForm(it, { title, action, name, attributes, activities, close }) {
  const ids = {
    name: uniqueId("name"),
    activity: uniqueId("activity"),
    attributes: uniqueId("attributes"),
    problem: uniqueId("problem"),
  };
  const nameField = el("input", { id: ids.name, autocomplete: "off", maxlength: "64", spellcheck: "false" });
  const activity =
    activities &&
    el("select", { id: ids.activity }, ...activities.map((each) => el("option", { value: each.sid, text: each.name })));
  const editor = el("textarea", {
    id: ids.attributes,
    class: "lk-mono lk-worker-editor",
    rows: "5",
    spellcheck: "false",
    autocomplete: "off",
    "aria-describedby": ids.problem,
  });
  const problem = el("div", { class: "lk-worker-problem", role: "status", id: ids.problem });
  const said = el("div", { class: "lk-problem", role: "status" });
  const save = button(title, "primary", () => submit());
  const given = () => ({ name: nameField.value, attributes: editor.value, activity: activity ? activity.value : "" });
  let checks = 0;
  let timer = null;
  const check = async () => {
    const mine = (checks += 1);
    const { problem: wrong } = await it.wire.ask("check", { attributes: editor.value });
    if (mine !== checks || wrong === undefined) return;
    editor.setAttribute("aria-invalid", String(Boolean(wrong)));
    if (!save.hasAttribute("aria-busy")) save.disabled = Boolean(wrong);
    problem.dataset.wrong = Boolean(wrong);
    problem.replaceChildren(
      light(wrong ? "red" : "green"),
      el(
        "div",
        {},
        el("div", { text: wrong ? wrong.text : "Valid JSON" }),
        wrong && wrong.source && el("pre", { class: "lk-mono", text: wrong.source }),
      ),
    );
  };
  const submit = async () => {
    setText(said, "");
    const answer = await press(save, "Saving…", () => it.wire.ask(action.name, { ...given(), ...action.with }));
    if (answer.ok) close(answer);
    else setText(said, answer.text);
    it.view.say(answer.text);
  };
  editor.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(check, WORKER_CHECKS_AFTER_MS);
  });
  const form = el(
    "form",
    {
      class: "lk-worker-form",
      "aria-label": title,
      on: {
        submit: (event) => {
          event.preventDefault();
          if (!save.disabled) submit();
        },
        keydown: (event) => onEscape(event, close),
      },
    },
    el(
      "div",
      { class: "lk-worker-fields" },
      el("label", { for: ids.name, text: "Name" }),
      nameField,
      activity && el("label", { for: ids.activity, text: "Activity" }),
      activity,
    ),
    el(
      "div",
      { class: "lk-worker-fields" },
      el("label", { for: ids.attributes, text: "Attributes (JSON)" }),
      editor,
      problem,
    ),
    el(
      "div",
      { class: "lk-worker-save" },
      save,
      button("Cancel", "secondary", () => close({})),
      said,
    ),
  );
  nameField.value = name;
  editor.value = attributes;
  check();
  form.start = () => nameField.focus();
  return form;
}

function onEscape(event, close) {
  if (event.key !== "Escape") return;
  event.stopPropagation();
  close({});
}

export function openAdd(it) {
  if (it.adding.firstChild) return it.adding.firstChild.start();
  const close = () => {
    it.adding.replaceChildren();
    it.add.focus();
  };
  it.adding.append(
    workerForm(it, {
      title: "Add the Worker",
      action: { name: "create" },
      name: "",
      attributes: '{"languages": ["en"]}',
      activities: it.activities,
      close,
    }),
  );
  it.adding.firstChild.start();
}

function below(node, content, opener) {
  const close = () => {
    node.lk.below.replaceChildren();
    node.lk.below.hidden = true;
    if (opener.isConnected) opener.focus();
  };
  node.lk.below.replaceChildren(content(close));
  node.lk.below.hidden = false;
  setText(node.lk.said, "");
}

export async function openEdit(node, it) {
  const { sid, name } = node.worker;
  const answer = await it.wire.ask("attributes", { worker: sid });
  if (!answer.ok) return setText(node.lk.said, answer.text);
  below(
    node,
    (close) =>
      workerForm(it, {
        title: "Save",
        action: { name: "update", with: { worker: sid } },
        name,
        attributes: answer.attributes,
        close,
      }),
    node.lk.edit,
  );
  node.lk.below.firstChild.start();
}

export function openDelete(node, it) {
  const { sid, name } = node.worker;
  const ask = (close) => {
    const keep = button("Keep", "secondary", () => close());
    const remove = button(`Delete ${name}`, "danger", async () => {
      const answer = await press(remove, "Deleting…", () => it.wire.ask("delete", { worker: sid }));
      it.view.say(answer.text);
      if (!answer.ok) close();
      setText(node.lk.said, answer.ok ? "" : answer.text);
    });
    return el(
      "div",
      {
        class: "lk-worker-sure",
        role: "group",
        "aria-label": `Delete ${name}?`,
        on: { keydown: (event) => onEscape(event, close) },
      },
      el("span", { text: `Delete the Worker ${name}? TaskRouter forgets it for good.` }),
      remove,
      keep,
    );
  };
  below(node, ask, node.lk.remove);
  node.lk.below.querySelector(".lk-secondary").focus();
}
