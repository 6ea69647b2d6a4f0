// @ts-check
// A row of the table: what waits in a TaskQueue, who could take it, and how soon it was taken.

import { el, setAttribute, setText } from "../js/dom.js";
import { exactly, howLong } from "../js/format.js";
import { light } from "../js/lights.js";
import { whyButton } from "../js/why.js";
import { percent, seconds } from "./figures.js";

/**
 * @import { AskWhy } from "../js/why.js"
 * @import { Queue } from "./figures.js"
 */
/** @typedef {ReturnType<typeof createRow>} Row */

export const COLUMNS = ["TaskQueue", "Waiting", "Longest wait", "Available Workers", "Service level", "Time to accept"];

/**
 * @param {Queue} queue
 * @param {{ ask: AskWhy }} wire
 * @param {(name: string) => void} onFocus
 */
export function createRow(queue, wire, onFocus) {
  const name = el("button", {
    type: "button",
    class: "lk-queue-name",
    "aria-pressed": "false",
    title: "Show this TaskQueue alone in the plots",
    on: { click: () => onFocus(queue.name) },
  });
  const oldest = { task: "" };
  const meterBar = el("span", { class: "lk-meter-bar" });
  const parts = {
    name,
    waiting: cell(1),
    longest: el("span", { class: "lk-whole" }),
    late: el("span", { class: "lk-late", hidden: true }, light("amber", "longer than the service level")),
    why: whyButton(wire, () => oldest.task, { hidden: true, title: "Why does this Task wait?" }),
    workers: cell(3),
    meter: el("span", { class: "lk-meter", "aria-hidden": "true" }, meterBar),
    meterBar,
    level: el("span", { class: "lk-whole" }),
    accept: cell(5),
    half: el("span", { class: "lk-whole" }),
    most: el("span", { class: "lk-whole" }),
  };
  parts.waiting.classList.add("lk-number");
  parts.accept.append(parts.half, parts.most);
  const root = el(
    "tr",
    { role: "row" },
    el("th", { scope: "row", role: "rowheader" }, name),
    parts.waiting,
    cell(2, parts.late, parts.longest, parts.why),
    parts.workers,
    cell(4, parts.meter, parts.level),
    parts.accept,
  );
  return { root, ...parts, oldest };
}

/**
 * A cell that knows what its column is called: where the table has no room for columns, it says so itself.
 *
 * @param {number} column
 * @param {...Node} content
 */
const cell = (column, ...content) => el("td", { role: "cell", data: { column: COLUMNS[column] } }, ...content);

/**
 * @param {Row} row
 * @param {Queue} queue
 * @param {{ focused: string | null, now: number, limit: number }} how `limit` of the service level, in seconds
 */
export function updateRow(row, queue, { focused, now, limit }) {
  const { accepted, within, oldest } = queue;
  const ms = oldest === null ? null : now - oldest;
  row.root.dataset.name = queue.name;
  setText(row.name, queue.name);
  setAttribute(row.name, "aria-pressed", String(focused === queue.name));
  setText(row.waiting, queue.waiting);
  setText(row.longest, ms === null ? "–" : howLong(ms));
  setAttribute(row.longest, "title", oldest && `Task ${queue.oldest_task}, waiting since ${exactly(oldest)}`);
  row.oldest.task = queue.oldest_task;
  row.why.hidden = !queue.oldest_task;
  row.late.hidden = ms === null || ms <= limit * 1000;
  setText(row.workers, queue.eligible === null ? "…" : `${queue.available} of ${queue.eligible} eligible`);
  row.meter.hidden = !accepted;
  row.meterBar.style.width = accepted ? `${(100 * within) / accepted}%` : "0";
  setText(row.level, accepted ? `${percent(within, accepted)} · ${within} of ${accepted}` : "nothing accepted yet");
  setText(row.half, accepted ? `half in ${seconds(queue.median)},` : "–");
  setText(row.most, accepted ? `90 % in ${seconds(queue.slowest)}` : "");
}
