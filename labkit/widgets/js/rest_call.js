// @ts-check
// A REST call as a line, as it would be sent or as it was answered.

import { el } from "./dom.js";
import { restPath, shortSids } from "./format.js";
import { light } from "./lights.js";

/**
 * @typedef {object} RestCall
 * @property {string} method
 * @property {string} path
 * @property {[name: string, value: string][]} form
 * @property {number | null} [status] null: there was no answer; undefined: it has not been sent
 * @property {number} [milliseconds]
 */

/** @type {WeakMap<Element, string>} */
const written = new WeakMap();

/**
 * Write a REST call: as it would be sent, or, when it has a status, as it was answered.
 *
 * @param {Element} node
 * @param {string} lead
 * @param {RestCall | null | undefined} call
 */
export function setRestCall(node, lead, call) {
  const wanted = JSON.stringify([lead, call]);
  if (written.get(node) === wanted) return;
  written.set(node, wanted);
  node.replaceChildren(...(call ? parts(lead, call) : []));
}

/**
 * @param {string} lead
 * @param {RestCall} call
 */
function parts(lead, call) {
  const form = call.form.map(([name, value]) => `${name}=${value}`).join(" ");
  return [
    el("span", { class: "lk-rest-lead", text: lead }),
    el("span", { class: "lk-mono", text: `${call.method} ${restPath(call.path)}`, title: call.path }),
    ...(form ? [el("span", { class: "lk-mono lk-rest-form", text: shortSids(form), title: form })] : []),
    ...(call.status === undefined ? [] : [answer(call)]),
  ];
}

/** @param {RestCall} call */
function answer({ status, milliseconds = 0 }) {
  const colour = status && status >= 200 && status < 300 ? "green" : "red";
  const text = `${status ?? "no answer"} in ${Math.round(milliseconds)} ms`;
  return el("span", { class: "lk-rest-status", data: { light: colour } }, light(colour), el("span", { text }));
}
