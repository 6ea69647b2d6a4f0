// @ts-check
// The words for time that has passed, for days, and for what fell due.

import { setAttribute, setText } from "../js/dom.js";
import { howLong, NOTICEABLE_MS, shortSid } from "../js/format.js";

/**
 * What came of a move of the clock.
 *
 * @typedef {object} Moved
 * @property {number} by in milliseconds
 * @property {number} deadlines how many fell due
 * @property {number} events how many came of them
 * @property {[at: number, type: string, sid: string, text: string][]} rows type "due" is a deadline, else of an event
 * @property {number} more rows that are not sent
 */

const UTC = { timeZone: "UTC" };

/**
 * Text with its SIDs made short; the whole text is the title.
 *
 * @param {Element} node
 * @param {string} text
 */
export function sayBriefly(node, text) {
  setText(node, text.replace(/\b[A-Z]{2}[0-9a-f]{32}\b/g, shortSid));
  setAttribute(node, "title", text || null);
}

/** @param {number} ms */
export const day = (ms) =>
  new Date(ms).toLocaleDateString(undefined, {
    ...UTC,
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
  });

/**
 * The weekday and a space, if it is another day than today.
 *
 * @param {number} ms
 * @param {number} now
 */
export const otherDay = (ms, now) =>
  day(ms) === day(now) ? "" : `${new Date(ms).toLocaleDateString(undefined, { ...UTC, weekday: "short" })} `;

/**
 * @param {number} number
 * @param {string} word
 */
export const counted = (number, word) => `${number.toLocaleString()} ${word}${number === 1 ? "" : "s"}`;

/**
 * How far the sandbox's time is from real time.
 *
 * @param {number} ahead in milliseconds
 */
export function aheadWords(ahead) {
  if (Math.abs(ahead) < NOTICEABLE_MS) return "in step with real time";
  return `${howLong(Math.abs(ahead))} ${ahead > 0 ? "ahead of" : "behind"} real time`;
}

/** @param {Moved | null} moved */
export function movedWords(moved) {
  if (!moved) return "";
  const went = moved.by < 1000 ? `${moved.by} ms` : howLong(moved.by);
  if (!moved.deadlines) return `Time went on by ${went}; nothing fell due.`;
  const them = moved.deadlines === 1 ? "it" : "them";
  const events = moved.events ? `, and ${counted(moved.events, "event")} came of ${them}` : "";
  return `Time went on by ${went}; ${counted(moved.deadlines, "deadline")} fell due${events}.`;
}
