// @ts-check
// At a glance: how many Tasks wait and how long the longest has, and what does not work, each with what to do.

import { button, press } from "../js/buttons.js";
import { el, keyed, setText } from "../js/dom.js";
import { howLong } from "../js/format.js";
import { LIGHT_WORDS, light } from "../js/lights.js";
import { whyButton } from "../js/why.js";

/**
 * @import { WhyAnswers } from "../js/why.js"
 * @import { Wire } from "../js/wire.js"
 * @import { Line } from "../status/panel.js"
 */
/**
 * Tasks that are pending or reserved; of the one that was created first, its SID and when that was.
 *
 * @typedef {{ pending: number, reserved: number, oldest: string, since: number | null }} Waiting
 */
/** @typedef {{ waiting: Waiting, needs: Line[] }} Glance */
/** @typedef {Pick<Wire<WhyAnswers & { remedy: {} }>, "ask" | "now">} Ask */

/** @param {Ask} wire */
export function atAGlance(wire) {
  /** @type {Waiting} */
  let shown = { pending: 0, reserved: 0, oldest: "", since: null };
  const words = el("span", { class: "lk-waiting-words" });
  const why = whyButton(wire, () => shown.oldest, { title: "Why does the Task that came first still wait?" });
  const waiting = el("div", { class: "lk-waiting" }, words, why);
  const needs = el("ul", { class: "lk-needs", "aria-label": "What needs a look" });
  const root = el("div", { class: "lk-glance" }, waiting, needs);
  const tick = () => setText(words, waitingWords(shown, wire.now()));
  return {
    root,
    tick,
    /** @param {Glance} glance */
    show: (glance) => {
      shown = glance.waiting;
      why.hidden = !shown.oldest;
      tick();
      keyed(
        needs,
        glance.needs,
        (line) => line.key,
        () => createNeed(wire),
        updateNeed,
      );
      needs.hidden = glance.needs.length === 0;
    },
  };
}

/**
 * @param {Waiting} waiting
 * @param {number} now
 */
export function waitingWords({ pending, reserved, since }, now) {
  const count = pending + reserved;
  if (count === 0) return "No Task waits.";
  const parts = [pending && `${pending} pending`, reserved && `${reserved} reserved`].filter(Boolean).join(", ");
  const who = count === 1 ? `1 Task waits (${pending ? "pending" : "reserved"})` : `${count} Tasks wait (${parts})`;
  if (since === null) return `${who}.`;
  const long = howLong(now - since);
  return count === 1 ? `${who}, for ${long} now.` : `${who}, the longest for ${long} now.`;
}

/** @param {Ask} wire */
function createNeed(wire) {
  const parts = {
    light: el("span", { class: "lk-need-light" }),
    words: el("span", { class: "lk-need-words" }),
    said: el("span", { class: "lk-need-said", role: "status" }),
  };
  const remedy = button(
    "",
    "secondary",
    async () => {
      const answer = await press(remedy, "Working…", () => wire.ask("remedy", { remedy: row.action }));
      setText(parts.said, answer.text);
      parts.said.classList.toggle("lk-problem", !answer.ok);
    },
    { data: { acts: true } },
  );
  const root = el("li", { class: "lk-need" }, parts.light, parts.words, parts.said, remedy);
  const row = { root, ...parts, remedy, action: "" };
  return row;
}

/**
 * @param {ReturnType<typeof createNeed>} row
 * @param {Line} line
 */
function updateNeed(row, line) {
  row.action = line.action;
  if (row.root.dataset.light !== line.light) {
    row.root.dataset.light = line.light;
    row.light.replaceChildren(light(line.light, LIGHT_WORDS[line.light]));
  }
  setText(row.words, `${line.label}: ${line.detail || line.value}`);
  row.remedy.hidden = !line.remedy;
  if (!row.remedy.disabled) setText(row.remedy, line.remedy);
}
