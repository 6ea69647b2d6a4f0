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
    waiting: el("td", { class: "lk-number" }),
    longest: el("span"),
    late: el("span", { class: "lk-late", hidden: true }, light("amber", "longer than the service level")),
    why: whyButton(wire, () => oldest.task, { hidden: true, title: "Why does this Task wait?" }),
    workers: el("td"),
    meter: el("span", { class: "lk-meter", "aria-hidden": "true" }, meterBar),
    meterBar,
    level: el("span"),
    accept: el("td"),
  };
  const root = el(
    "tr",
    {},
    el("th", { scope: "row" }, name),
    parts.waiting,
    el("td", {}, parts.late, parts.longest, parts.why),
    parts.workers,
    el("td", {}, parts.meter, parts.level),
    parts.accept,
  );
  return { root, ...parts, oldest };
}

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
  setText(row.accept, accepted ? `half in ${seconds(queue.median)} · 90 % in ${seconds(queue.slowest)}` : "–");
}
