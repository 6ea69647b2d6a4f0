// @ts-check
// A lane on the page: its label, and beside it the stretch of its life that is in view.

import { el, setAttribute, setText, svg } from "../js/dom.js";
import { shortSid } from "../js/format.js";
import { statusWords } from "../js/status.js";
import { bar, GLYPHS, glyph } from "./glyphs.js";
import { laneWords, nameEnd } from "./lanes.js";

/**
 * @import { Lane, Mark, Stretch } from "./lanes.js"
 * @import { TimeView } from "./time_view.js"
 */
/** @typedef {ReturnType<typeof createLane>} LaneRow */
/**
 * What is drawn: with which patterns, from when to when.
 *
 * @typedef {{ id: string, view: TimeView, now: number, from: number, to: number }} Sight
 */

export const HEIGHTS = { tasks: 38, workers: 58 };
const USUAL_FONT_SIZE = 13;
const CAP_WIDTH = 17;
const MOST_ROWS = 4;

/**
 * How high a lane is, in pixels: its label has two lines, which grow with the text, and its bars stay as they are.
 *
 * @param {keyof typeof HEIGHTS} by
 * @param {Element} panel
 */
export const laneHeight = (by, panel) =>
  Math.round(HEIGHTS[by] * Math.max(1, Number.parseFloat(getComputedStyle(panel).fontSize) / USUAL_FONT_SIZE));

/**
 * @param {Lane} lane
 * @param {(sid: string) => void} onOpen
 */
export function createLane(lane, onOpen) {
  const name = el("span", { class: "lk-lane-name" });
  const about = el("span", { class: "lk-lane-about" });
  const label = el(
    "button",
    { type: "button", class: "lk-lane-label", tabindex: "-1", on: { click: () => onOpen(lane.sid) } },
    name,
    about,
  );
  const plot = svg("svg", { class: "lk-lane-plot", "aria-hidden": "true" });
  const root = el("div", { class: "lk-lane", role: "listitem", data: { sid: lane.sid } }, label, plot);
  return { root, name, about, label, plot };
}

/**
 * @param {LaneRow} row
 * @param {Lane} lane
 * @param {{ common: string, opened: boolean, now: number }} how `common`: what the names of all TaskQueues begin with
 */
export function updateLabel(row, lane, { common, opened, now }) {
  const queue = lane.queue ?? "";
  const where = common ? `… ${queue.slice(common.length)}` : nameEnd(queue);
  setText(row.name, lane.name);
  setText(row.about, lane.activities ? lane.state : where);
  setAttribute(row.about, "title", lane.queue);
  setAttribute(row.label, "aria-expanded", String(opened));
  // What is seen comes first: who speaks to the computer says what they see.
  setAttribute(row.label, "aria-label", `${row.label.textContent}. ${laneWords(lane, now)}`);
}

/**
 * @param {LaneRow} row
 * @param {Lane} lane
 * @param {{ id: string, view: TimeView, now: number, picked: number | null }} how `picked`: the moment that is marked
 */
export function drawLane(row, lane, { id, view, now, picked }) {
  const { span } = view.look;
  const begin = view.begin(now);
  const sight = { id, view, now, from: begin - span * 0.01, to: begin + span * 1.01 };
  const parts = [...activityBars(lane, sight), ...stretchBars(lane, sight), ...marks(lane, sight)];
  if (picked !== null) {
    parts.push(svg("path", { d: `M${view.x(picked, now)} 0v${HEIGHTS.tasks}`, class: "lk-picked" }));
  }
  row.plot.style.height = `${HEIGHTS[lane.activities ? "workers" : "tasks"]}px`;
  row.plot.replaceChildren(...parts);
}

/**
 * From where to where a stretch is drawn, not far beyond the edges.
 *
 * @param {Stretch} stretch
 * @param {Sight} sight
 */
function extent([, begin, end], { view, now }) {
  const x = Math.max(view.x(begin, now), -10);
  return { x, width: Math.min(view.x(end ?? now, now), view.look.wide + 10) - x };
}

/**
 * @param {Lane} lane
 * @param {Sight} sight
 * @returns {SVGElement[]}
 */
function activityBars({ activities = [] }, sight) {
  const { id, now, from, to } = sight;
  return activities
    .filter(([, begin, end]) => (end ?? now) >= from && begin <= to)
    .map((activity) => {
      const [name, , , offered] = activity;
      const kind = offered === "available" ? "available" : "unavailable";
      return bar(id, kind, { ...extent(activity, sight), y: 41, height: 12 }, name);
    });
}

/**
 * @param {Lane} lane
 * @param {Sight} sight
 * @returns {SVGElement[]}
 */
function stretchBars(lane, sight) {
  const { id, view, now, from, to } = sight;
  return lane.stretches
    .filter(([state, begin, end]) => (GLYPHS[state] ? begin >= from : (end ?? now) >= from) && begin <= to)
    .map((stretch) => {
      const [state, begin, , who, row] = stretch;
      const place = GLYPHS[state] ? { x: view.x(begin, now), width: CAP_WIDTH } : extent(stretch, sight);
      const whom = lane.activities ? shortSid(who) : who;
      const words = statusWords("task", state);
      return bar(id, state, { ...place, ...level(lane, row) }, whom ? `${words} · ${whom}` : words);
    });
}

/**
 * At which height of its lane a stretch is drawn, and how high it is: a Worker's Reservations lie beside each other.
 *
 * @param {Lane} lane
 * @param {number} row
 */
export function level(lane, row) {
  const rows = Math.min(lane.rows || 1, MOST_ROWS);
  const room = rows > 1 ? 25 : 17;
  return { y: 12 + (row % MOST_ROWS) * (room / rows), height: rows > 1 ? room / rows - 1 : room };
}

/**
 * @param {Lane} lane
 * @param {Sight} sight
 * @returns {SVGElement[]}
 */
function marks(lane, { view, now, from, to }) {
  return lane.marks
    .filter(([, at]) => at >= from && at <= to)
    .flatMap(([kind, at]) => {
      const y = markHeight(kind, Boolean(lane.activities));
      return y === null ? [] : [glyph(kind, view.x(at, now), y)];
    });
}

/**
 * At which height a mark stands; a Worker's lane has no room for all of them.
 *
 * @param {Mark[0]} kind
 * @param {boolean} ofWorker
 */
function markHeight(kind, ofWorker) {
  const trouble = kind === "timeout" || kind === "refused";
  if (kind === "callback") return 6.5;
  if (ofWorker && kind === "transfer") return 6.5;
  if (ofWorker) return trouble ? 20.5 : null;
  return trouble ? 33 : 33.5;
}
