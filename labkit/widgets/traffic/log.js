// @ts-check
// The exchanges that the page has, by their place; and where the list stands while it is paused.

import { fits } from "./exchanges.js";

/** @import { Exchange, Filter } from "./exchanges.js" */
/**
 * @typedef {object} Log
 * @property {Map<number, Exchange>} known
 * @property {number} first place that Python still keeps, or that is still shown
 * @property {number} heard how many in all: the place of the next one
 * @property {number | null} pausedAt how many had been heard when the list was paused
 */

/** @returns {Log} */
export const emptyLog = () => ({ known: new Map(), first: 0, heard: 0, pausedAt: null });

/**
 * Take in what Python tells; what it has dropped is forgotten, but not while the list is paused.
 *
 * @param {Log} log
 * @param {{ first: number, heard: number, rows: Exchange[] }} state
 */
export function takeIn(log, { first, heard, rows }) {
  log.first = log.pausedAt === null ? first : Math.min(log.first, first);
  log.heard = heard;
  learn(log, rows);
  for (const place of log.known.keys()) if (place < log.first) log.known.delete(place);
}

/**
 * @param {Log} log
 * @param {Exchange[]} rows
 */
export function learn({ known }, rows) {
  for (const row of rows) if (!known.has(row.place)) known.set(row.place, row);
}

/**
 * The place of the newest exchange that the page does not have; null when it has all.
 *
 * @param {Log} log
 */
export function newestMissing({ known, first, heard }) {
  for (let place = heard - 1; place >= first; place -= 1) if (!known.has(place)) return place;
  return null;
}

/** @param {Log} log */
export const shownUntil = ({ heard, pausedAt }) => pausedAt ?? heard;

/**
 * Those that fit the filter, newest first.
 *
 * @param {Log} log
 * @param {Filter} filter
 */
export function matching(log, filter) {
  const found = [];
  for (let place = shownUntil(log) - 1; place >= log.first; place -= 1) {
    const row = log.known.get(place);
    if (row && fits(row, filter)) found.push(row);
  }
  return found;
}
