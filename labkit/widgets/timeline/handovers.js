// @ts-check
// A Task that goes from one Worker to another: an arrow from lane to lane.

import { svg } from "../js/dom.js";
import { HEIGHTS, level } from "./lane_row.js";

/**
 * @import { Lane } from "./lanes.js"
 * @import { TimeView } from "./time_view.js"
 */
/**
 * At `at` a Task of one Worker is offered to another; `from` and `to` are the numbers of their lanes.
 *
 * @typedef {{ task: string, at: number, from: number, to: number, became: string }} Handover
 */
/** @typedef {{ view: TimeView, now: number, tall: number, top: number, high: number }} Sight `top`: scrolled so far */

const REFUSED = ["rejected", "timeout", "canceled", "rescinded"];
const HEAD = 4.5;

/**
 * Who is offered what by whom, where both lanes are there. What a Worker is to take is what was given last.
 *
 * @param {Lane[]} lanes
 * @returns {Handover[]}
 */
export function handovers(lanes) {
  const all = lanes.flatMap((lane, place) => (lane.handed ?? []).map((handed) => ({ place, handed })));
  const inOrder = all.sort((a, b) => a.handed[1] - b.handed[1] || (a.handed[2] < b.handed[2] ? -1 : 1));
  /** @type {Map<string, number>} */
  const givers = new Map();
  /** @type {Handover[]} */
  const found = [];
  for (const { place, handed } of inOrder) {
    const [task, at, role, became] = handed;
    const from = givers.get(task);
    if (role === "gives") givers.set(task, place);
    else if (from !== undefined && from !== place) found.push({ task, at, from, to: place, became });
  }
  return found;
}

/**
 * The arrows that are in view: straight from lane to lane, at the moment of the offer.
 *
 * @param {Lane[]} lanes
 * @param {Sight} sight
 */
export function arrows(lanes, sight) {
  return handovers(lanes).flatMap((each) => {
    const x = sight.view.x(each.at, sight.now);
    const [from, to] = [each.from, each.to].map((place) => barEdges(lanes[place], place, each, sight));
    const down = to.middle > from.middle;
    const [start, end] = down ? [from.bottom, to.top] : [from.top, to.bottom];
    const isSeen = Math.max(start, end) > 0 && Math.min(start, end) < sight.high && x > 0 && x < sight.view.look.wide;
    return isSeen ? [arrow(x, start, end, REFUSED.includes(each.became) ? "refused" : each.became)] : [];
  });
}

/**
 * Where the bar of the Task is in a lane, on the screen.
 *
 * @param {Lane} lane
 * @param {number} place
 * @param {Handover} handover
 * @param {Sight} sight
 */
function barEdges(lane, place, { task, at }, { tall, top }) {
  const stretch = lane.stretches.findLast(([, begin, , who]) => who === task && begin <= at);
  const { y, height } = level(lane, stretch?.[4] ?? 0);
  const upper = place * tall - top + (tall - HEIGHTS.workers) / 2 + y;
  return { top: upper, middle: upper + height / 2, bottom: upper + height };
}

/**
 * @param {number} x
 * @param {number} start
 * @param {number} end
 * @param {string} became
 */
function arrow(x, start, end, became) {
  const down = Math.sign(end - start);
  const line = `M${x} ${start}V${end - down * HEAD}`;
  const head = `M${x - HEAD} ${end - down * HEAD * 1.6}h${2 * HEAD}L${x} ${end}z`;
  return svg(
    "g",
    { class: "lk-handover", "data-became": became },
    svg("path", { d: line, class: "lk-handover-edge" }),
    svg("path", { d: line, class: "lk-handover-line" }),
    svg("circle", { cx: x, cy: start, r: 2.6, class: "lk-handover-head" }),
    svg("path", { d: head, class: "lk-handover-head" }),
  );
}
