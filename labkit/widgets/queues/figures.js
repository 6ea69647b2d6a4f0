// @ts-check
// What Python tells of the TaskQueues, sums over several of them, and how numbers are written.

import { howLong } from "../js/format.js";

/**
 * A TaskQueue as a row. Times to accept are in seconds, and null where nothing was accepted.
 *
 * @typedef {object} Queue
 * @property {string} name
 * @property {number} waiting
 * @property {number | null} oldest since when the oldest Task waits, in milliseconds since 1970
 * @property {string} oldest_task its SID
 * @property {number} accepted in the last minutes
 * @property {number} within of these, how many in time
 * @property {number | null} median
 * @property {number | null} slowest of nine in ten
 * @property {number | null} eligible Workers; null while TaskRouter has not been asked
 * @property {number | null} available
 */
/**
 * @typedef {object} Content
 * @property {Queue[]} [queues]
 * @property {Record<string, [at: number, count: number][]>} series how many waited, by TaskQueue
 * @property {Record<string, number[]>} bins how many were accepted in so long, by TaskQueue
 * @property {number} bin_seconds
 * @property {number} within the service level's limit, in seconds
 * @property {number} minutes that are told
 * @property {string} trouble
 */

/** @param {number | null} value */
export function seconds(value) {
  if (value === null) return "–";
  if (value < 10) return `${Number(value.toFixed(1))} s`;
  return value % 60 ? howLong(value * 1000) : `${value / 60} min`;
}

/**
 * @param {number} part
 * @param {number} whole
 */
export const percent = (part, whole) => `${Math.round((100 * part) / whole)} %`;

/** @param {Queue[]} queues */
export const sums = (queues) => ({
  accepted: queues.reduce((sum, queue) => sum + queue.accepted, 0),
  within: queues.reduce((sum, queue) => sum + queue.within, 0),
});

/**
 * How many were accepted in so long, of all these TaskQueues together.
 *
 * @param {Record<string, number[]>} bins
 * @param {string[]} names
 */
export function binSums(bins, names) {
  /** @type {number[]} */
  const sum = [];
  for (const name of names) {
    for (const [index, count] of (bins[name] ?? []).entries()) sum[index] = (sum[index] ?? 0) + count;
  }
  return sum;
}

/**
 * What the first plot shows, for those who do not see it.
 *
 * @param {Content} content
 * @param {Queue[]} queues that are shown
 */
export function waitingWords({ minutes, series }, queues) {
  const each = queues.map(({ name, waiting }) => {
    const most = Math.max(0, ...(series[name] ?? []).map(([, count]) => count));
    return `${name}: ${waiting} now, at most ${most}`;
  });
  return `Waiting Tasks, last ${minutes} minutes. ${each.join("; ")}`;
}

/**
 * What the second plot shows.
 *
 * @param {string} about what stands above it
 * @param {Queue[]} queues that are shown
 */
export function acceptWords(about, queues) {
  const each = queues
    .filter((queue) => queue.accepted)
    .map(
      ({ name, median, slowest }) => `${name}: half within ${seconds(median)}, nine of ten within ${seconds(slowest)}`,
    );
  return `Time to accept. ${about}. ${each.join("; ")}`;
}
