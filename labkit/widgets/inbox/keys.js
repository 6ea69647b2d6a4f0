// @ts-check
// Which keys work in the inbox, said while they do: with the focus in the notebook, `a` there is a new cell.

import { button } from "../js/buttons.js";
import { el } from "../js/dom.js";

const IN_WORDS =
  "j and k move, a accepts, r rejects, R rejects and moves the Worker, w wraps up, c completes, Escape leaves the keys to the notebook.";
const HINTS = [["j", "k"], "move", ["a"], "accept", ["r"], "reject", ["Esc"], "leave"];
const OWN_KEYS = "input, textarea, select, [contenteditable], dialog, [popover], .lk-take-keys";

/**
 * Whether a key that is pressed here is one of the inbox's.
 *
 * @param {Element} root of the inbox
 * @param {Element | null} at what has the focus
 */
export const keysWork = (root, at) => root.contains(at) && !at?.closest(OWN_KEYS);

/**
 * The keys while they work, and else a button that makes them work.
 *
 * @param {() => void} onTake
 */
export function keyBar(onTake) {
  const take = button("Use keys", "quiet", onTake, { title: "Work here by keyboard" });
  take.classList.add("lk-take-keys");
  const keys = HINTS.flatMap((part) =>
    typeof part === "string" ? el("span", { text: part }) : part.map((key) => el("kbd", { text: key })),
  );
  const hints = el("div", { class: "lk-keys", title: IN_WORDS, hidden: true }, ...keys);
  return {
    root: el("div", { data: { acts: true } }, take, hints),
    /**
     * @param {boolean} work
     * @param {boolean} any cards to use them on
     */
    update: (work, any) => {
      hints.hidden = !work || !any;
      take.hidden = work || !any;
    },
  };
}
