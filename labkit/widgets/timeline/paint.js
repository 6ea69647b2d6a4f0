// @ts-check
// Drawing the timeline: only the lanes and the stretch of time that are in view are on the page.

import { keyed, setAttribute, svg } from "../js/dom.js";
import { arrows } from "./handovers.js";
import { createLane, drawLane, laneHeight, updateLabel } from "./lane_row.js";
import { firstBegin } from "./lanes.js";
import { ticks } from "./time_view.js";

/** @import { Timeline } from "./panel.js" */

const LABEL_ROOM = 22; // pixels on both sides of a tick
const NOW_ROOM = 46;

/**
 * Draw with the next frame, however often it is asked for.
 *
 * @param {Timeline} it
 */
export function paintSoon(it) {
  if (it.frameAsked || it.stopped) return;
  it.frameAsked = true;
  requestAnimationFrame(() => {
    it.frameAsked = false;
    if (!it.stopped && it.scroller.isConnected) paint(it);
  });
}

/** @param {Timeline} it */
function paint(it) {
  const now = it.wire.now();
  it.view.settle(firstBegin(it.lanes, now), now);
  paintLanes(it, now);
  paintHandovers(it, now);
  paintTime(it, now);
  setAttribute(it.follow, "aria-pressed", String(it.view.look.end === null));
}

/**
 * @param {Timeline} it
 * @param {number} now
 */
function paintLanes(it, now) {
  const { scroller, lanes, view, id, common } = it;
  const tall = laneHeight(it.by, it.scroller);
  const first = Math.max(0, Math.floor(scroller.scrollTop / tall) - 1);
  const shown = lanes.slice(first, first + Math.ceil(scroller.clientHeight / tall) + 2);
  it.list.style.height = `${lanes.length * tall}px`;
  it.rows = keyed(
    it.list,
    shown.map((lane, index) => ({ lane, place: first + index })),
    ({ lane }) => lane.sid,
    ({ lane }) => createLane(lane, it.open),
    (row, { lane, place }) => {
      const picked = it.picked?.sid === lane.sid ? it.picked.at : null;
      row.root.style.transform = `translateY(${place * tall}px)`;
      row.root.style.height = `${tall}px`;
      row.root.dataset.picked = String(picked !== null);
      setAttribute(row.root, "aria-setsize", lanes.length);
      setAttribute(row.root, "aria-posinset", place + 1);
      updateLabel(row, lane, { common, opened: lane.sid === it.opened, now });
      drawLane(row, lane, { id, view, now, picked });
    },
  );
}

/**
 * @param {Timeline} it
 * @param {number} now
 */
function paintHandovers({ arrows: drawing, scroller, lanes, view, by }, now) {
  const sight = { view, now, tall: laneHeight(by, scroller), top: scroller.scrollTop, high: scroller.clientHeight };
  drawing.replaceChildren(...(by === "workers" ? arrows(lanes, sight) : []));
}

/**
 * The grid with its labels, and where now is.
 *
 * @param {Timeline} it
 * @param {number} now
 */
function paintTime({ view, scroller, grid, axis }, now) {
  const high = scroller.clientHeight;
  const { wide } = view.look;
  const nowAt = view.x(now, now);
  const marks = ticks(view, now);
  const lines = marks.map(({ x }) => svg("path", { d: `M${x} 0v${high}`, class: "lk-gridline" }));
  grid.replaceChildren(...lines, svg("path", { d: `M${nowAt} 0v${high}`, class: "lk-now" }));
  const labels = marks
    .filter(({ x }) => x > LABEL_ROOM && x < wide - LABEL_ROOM && Math.abs(x - nowAt) > NOW_ROOM)
    .map(({ x, text }) => axisLabel(x, text, "lk-tick"));
  if (nowAt >= 0 && nowAt <= wide) labels.push(axisLabel(nowAt, "now", "lk-tick lk-tick-now"));
  axis.replaceChildren(...labels);
}

/**
 * @param {number} x
 * @param {string} text
 * @param {string} kind
 */
function axisLabel(x, text, kind) {
  const label = svg("text", { x, y: 17, class: kind });
  label.textContent = text;
  return label;
}
