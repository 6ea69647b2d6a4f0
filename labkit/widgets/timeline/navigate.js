// @ts-check
// What somebody looks at: which lanes, which stretch of time, which lane's details, which event.

import { setText } from "../js/dom.js";
import { laneHeight } from "./lane_row.js";
import { commonStart, countWords, exactTime, firstBegin, momentsOf, sifted } from "./lanes.js";
import { paintSoon } from "./paint.js";

/**
 * @import { By, Lane } from "./lanes.js"
 * @import { Timeline } from "./panel.js"
 */

const ZOOM = 1.6;
const AT_LEAST_MS = 20e3; // that `fit` shows

/**
 * The lanes that are looked for, after there are others, or others are looked for.
 *
 * @param {Timeline} it
 */
export function sift(it) {
  const known = it.store.list(it.by);
  it.lanes = sifted(known, it.by, it.search.value.trim().toLowerCase());
  setText(it.count, countWords(it.lanes.length, known.length, it.by));
  it.common = commonStart(known.flatMap((lane) => lane.queue || []));
  it.empty.hidden = known.length > 0;
  if (it.opened) it.details.show(known.find((each) => each.sid === it.opened) ?? null, it.wire.now());
  paintSoon(it);
}

/**
 * Look at another stretch of time.
 *
 * @param {Timeline} it
 * @param {(now: number) => void} change
 */
export function move(it, change) {
  change(it.wire.now());
  it.tip.hide();
  paintSoon(it);
}

/**
 * All lanes, from the first event to now.
 *
 * @param {Timeline} it
 */
export const showAll = (it) => move(it, (now) => it.view.fit(firstBegin(it.lanes, now - AT_LEAST_MS), now));

/** @param {Timeline} it */
export const zoomIn = (it) => move(it, () => it.view.zoom(1 / ZOOM));

/** @param {Timeline} it */
export const zoomOut = (it) => move(it, () => it.view.zoom(ZOOM));

/** @param {Timeline} it */
export const followNow = (it) =>
  move(it, () => {
    it.view.look.end = null;
  });

/**
 * @param {Timeline} it
 * @param {By} by
 */
export function choose(it, by) {
  it.by = by;
  it.picked = null;
  openLane(it, null);
  it.scroller.scrollTop = 0;
  sift(it);
  it.store.pull(() => it.by);
}

/**
 * Open a lane's details; the same one a second time closes them.
 *
 * @param {Timeline} it
 * @param {string | null} sid
 */
export function openLane(it, sid) {
  it.opened = sid === it.opened ? null : sid;
  it.details.show(it.lanes.find((lane) => lane.sid === it.opened) ?? null, it.wire.now());
  paintSoon(it);
}

/**
 * Pick a moment of a lane: it is brought into view, marked and told.
 *
 * @param {Timeline} it
 * @param {Lane} lane
 * @param {number} at
 */
function pick(it, lane, at) {
  const { view, scroller } = it;
  it.picked = { sid: lane.sid, at };
  const now = it.wire.now();
  view.show(at, now);
  const tall = laneHeight(it.by, it.scroller);
  const place = it.lanes.indexOf(lane) * tall;
  if (place < scroller.scrollTop) scroller.scrollTop = place;
  if (place + tall > scroller.scrollTop + scroller.clientHeight)
    scroller.scrollTop = place + tall - scroller.clientHeight;
  const box = scroller.getBoundingClientRect();
  const x = box.right - view.look.wide + view.x(at, now);
  const words = it.tip.show(lane, { at, now, near: 1 }, [x, box.top + place - scroller.scrollTop + tall]);
  it.panel.say(`${lane.name}, ${exactTime(at)}. ${words}`);
  paintSoon(it);
}

/** @param {Timeline} it */
const pickedLane = (it) => it.lanes.find((lane) => lane.sid === it.picked?.sid);

/**
 * @param {Timeline} it
 * @param {number} step
 */
export function stepLane(it, step) {
  const place = it.lanes.findIndex((lane) => lane.sid === it.picked?.sid);
  const lane = it.lanes[place < 0 ? 0 : Math.min(Math.max(place + step, 0), it.lanes.length - 1)];
  if (lane) pick(it, lane, momentsOf(lane).at(-1) ?? it.wire.now());
}

/**
 * @param {Timeline} it
 * @param {(moments: number[], at: number) => number | undefined} chosen of the lane's moments
 */
export function stepEvent(it, chosen) {
  const lane = pickedLane(it);
  if (!lane || !it.picked) {
    stepLane(it, 0);
    return;
  }
  pick(it, lane, chosen(momentsOf(lane), it.picked.at) ?? it.picked.at);
}
