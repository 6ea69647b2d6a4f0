// @ts-check
// Where the filters and targets of a Workflow stand in its picture. Pure: whoever draws gives the width of texts.

import { boxOf, filterLines, targetLines } from "./boxes.js";

/** @import { Box, Filter, Kind, Measure, Workflow } from "./boxes.js" */

/** @typedef {{ points: [x: number, y: number][], isLit: boolean, hasHead: boolean }} Path */
/** @typedef {{ width: number, height: number, boxes: Box[], paths: Path[] }} Picture */

const GAP = 30;
const SPINE = 14;
const INDENT = 38;
/** From this width on, targets stand beside their filter and not under it. */
export const WIDE = 760;
const LEAST_TARGET = 190;
const WIDEST_TARGET = 300;

const FOLLOWED = new Set(["taken", "kept"]);

/**
 * The whole picture, in a width that is given.
 *
 * @param {Workflow} workflow
 * @param {number} width
 * @param {Measure} measure
 * @returns {Picture}
 */
export function layout(workflow, width, measure) {
  const isWide = width >= WIDE;
  const filterWidth = isWide ? Math.min(320, Math.round(width * 0.3)) : width - INDENT;
  /** @type {Picture} */
  const picture = { width, height: 0, boxes: [], paths: [] };
  let y = 1;
  if (workflow.way) {
    const task = boxOf("task", "", [["head", workflow.way.task]], {
      x: 0,
      y,
      width: filterWidth,
      measure,
    });
    picture.boxes.push(task);
    y += task.height + GAP / 2;
  }
  const lit = workflow.filters.findIndex((filter) => FOLLOWED.has(filter.state));
  const tops = workflow.filters.map((filter, index) => {
    const top = y;
    y = band(picture, filter, { y, filterWidth, isWide, measure, isLit: index === lit }) + GAP / 2;
    return top;
  });
  y = end(picture, workflow, y, filterWidth, measure);
  spine(picture, workflow, tops, lit);
  picture.height = y;
  return picture;
}

/**
 * A filter with its targets; where what comes after it begins.
 *
 * @param {Picture} picture
 * @param {Filter} filter
 * @param {{ y: number, filterWidth: number, isWide: boolean, measure: Measure, isLit: boolean }} at
 */
function band(picture, filter, { y, filterWidth, isWide, measure, isLit }) {
  const box = boxOf("filter", filter.state, filterLines(filter), { x: INDENT, y, width: filterWidth, measure });
  picture.boxes.push(box);
  const left = isWide ? INDENT + filterWidth + GAP : INDENT + 22;
  const top = isWide ? y : y + box.height + GAP / 2;
  const room = picture.width - left - 1;
  const perRow = isWide ? Math.max(1, Math.floor((room + GAP) / (LEAST_TARGET + GAP))) : 1;
  const inRow = Math.min(perRow, filter.targets.length);
  const width = Math.min(isWide ? WIDEST_TARGET : room, Math.floor((room - GAP * (inRow - 1)) / inRow));
  let before = box;
  let rowTop = top;
  let bottom = y + box.height;
  for (const [index, target] of filter.targets.entries()) {
    if (index && index % perRow === 0) rowTop = bottom + GAP / 2;
    const x = left + (index % perRow) * (width + GAP);
    const next = boxOf("target", target.state, targetLines(target), { x, y: rowTop, width, measure });
    const goesThere = isLit || filter.state === "left";
    picture.boxes.push(next);
    picture.paths.push(arrow(before, next, goesThere && (target.state === "passed" || target.state === "current")));
    bottom = Math.max(bottom, rowTop + next.height);
    before = next;
  }
  return bottom;
}

/**
 * What becomes of a Task that no filter takes; where the picture ends.
 *
 * @param {Picture} picture
 * @param {Workflow} workflow
 * @param {number} y
 * @param {number} width
 * @param {Measure} measure
 */
function end(picture, { filters, way }, y, width, measure) {
  if (filters.some((filter) => filter.is_default)) return y;
  const state = way?.place === "refused" ? "refused" : "";
  /** @type {[Kind, string][]} */
  const lines = [["soft", `${state ? "→ " : ""}No filter matches: the Task is refused (HTTP 400)`]];
  const box = boxOf("end", state, lines, { x: INDENT, y, width, measure });
  picture.boxes.push(box);
  return y + box.height + 2;
}

/**
 * The line that a Task comes down, with a branch to each filter; lit as far as the Task has come.
 *
 * @param {Picture} picture
 * @param {Workflow} workflow
 * @param {number[]} tops of the filters
 * @param {number} lit the index of the filter that has the Task, or -1
 */
function spine(picture, { way }, tops, lit) {
  const begin = way ? picture.boxes[0].height + 1 : tops[0];
  const last = picture.boxes.find((box) => box.what === "end");
  const ends = [...tops, ...(last ? [last.y] : [])].map((top) => top + 20);
  const reached = way?.place === "refused" ? ends.length - 1 : lit;
  ends.forEach((y, index) => {
    const from = index === 0 ? begin : ends[index - 1];
    picture.paths.push({
      points: [
        [SPINE, from],
        [SPINE, y],
      ],
      isLit: index <= reached,
      hasHead: false,
    });
    picture.paths.push({
      points: [
        [SPINE, y],
        [INDENT, y],
      ],
      isLit: index === reached,
      hasHead: true,
    });
  });
}

/**
 * From one box to the next: across, or down to the next row.
 *
 * @param {Box} from
 * @param {Box} to
 * @param {boolean} isLit
 * @returns {Path}
 */
function arrow(from, to, isLit) {
  if (to.x >= from.x + from.width) {
    const y = to.y + 20;
    return {
      points: [
        [from.x + from.width, y],
        [to.x, y],
      ],
      isLit,
      hasHead: true,
    };
  }
  const x = from.what === "filter" ? from.x + 10 : to.x + 18;
  const bottom = from.y + from.height;
  if (from.what === "filter")
    return {
      points: [
        [x, bottom],
        [x, to.y + 20],
        [to.x, to.y + 20],
      ],
      isLit,
      hasHead: true,
    };
  const middle = to.y - GAP / 4;
  const start = from.x + 18;
  return {
    points: [
      [start, bottom],
      [start, middle],
      [x, middle],
      [x, to.y],
    ],
    isLit,
    hasHead: true,
  };
}
