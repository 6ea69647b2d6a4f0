// @ts-check
// Buttons: one that says that it is busy, one that copies, and a question before what cannot be undone.

import { el, onEscape } from "./dom.js";

/** @import { Attributes } from "./dom.js" */

/**
 * Say on the button what is being done until `run` has answered; returns the answer.
 *
 * @template Answer
 * @param {HTMLButtonElement} node
 * @param {string} busy
 * @param {() => Promise<Answer>} run
 */
export async function press(node, busy, run) {
  const rest = node.textContent;
  const focused = document.activeElement === node;
  node.disabled = true;
  node.setAttribute("aria-busy", "true");
  node.textContent = busy;
  const answer = await run();
  node.textContent = rest;
  node.removeAttribute("aria-busy");
  node.disabled = false;
  if (focused && node.isConnected && document.activeElement === document.body) node.focus();
  return answer;
}

/**
 * @param {string} label
 * @param {string} kind such as "primary", "secondary" and "quiet": how it looks
 * @param {(event: MouseEvent) => unknown} onClick
 * @param {Attributes} [attributes]
 */
export function button(label, kind, onClick, attributes = {}) {
  return el("button", {
    type: "button",
    class: `lk-button lk-${kind}`,
    text: label,
    on: { click: onClick },
    ...attributes,
  });
}

/**
 * The question before something that cannot be undone, with the buttons that answer it.
 *
 * @param {{ title: string, question: string, keep: () => unknown }} asked `keep` closes it, as Escape does
 * @param {readonly HTMLButtonElement[]} answers
 */
export function areYouSure({ title, question, keep }, answers) {
  const root = el("div", { class: "lk-sure", role: "group", "aria-label": title });
  root.addEventListener("keydown", (event) => onEscape(event, keep));
  root.append(el("span", { text: question }), ...answers);
  return root;
}

/**
 * A button that copies what `read` gives, and says so. Works without the clipboard API, too (plain http).
 *
 * @param {string} label for screen readers
 * @param {() => string} read
 * @param {string} [text]
 */
export function copyButton(label, read, text = "Copy") {
  const node = button(
    text,
    "quiet",
    async () => {
      const done = await copy(read(), node);
      node.textContent = done ? "Copied" : "Press Ctrl+C";
      setTimeout(() => {
        node.textContent = text;
      }, 1600);
    },
    { "aria-label": label },
  );
  return node;
}

/**
 * @param {string} text
 * @param {HTMLElement} beside
 */
async function copy(text, beside) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = el("textarea", { class: "lk-sr" });
    area.value = text;
    beside.after(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    beside.focus();
    return done;
  }
}
