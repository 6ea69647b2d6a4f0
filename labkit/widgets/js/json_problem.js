// @ts-check
// What is wrong with attributes that are being typed.

import { el } from "./dom.js";
import { light } from "./lights.js";

/**
 * A mistake in a text that should be JSON, as labkit/widgets/json_check.py finds it.
 *
 * @typedef {{ text: string, line: number, source: string }} JsonProblem
 */

/**
 * Say beside an editor whether its text is right, and if not, what is wrong and where.
 *
 * @param {HTMLElement} node
 * @param {HTMLTextAreaElement} editor
 * @param {JsonProblem | null} problem
 */
export function showJsonProblem(node, editor, problem) {
  const wrong = problem !== null;
  editor.setAttribute("aria-invalid", String(wrong));
  node.dataset.wrong = String(wrong);
  const words = el("div", {}, el("div", { text: problem ? problem.text : "Valid JSON" }));
  if (problem?.source) words.append(el("pre", { class: "lk-mono", text: problem.source }));
  node.replaceChildren(light(wrong ? "red" : "green"), words);
}
