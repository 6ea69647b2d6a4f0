// @ts-check
// "Why?": a button beside a Task, and the dialog that it opens.

import { button, press } from "./buttons.js";
import { el, setText, uniqueId } from "./dom.js";
import { explanationTree } from "./explanation_tree.js";
import { shortSid, timeOfDay } from "./format.js";

/**
 * @import { Attributes } from "./dom.js"
 * @import { Explanation } from "./explanation_tree.js"
 * @import { Answer } from "./wire.js"
 */
/** @typedef {{ explain: { explanation: Explanation } }} WhyAnswers what every panel answers */
/** @typedef {(action: "explain", payload: object) => Promise<Answer<WhyAnswers["explain"]>>} AskWhy */

/**
 * A button that opens, anywhere, why a Task is where it is.
 *
 * @param {{ ask: AskWhy }} wire
 * @param {string | (() => string)} task its SID, or a function that gives it
 * @param {Attributes} [attributes]
 */
export function whyButton(wire, task, attributes = {}) {
  const opener = button("Why?", "quiet", () => openWhy(opener, wire, typeof task === "function" ? task() : task), {
    "aria-haspopup": "dialog",
    "aria-label": typeof task === "string" && `Why? Task ${shortSid(task)}`,
    title: "Why is this Task where it is?",
    ...attributes,
  });
  return opener;
}

/**
 * @param {HTMLElement} opener
 * @param {{ ask: AskWhy }} wire
 * @param {string} task
 */
function openWhy(opener, wire, task) {
  const tree = explanationTree();
  const said = el("div", { class: "lk-soft", role: "status", text: "Looking…" });
  const ask = async () => {
    const answer = await wire.ask("explain", { task });
    setText(said, answer.ok ? `As of ${timeOfDay(answer.explanation.at)} UTC` : answer.text);
    said.className = answer.ok ? "lk-soft" : "lk-problem";
    if (answer.ok) tree.show(answer.explanation);
  };
  const again = button("Refresh", "secondary", () => press(again, "Looking…", ask));
  openDialog(opener, `Why? Task ${shortSid(task)}`, [again], [said, tree.root]);
  ask();
}

/**
 * A dialog in front of the panel; when it is closed, whoever opened it has the focus again.
 *
 * @param {HTMLElement} opener
 * @param {string} text its title
 * @param {Node[]} tools
 * @param {Node[]} content
 */
function openDialog(opener, text, tools, content) {
  const title = el("div", { class: "lk-title", id: uniqueId("why"), role: "heading", "aria-level": "2", text });
  const shut = button("Close", "secondary", () => dialog.close());
  const head = el("div", { class: "lk-head" }, title, ...tools, shut);
  const dialog = el(
    "dialog",
    { class: "lk-dialog", "aria-labelledby": title.id, data: { lmSuppressShortcuts: "true" } },
    el("div", { class: "lk-dialog-inner" }, head, el("div", { class: "lk-dialog-body" }, ...content)),
  );
  dialog.addEventListener("keydown", (event) => event.stopPropagation()); // the panel's own keys are not meant here
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (opener.isConnected) opener.focus();
  });
  opener.closest(".lk")?.append(dialog);
  dialog.showModal();
  shut.focus();
}
