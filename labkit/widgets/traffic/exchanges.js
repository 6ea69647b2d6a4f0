// @ts-check
// An exchange as a line of the traffic: what Python tells of it, which are errors, which fit the filter.

import { shortSid } from "../js/format.js";

/**
 * @typedef {object} Exchange
 * @property {number} place in all that was heard, from 0 on
 * @property {number} number
 * @property {string} kind "call" (of REST), or which callback: "assignment", "event", "other"
 * @property {number} at in milliseconds since 1970
 * @property {string} method
 * @property {string} path
 * @property {number | null} [status] none: there was no answer
 * @property {number | null} [milliseconds]
 * @property {string} about
 * @property {string} answer
 * @property {string} signature
 * @property {string | number | null} [code] of Twilio's error
 * @property {string} error
 * @property {string} words what a search finds besides what is seen
 */
/** @typedef {{ kind: string, words: string, errors: boolean }} Filter */

/** @param {Exchange} exchange */
export const answered = ({ status }) => status !== null && status !== undefined;

/** @param {Exchange} exchange */
export function isError({ error, status, signature }) {
  const fine = status !== null && status !== undefined && status >= 200 && status < 300;
  return Boolean(error) || !fine || Boolean(signature && signature !== "valid");
}

/**
 * A REST path for a narrow column: what it is about stands at its end, behind long SIDs.
 *
 * @param {string} path
 */
export const shortPath = (path) =>
  path
    .replace(/^\/v1\/Workspaces\/WS[0-9a-f]{32}(?=[/?])/, "…")
    .replace(/[A-Z]{2}[0-9a-f]{32}/g, (sid) => shortSid(sid));

/** @param {Exchange} exchange */
export function took({ milliseconds }) {
  if (milliseconds === null || milliseconds === undefined || !Number.isFinite(milliseconds)) return "";
  return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
}

/**
 * @param {Exchange} exchange
 * @param {Filter} filter
 */
export function fits(exchange, filter) {
  const { kind, method, path, about, answer, error, status, code, words } = exchange;
  if (filter.kind === "callback" ? kind === "call" : filter.kind && kind !== filter.kind) return false;
  if (filter.errors && !isError(exchange)) return false;
  if (!filter.words) return true;
  return [method, path, about, answer, error, status, code, words].join(" ").toLowerCase().includes(filter.words);
}
