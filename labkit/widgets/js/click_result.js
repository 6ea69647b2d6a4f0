// @ts-check
// What came of a click: what went wrong, or the line of Python that it was.

import { copyButton } from "./buttons.js";
import { el, setText } from "./dom.js";

/** @import { Frame } from "./frame.js" */
/** @import { Answer } from "./wire.js" */

/**
 * Two nodes, both hidden until there is something to tell: `said` for the trouble, `line` for the Python with a button
 * that copies it.
 *
 * @param {Pick<Frame, "say">} view whose clicks they are
 */
export function clickResult(view) {
  const said = el("div", { class: "lk-click-said lk-problem", role: "alert", hidden: true });
  const code = el("code", { class: "lk-mono" });
  const copy = copyButton("Copy the Python line", () => code.textContent ?? "");
  const line = el("div", { class: "lk-python-line", hidden: true }, code, copy);
  return {
    said,
    line,
    /**
     * @param {Answer<{ code?: string }>} answer
     * @param {(text: string) => string} [words] for screen readers, where it went well
     */
    tell: (answer, words) => {
      said.hidden = answer.ok;
      setText(said, answer.ok ? "" : answer.text);
      if (!answer.ok) return;
      if (words) view.say(words(answer.text));
      if (!answer.code) return;
      setText(code, answer.code);
      line.hidden = false;
    },
  };
}
