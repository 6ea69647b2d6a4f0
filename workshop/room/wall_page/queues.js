// @ts-check
// The TaskQueues: who waits, since when, and how long those waited who were accepted.

import { el, keyed, setText } from "../../../labkit/widgets/js/dom.js";
import { howLong } from "../../../labkit/widgets/js/format.js";
import { part } from "./part.js";

/** @typedef {import("./types.js").WallState} WallState */
/** @typedef {import("./types.js").QueueRow} QueueRow */

/** @param {number | null} seconds */
const seconds = (seconds) => (seconds === null ? "" : howLong(seconds * 1000));

/**
 * @param {WallState} state
 * @param {number} now
 */
export function showQueues(state, now) {
  const oldest = Math.min(...state.queues.map((each) => each.oldest ?? Number.POSITIVE_INFINITY));
  const waiting = state.queues.reduce((sum, each) => sum + each.waiting, 0);
  setText(part("waiting-count"), waiting);
  setText(part("longest"), Number.isFinite(oldest) ? howLong(now - oldest) : "–");
  setText(part("accepted"), state.accepted);
  part("waiting-figure").dataset.look = waiting ? "wait" : "";
  part("no-queue").hidden = state.queues.length > 0;
  part("queues-table").hidden = state.queues.length === 0;
  keyed(
    part("queues"),
    state.queues,
    (each) => each.name,
    newRow,
    (row, queue) => update(row, queue, now),
  );
}

/** @param {QueueRow} queue */
function newRow(queue) {
  const cells = [1, 2, 3, 4].map(() => el("td", { class: "number" }));
  return { root: el("tr", {}, el("th", { scope: "row", text: queue.name }), ...cells), cells };
}

/**
 * @param {{ root: Element, cells: Element[] }} row
 * @param {QueueRow} queue
 * @param {number} now
 */
function update(row, queue, now) {
  const longest = queue.oldest === null ? "" : howLong(now - queue.oldest);
  [queue.waiting, longest, queue.accepted, seconds(queue.p95_seconds)].forEach((text, place) => {
    setText(row.cells[place], text);
  });
}
