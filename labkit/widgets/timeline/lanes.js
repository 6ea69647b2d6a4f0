// @ts-check
// The lanes as the kernel has them, which of them are looked for, and the words for what is in them.

import { howLong, shortSid, timeOfDay } from "../js/format.js";
import { statusWords } from "../js/status.js";
import { GLYPHS } from "./glyphs.js";

/**
 * @import { Answer } from "../js/wire.js"
 * @import { TimelineWire } from "./panel.js"
 */
/** @typedef {"tasks" | "workers"} By a lane for each of these */
/**
 * A state from one moment to another; `end` is null while it goes on, or when it is a Task's last. `who` is a Worker's
 * name or a Task's SID; of an Activity it says whether Workers in it are offered Tasks. `row` is for a Worker's
 * Reservations that lie side by side.
 *
 * @typedef {[state: string, begin: number, end: number | null, who: string, row: number]} Stretch
 */
/** @typedef {[kind: string, at: number, text: string]} Mark something that happened */
/**
 * A Worker hands a Task over, or is handed it. `became` is what the Reservation became that was made for it.
 *
 * @typedef {[task: string, at: number, role: "gives" | "takes", became: string]} Handed
 */
/**
 * @typedef {object} Lane
 * @property {string} sid
 * @property {string} name
 * @property {string} [queue] of a Task
 * @property {string} state
 * @property {number | null} begin
 * @property {number} [rows] of a Worker's Reservations
 * @property {Stretch[]} [activities] of a Worker
 * @property {Handed[]} [handed] of a Worker
 * @property {Stretch[]} stretches
 * @property {Mark[]} marks
 */
/** @typedef {{ epoch: number, revision: number, lanes: Lane[], before: number | null }} LanesAnswer */
/** @typedef {ReturnType<typeof laneStore>} LaneStore */

/**
 * Lanes as the kernel has them: asks for what changed, merges, and says when there is more to draw.
 *
 * @param {TimelineWire} wire
 * @param {() => void} changed
 */
export function laneStore(wire, changed) {
  const known = { tasks: laneMap(), workers: laneMap() };
  const have = { tasks: 0, workers: 0 }; // up to which revision
  /** @type {number | null} */
  let epoch = null;
  let wanted = false;
  let busy = false;
  /**
   * @param {By} by
   * @param {LanesAnswer} answer
   */
  const merge = (by, answer) => {
    if (answer.epoch !== epoch) {
      for (const each of /** @type {By[]} */ (["tasks", "workers"])) {
        known[each].clear();
        have[each] = 0;
      }
      epoch = answer.epoch;
    }
    for (const lane of answer.lanes) known[by].set(lane.sid, lane);
  };
  /** @param {By} by */
  const round = async (by) => {
    let top = have[by];
    /** @type {number | null} */
    let before = null;
    do {
      /** @type {Answer<LanesAnswer>} */
      const answer = await wire.ask("lanes", { by, since: have[by], before });
      if (!answer.ok) return;
      if (epoch !== null && answer.epoch !== epoch && before !== null) {
        wanted = true;
        return;
      }
      if (before === null) top = answer.revision;
      before = answer.before;
      merge(by, answer);
      changed();
    } while (before !== null);
    have[by] = top;
  };
  return {
    /** @param {By} by */
    list: (by) => [...known[by].values()],
    /** @param {() => By} by asked anew for each round */
    pull: async (by) => {
      wanted = true;
      if (busy) return;
      busy = true;
      while (wanted) {
        wanted = false;
        await round(by());
      }
      busy = false;
    },
  };
}

/** @returns {Map<string, Lane>} */
const laneMap = () => new Map();

/**
 * Those that have these words somewhere, in the order of the page: the newest Task first, Workers by name.
 *
 * @param {Lane[]} lanes
 * @param {By} by
 * @param {string} words
 */
export function sifted(lanes, by, words) {
  const found = lanes.filter((lane) => fits(lane, words));
  if (by === "workers") return found.sort((a, b) => a.name.localeCompare(b.name));
  return found.sort((a, b) => (b.begin || 0) - (a.begin || 0) || (a.sid < b.sid ? 1 : -1));
}

/**
 * @param {Lane} lane
 * @param {string} words
 */
function fits(lane, words) {
  if (!words) return true;
  const texts = [lane.name, lane.sid, lane.queue, lane.state, ...lane.stretches.map((each) => each[3])];
  return texts.some((text) => (text || "").toLowerCase().includes(words));
}

/**
 * @param {number} shown
 * @param {number} all
 * @param {By} by
 */
export function countWords(shown, all, by) {
  const noun = `${by === "tasks" ? "Task" : "Worker"}${all === 1 ? "" : "s"}`;
  return shown === all ? `${all} ${noun}` : `${shown} of ${all} ${noun}`;
}

/**
 * When the first of them begins.
 *
 * @param {Lane[]} lanes
 * @param {number} latest if none does before
 */
export const firstBegin = (lanes, latest) =>
  lanes.reduce((least, lane) => Math.min(least, lane.begin || latest), latest);

/**
 * The moments at which something happened, each once.
 *
 * @param {Lane} lane
 */
export const momentsOf = (lane) => [...new Set(lane.marks.map((mark) => mark[1]))];

/**
 * What the names of all TaskQueues begin with, up to a word's end, where that is long and leaves something of each.
 *
 * @param {string[]} names
 */
export function commonStart(names) {
  const all = [...new Set(names)];
  if (all.length < 2) return "";
  let start = all[0];
  for (const name of all) while (!name.startsWith(start)) start = start.slice(0, -1);
  start = start.slice(0, start.lastIndexOf(" ") + 1);
  return start.length > 8 && all.every((name) => name.length > start.length) ? start : "";
}

/**
 * The end of a long name, from a word's beginning on: that is where the names of TaskQueues differ.
 *
 * @param {string} name
 */
export const nameEnd = (name) => (name.length > 27 ? `… ${name.slice(-25).replace(/^\S*\s+/, "")}` : name);

/** @param {number} ms */
export const exactTime = (ms) => `${timeOfDay(ms)}.${String(Math.floor(ms % 1000)).padStart(3, "0")}`;

/** @param {number} ms */
export const lasted = (ms) => (ms < 10000 ? `${(Math.max(0, ms) / 1000).toFixed(1)} s` : howLong(ms));

/**
 * The state at a moment and the marks near it: what a tooltip tells.
 *
 * @param {Lane} lane
 * @param {number} at
 * @param {number} near in milliseconds
 */
export function lookup(lane, at, near) {
  const stretch = lane.stretches.findLast((each) => each[1] <= at && (each[2] === null || at <= each[2]));
  let marks = lane.marks.filter((mark) => Math.abs(mark[1] - at) <= near);
  if (!marks.length && stretch) marks = lane.marks.filter((mark) => mark[1] === stretch[1]);
  const activity = lane.activities?.findLast((each) => each[1] <= at);
  return { stretch, marks, activity };
}

/**
 * @param {Stretch} stretch
 * @param {number} now
 */
export function stretchWords([state, begin, end, who], now) {
  if (GLYPHS[state]) return `${statusWords("task", state)} at ${exactTime(begin)}`;
  const name = state === "unknown" ? "not known what it was" : statusWords("task", state);
  const whom = who && `${/^W[KT]/.test(who) ? shortSid(who) : who}`;
  const when =
    end === null
      ? `for ${lasted(now - begin)} so far, since ${exactTime(begin)}`
      : `for ${lasted(end - begin)}, ${exactTime(begin)} to ${exactTime(end)}`;
  return [name, whom, when].filter(Boolean).join(" · ");
}

/**
 * A lane in one sentence, for those who do not see it.
 *
 * @param {Lane} lane
 * @param {number} now
 */
export function laneWords(lane, now) {
  const states = lane.stretches.slice(-8).map(([state, begin, end]) => {
    if (GLYPHS[state]) return statusWords("task", state);
    return `${state === "unknown" ? "not known" : statusWords("task", state)} ${lasted((end ?? now) - begin)}`;
  });
  const name = `${lane.activities ? "Worker" : "Task"} ${lane.name}${lane.queue ? ` in ${lane.queue}` : ""}`;
  const stands = lane.state && !lane.activities ? statusWords("task", lane.state) : lane.state;
  return `${name}: ${states.join(", ") || stands || "nothing yet"}`;
}
