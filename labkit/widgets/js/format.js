// @ts-check
// How durations, times and SIDs are written. Times and durations are in milliseconds.

/** A clock that is less than this ahead or behind is in step: the rest is the way of a message. */
export const NOTICEABLE_MS = 2000;

/** @param {number} number */
const two = (number) => String(number).padStart(2, "0");

/**
 * How long, as a person says it: 8 s, 3 min 05 s, 2 h 10 min, 4 d 3 h.
 *
 * @param {number} ms
 */
export function howLong(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${two(s % 60)} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${two(Math.floor((s % 3600) / 60))} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

/**
 * What is left, as a clock counts down: 0:09, 19:59, 1:02:03.
 *
 * @param {number} ms
 */
export function countdown(ms) {
  const s = Math.max(0, Math.ceil(ms / 1000));
  const rest = `${two(Math.floor((s % 3600) / 60))}:${two(s % 60)}`;
  return s >= 3600 ? `${Math.floor(s / 3600)}:${rest}` : rest.replace(/^0/, "");
}

/**
 * The time of day in UTC, as Twilio's API and log and Python's texts have it: 09:05:00. Where it stands says "UTC" once.
 *
 * @param {number} ms since 1970
 */
export const timeOfDay = (ms) => new Date(ms).toISOString().slice(11, 19);

/**
 * The moment in full and in UTC, for a tooltip; null when it is not known.
 *
 * @param {number | null | undefined} ms since 1970
 */
export const exactly = (ms) => (ms ? new Date(ms).toISOString().replace("T", " ").replace("Z", " UTC") : null);

/**
 * Whether TaskRouter's clock is another one than the computer's, in a few words; empty where it is not.
 *
 * @param {number} ahead of the computer's, in milliseconds
 * @param {boolean} paused
 * @param {number} [speed] how many of its seconds pass in one of the computer's
 */
export function clockWords(ahead, paused, speed = 1) {
  if (paused) return "clock paused";
  if (speed > 1) return `clock ${Math.round(speed).toLocaleString("en")}× as fast`;
  if (Math.abs(ahead) < NOTICEABLE_MS) return "";
  const far = howLong(Math.round(Math.abs(ahead) / 1000) * 1000).replace(/ 0+ \w+$/, "");
  return `clock ${far} ${ahead > 0 ? "ahead" : "behind"}`;
}

/**
 * A SID's kind and end: WT…89ab.
 *
 * @param {string | null | undefined} sid
 */
export const shortSid = (sid) => (sid && sid.length > 8 ? `${sid.slice(0, 2)}…${sid.slice(-4)}` : sid || "");

/**
 * A text with each SID in it made short.
 *
 * @param {string} text
 */
export const shortSids = (text) => text.replace(/[A-Z]{2}[0-9a-f]{32}/g, (sid) => shortSid(sid));

/**
 * A REST path for a narrow place: what it is about stands at its end, behind long SIDs.
 *
 * @param {string} path
 */
export const restPath = (path) => shortSids(path.replace(/^\/v1\/Workspaces\/WS[0-9a-f]{32}/, "…"));
