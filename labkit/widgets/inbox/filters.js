// @ts-check
// The bar above the cards: which Reservations are shown, and how many there are.

import { button } from "../js/buttons.js";
import { offerChoices } from "../js/choices.js";
import { el, setText } from "../js/dom.js";
import { shortSid } from "../js/format.js";
import { MODES } from "./reservations.js";

/**
 * @import { Card } from "./card.js"
 * @import { Filters } from "./reservations.js"
 */

/** @param {Filters} filters */
export const isFiltered = ({ mode, worker, queue }) => mode !== "all" || Boolean(worker || queue);

/**
 * @param {Filters} filters are changed
 * @param {() => void} onChange
 */
export function filterBar(filters, onChange) {
  /** @param {Partial<Filters>} change */
  const set = (change) => {
    Object.assign(filters, change);
    onChange();
  };
  const modes = MODES.map(([name, label]) => ({
    name,
    label,
    node: button(label, "segment", () => set({ mode: name })),
  }));
  const workers = el("select", { "aria-label": "Only of this Worker" });
  const queues = el("select", { "aria-label": "Only of this TaskQueue" });
  workers.addEventListener("change", () => set({ worker: workers.value }));
  queues.addEventListener("change", () => set({ queue: queues.value }));
  const segments = el(
    "div",
    { class: "lk-segments", role: "group", "aria-label": "Which Reservations" },
    ...modes.map(({ node }) => node),
  );
  return {
    root: el("div", { class: "lk-inbox-bar" }, segments, workers, queues),
    all: button("Show all", "secondary", () => set({ mode: "all", worker: "", queue: "" })),
    /** @param {Card[]} open */
    update: (open) => {
      const counts = countOf(open);
      for (const { name, label, node } of modes) {
        setText(node, `${label} ${counts[name]}`);
        node.setAttribute("aria-pressed", String(filters.mode === name));
      }
      const found = open.map((card) => [card.worker_sid, card.worker || shortSid(card.worker_sid)]);
      offer(workers, "All Workers", /** @type {[string, string][]} */ (found), filters.worker);
      offer(
        queues,
        "All TaskQueues",
        /** @type {[string, string][]} */ (open.map(({ queue }) => [queue, queue])),
        filters.queue,
      );
    },
  };
}

/**
 * @param {Card[]} open
 * @returns {Record<string, number>} how many there are, by mode
 */
export function countOf(open) {
  const pending = open.filter((card) => card.status === "pending").length;
  return { all: open.length, pending, taken: open.length - pending };
}

/**
 * The choices that there are now, and always the one that is chosen, which stays so.
 *
 * @param {HTMLSelectElement} select
 * @param {string} all
 * @param {[value: string, text: string][]} found
 * @param {string} wanted
 */
function offer(select, all, found, wanted) {
  const known = new Map(found.filter(([value]) => value).sort(([, one], [, other]) => (one < other ? -1 : 1)));
  if (wanted && !known.has(wanted)) known.set(wanted, select.selectedOptions[0]?.textContent ?? wanted);
  offerChoices(
    select,
    [["", all], ...known].map(([value, text]) => ({ value, text })),
  );
  if (select.value !== wanted) select.value = wanted;
}
