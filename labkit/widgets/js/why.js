// "Why?": a button beside a Task, and the dialog that it opens.

import { button, press } from "./buttons.js";
import { el, setText, uniqueId } from "./dom.js";
import { explanationTree } from "./explanation_tree.js";
import { shortSid, timeOfDay } from "./format.js";

/** A button that opens, anywhere, why a Task is where it is. `task` is its SID, or a function that gives it. */
export function whyButton(wire, task, attributes = {}) {
  const opener = button("Why?", "quiet", () => openWhy(opener, wire, typeof task === "function" ? task() : task), {
    "aria-haspopup": "dialog",
    "aria-label": typeof task === "string" && `Why? Task ${shortSid(task)}`,
    title: "Why is this Task where it is?",
    ...attributes,
  });
  return opener;
}

function openWhy(opener, wire, task) {
  const tree = explanationTree();
  const said = el("div", { class: "lk-soft", role: "status", text: "Looking…" });
  const title = el("div", {
    class: "lk-title",
    id: uniqueId("why"),
    role: "heading",
    "aria-level": "2",
    text: `Why? Task ${shortSid(task)}`,
  });
  const again = button("Refresh", "secondary", () => press(again, "Looking…", ask));
  const shut = button("Close", "secondary", () => dialog.close());
  const dialog = el(
    "dialog",
    { class: "lk-dialog", "aria-labelledby": title.id, data: { lmSuppressShortcuts: "true" } },
    el(
      "div",
      { class: "lk-dialog-inner" },
      el("div", { class: "lk-head" }, title, again, shut),
      el("div", { class: "lk-dialog-body" }, said, tree.root),
    ),
  );
  const ask = async () => {
    const answer = await wire.ask("explain", { task });
    setText(said, answer.ok ? `As of ${timeOfDay(answer.explanation.at)}` : answer.text);
    said.className = answer.ok ? "lk-soft" : "lk-problem";
    if (answer.ok) tree.show(answer.explanation);
  };
  const root = opener.closest(".lk");
  dialog.addEventListener("keydown", (event) => event.stopPropagation()); // the panel's own keys are not meant here
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (opener.isConnected) opener.focus();
  });
  root.append(dialog);
  dialog.showModal();
  shut.focus();
  ask();
}
