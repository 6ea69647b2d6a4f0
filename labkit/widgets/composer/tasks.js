// @ts-check
// The Tasks that Composer has created, and how far those at random have come.

import { button, copyButton } from "../js/buttons.js";
import { el, keyed, setAttribute, setText } from "../js/dom.js";
import { setStatus, statusBadge } from "../js/status.js";
import { whyButton } from "../js/why.js";

/** @import { AskWhy } from "../js/why.js" */
/** @typedef {{ made: number, wanted: number, running: boolean, trouble: string }} Batch */
/** @typedef {{ sid: string, status: string, worker: string }} Reservation */
/**
 * @typedef {object} Task
 * @property {string} sid
 * @property {string} status
 * @property {Reservation[]} reservations those that are open, or else the newest
 * @property {string} queue
 * @property {string} reason
 * @property {[name: string, value: string][]} attributes
 */

/**
 * How far the Tasks at random have come.
 *
 * @param {() => unknown} onStop
 */
export function batchLine(onStop) {
  const bar = el("progress", { class: "lk-progress", "aria-label": "Tasks made" });
  const text = el("span", { class: "lk-batch-text", role: "status" });
  const stop = button("Stop", "quiet", onStop);
  const root = el("div", { class: "lk-batch", hidden: true }, bar, text, stop);
  return {
    root,
    /** @param {Batch | null} batch */
    show: (batch) => {
      root.hidden = !batch;
      if (!batch) return;
      bar.max = batch.wanted;
      bar.value = batch.made;
      stop.hidden = !batch.running;
      setText(text, batchWords(batch));
      text.classList.toggle("lk-problem", Boolean(batch.trouble));
    },
  };
}

/** @param {Batch} batch */
export function batchWords({ made, wanted, running, trouble }) {
  const soFar = `${made} of ${wanted} created`;
  if (trouble) return `${soFar}. ${trouble}`;
  return running ? `${soFar}…` : soFar;
}

/**
 * @param {Task} task
 * @param {{ ask: AskWhy }} wire
 */
export function createTaskRow(task, wire) {
  const parts = {
    status: statusBadge("task", task.status),
    reservations: el("span", { class: "lk-task-reservations" }),
    where: el("span", { class: "lk-soft lk-task-where" }),
    told: el("span", { class: "lk-soft lk-task-told" }),
  };
  const root = el(
    "li",
    { class: "lk-task", data: { sid: task.sid } },
    el("span", { class: "lk-task-states" }, parts.status, parts.reservations),
    el("span", { class: "lk-mono lk-task-sid", text: task.sid }),
    copyButton(`Copy the SID ${task.sid}`, () => task.sid),
    parts.where,
    parts.told,
    whyButton(wire, task.sid),
  );
  return { root, ...parts };
}

/**
 * @param {ReturnType<typeof createTaskRow>} row
 * @param {Task} task
 */
export function updateTaskRow(row, task) {
  row.root.dataset.status = task.status;
  setStatus(row.status, task.status);
  keyed(row.reservations, task.reservations, ({ sid }) => sid, createReservation, updateReservation);
  setText(row.where, task.queue);
  const told = task.reason || task.attributes.map(([name, value]) => `${name}: ${value}`).join(", ");
  setText(row.told, told);
  setAttribute(row.told, "title", told);
}

/** @param {Reservation} reservation */
function createReservation(reservation) {
  const parts = { status: statusBadge("reservation", reservation.status), worker: el("span", { class: "lk-soft" }) };
  return { root: el("span", { class: "lk-task-reservation" }, parts.status, parts.worker), ...parts };
}

/**
 * @param {ReturnType<typeof createReservation>} row
 * @param {Reservation} reservation
 */
function updateReservation(row, { status, worker }) {
  setStatus(row.status, status);
  setText(row.worker, worker);
}
