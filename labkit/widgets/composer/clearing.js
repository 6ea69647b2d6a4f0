// @ts-check
// Ends every open Task, once the learner has said so twice.

import { areYouSure, button, press } from "../js/buttons.js";

/**
 * A button that asks back, and then has all open Tasks ended.
 *
 * @param {() => Promise<{ ok: boolean, text: string }>} clear
 * @param {(answer: { ok: boolean, text: string }) => void} told
 */
export function clearingLine(clear, told) {
  const ask = button("End all Tasks", "quiet", () => {
    open(true);
    keep.focus();
  });
  const keep = button("Keep them", "secondary", () => {
    open(false);
    ask.focus();
  });
  const end = button("End them", "danger", async () => {
    told(await press(end, "Ending…", clear));
    open(false);
    ask.focus();
  });
  const question = "End every open Task here? Those that wait are canceled, those that a Worker has are completed.";
  const sure = areYouSure({ title: "End all Tasks?", question, keep: () => keep.click() }, [end, keep]);
  /** @param {boolean} whether */
  function open(whether) {
    sure.hidden = !whether;
    ask.setAttribute("aria-expanded", String(whether));
  }
  open(false);
  return { ask, sure };
}
