// @ts-check
// The call that Composer makes, as a line of Python and as one for curl.

import { button, copyButton } from "../js/buttons.js";
import { el, setText, uniqueId } from "../js/dom.js";

/**
 * The call in both languages; `show` writes it.
 *
 * @param {string} credentials the line of Python that puts them where curl finds them
 */
export function sameCall(credentials) {
  const code = el("pre", { class: "lk-code lk-mono", tabindex: "0", "aria-label": "The same in Python" });
  const curl = el("pre", { class: "lk-code lk-mono", tabindex: "0", "aria-label": "The same in curl" });
  const hint = el("p", {
    class: "lk-soft lk-code-hint",
    text: "In sh, bash or zsh, with your credentials in the environment. In this notebook first run",
  });
  hint.append(
    el("code", { class: "lk-mono", text: credentials }),
    "and begin the cell with the line with",
    el("code", { class: "lk-mono", text: "%%sh" }),
  );
  const { list, panels, chosen } = tabs("The same call", [
    { title: "Python", content: code },
    { title: "curl", content: el("div", {}, curl, hint) },
  ]);
  const copied = copyButton("Copy the code", () => [code, curl][chosen()].textContent);
  const title = el("span", { class: "lk-code-title", text: "The same in" });
  return {
    root: el("div", { class: "lk-code-box" }, el("div", { class: "lk-code-head" }, title, list, copied), ...panels),
    /** @param {{ code: string, curl: string, problem: unknown }} checked while something is wrong, the last one stays */
    show: ({ problem, ...lines }) => {
      for (const [node, line] of /** @type {const} */ ([
        [code, lines.code],
        [curl, lines.curl],
      ])) {
        if (!problem) setText(node, line);
        node.classList.toggle("lk-stale", Boolean(problem));
      }
    },
  };
}

/**
 * Texts of which one is shown, chosen by tabs; arrow keys go from tab to tab.
 *
 * @param {string} label
 * @param {{ title: string, content: Element }[]} choices
 */
function tabs(label, choices) {
  const buttons = choices.map(({ title }, index) =>
    button(title, "tab", () => choose(index), { role: "tab", id: uniqueId("tab") }),
  );
  const panels = choices.map(({ content }, index) => {
    const panel = el("div", { role: "tabpanel", id: uniqueId("tabpanel"), hidden: index > 0 }, content);
    buttons[index].setAttribute("aria-controls", panel.id);
    panel.setAttribute("aria-labelledby", buttons[index].id);
    return panel;
  });
  const list = el("div", { class: "lk-tabs", role: "tablist", "aria-label": label }, ...buttons);
  let chosen = 0;
  /** @param {number} index */
  const choose = (index) => {
    chosen = (index + choices.length) % choices.length;
    for (const [at, tab] of buttons.entries()) {
      tab.setAttribute("aria-selected", String(at === chosen));
      tab.tabIndex = at === chosen ? 0 : -1;
      panels[at].hidden = at !== chosen;
    }
  };
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    choose(chosen + step);
    buttons[chosen].focus();
    event.preventDefault();
  });
  choose(0);
  return { list, panels, chosen: () => chosen };
}
