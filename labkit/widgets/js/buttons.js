// Buttons: one that says that it is busy, one that copies.

import { el } from "./dom.js";

/** Say on the button what is being done until `run` has answered; returns the answer. */
export async function press(button, busy, run) {
  const rest = button.textContent;
  const focused = document.activeElement === button;
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  button.textContent = busy;
  const answer = await run();
  button.textContent = rest;
  button.removeAttribute("aria-busy");
  button.disabled = false;
  if (focused && button.isConnected && document.activeElement === document.body) button.focus();
  return answer;
}

export function button(label, kind, onClick, attributes = {}) {
  return el("button", {
    type: "button",
    class: `lk-button lk-${kind}`,
    text: label,
    on: { click: onClick },
    ...attributes,
  });
}

/** A button that copies what `read` gives, and says so. Works without the clipboard API, too (plain http). */
export function copyButton(label, read, text = "Copy") {
  const node = button(
    text,
    "quiet",
    async () => {
      const done = await copy(read(), node);
      node.textContent = done ? "Copied" : "Press Ctrl+C";
      setTimeout(() => (node.textContent = text), 1600);
    },
    { "aria-label": label },
  );
  return node;
}

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
