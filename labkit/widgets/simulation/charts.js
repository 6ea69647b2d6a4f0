// @ts-check
// Small charts of the day that grow as it goes on: calls, callers who wait, and how busy the Workers are.

import { el, setAttribute, setText, svg } from "../js/dom.js";

/**
 * A part of the day.
 *
 * @typedef {[arrived: number, answered: number, givenUp: number, waiting: number, mostWaiting: number,
 *   occupancy: number | null]} Part
 */
/** @typedef {{ parts: Part[], part_seconds: number }} Day */
/** @typedef {{ hours: number, began: number }} Frame */
/** @typedef {{ draw: (day: Day, frame: Frame) => void, root: HTMLElement }} Chart */

const WIDE = 300;
const HIGH = 96;
const HOUR_MS = 3600e3;

/**
 * The least of 1, 2, 5, 10, 20 … that is at least so much: where an axis ends.
 *
 * @param {number} most
 */
export function roundUp(most) {
  if (most <= 1) return 1;
  const ten = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((step) => step * ten).find((step) => step >= most) ?? most;
}

/**
 * A line through the middles of the parts; it is broken where a value is missing.
 *
 * @param {(number | null)[]} values
 * @param {{ parts: number, most: number }} scale how many parts the whole day has, and what the axis ends with
 */
export function linePath(values, { parts, most }) {
  let pen = "M";
  return values
    .map((value, index) => {
      if (value === null) {
        pen = "M";
        return "";
      }
      const point = `${pen}${round(((index + 0.5) / parts) * WIDE)} ${round(HIGH - (value / most) * HIGH)}`;
      pen = "L";
      return point;
    })
    .join("");
}

/**
 * A bar for each part, as one path. `from` is where each begins: on top of another.
 *
 * @param {number[]} values
 * @param {{ parts: number, most: number }} scale
 * @param {number[]} [from]
 */
export function barsPath(values, { parts, most }, from = []) {
  const width = WIDE / parts;
  return values
    .map((value, index) => {
      if (!value) return "";
      const bottom = HIGH - ((from[index] ?? 0) / most) * HIGH;
      const height = (value / most) * HIGH;
      const left = index * width + width * 0.12;
      return `M${round(left)} ${round(bottom)}v${round(-height)}h${round(width * 0.76)}v${round(height)}z`;
    })
    .join("");
}

/** @param {number} value */
const round = (value) => Math.round(value * 10) / 10;

/**
 * The hours that are written under a chart: five at most, where the day's clock is at a whole hour.
 *
 * @param {Frame} frame
 * @returns {{ at: number, text: string }[]} where, from 0 to 1
 */
export function hourMarks({ hours, began }) {
  const step = [0.25, 0.5, 1, 2, 3, 4, 6].find((each) => hours / each <= 5) ?? 6;
  const first = Math.ceil(began / (step * HOUR_MS)) * step * HOUR_MS;
  const marks = [];
  for (let at = first; at <= began + hours * HOUR_MS; at += step * HOUR_MS) {
    marks.push({ at: (at - began) / (hours * HOUR_MS), text: new Date(at).toISOString().slice(11, 16) });
  }
  return marks;
}

/**
 * What the shapes stand for.
 *
 * @param {...[text: string, look: string]} shapes
 */
function legend(...shapes) {
  const items = shapes.map(([text, look]) =>
    el("span", { class: "lk-chart-shape" }, el("span", { class: "lk-swatch", data: { look } }), el("span", { text })),
  );
  return [el("div", { class: "lk-chart-legend lk-soft" }, ...items)];
}

/**
 * A chart's sheet: its title, what it says just now, the drawing, and the hours under it.
 *
 * @param {string} title
 * @param {SVGElement[]} shapes
 * @param {Node[]} [below]
 */
function sheet(title, shapes, below = []) {
  const value = el("span", { class: "lk-chart-value" });
  const top = el("span", { class: "lk-chart-top lk-soft", "aria-hidden": "true" });
  const drawing = svg(
    "svg",
    { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", role: "img", class: "lk-chart-sheet" },
    svg("path", { class: "lk-chart-grid", d: `M0 0h${WIDE}M0 ${HIGH / 2}h${WIDE}M0 ${HIGH}h${WIDE}` }),
    ...shapes,
  );
  const hours = el("div", { class: "lk-chart-hours lk-soft", "aria-hidden": "true" });
  const head = el("div", { class: "lk-chart-head" }, el("span", { class: "lk-chart-title", text: title }), value);
  const box = el("div", { class: "lk-chart-box" }, top, drawing);
  const root = el("figure", { class: "lk-chart" }, head, box, hours, ...below);
  let written = "";
  return {
    root,
    /**
     * @param {Frame} frame
     * @param {{ now: string, most: string, alt: string }} words
     */
    write: (frame, words) => {
      setText(value, words.now);
      setText(top, words.most);
      setAttribute(drawing, "aria-label", words.alt);
      const wanted = JSON.stringify(frame);
      if (written === wanted) return;
      written = wanted;
      hours.replaceChildren(
        ...hourMarks(frame).map(({ at, text }) => {
          const mark = el("span", { text });
          mark.style.left = `${at * 100}%`;
          mark.dataset.end = at > 0.94 ? "last" : at < 0.04 ? "first" : "";
          return mark;
        }),
      );
    },
  };
}

/** @param {Day} day @param {Frame} frame */
const partsOf = ({ part_seconds }, { hours }) => Math.max(1, Math.round((hours * 3600) / part_seconds));

/** @param {Part[]} parts @param {(part: Part) => number} read */
const sum = (parts, read) => parts.reduce((total, part) => total + read(part), 0);

/** @returns {Chart} */
export function callsChart() {
  const answered = svg("path", { class: "lk-bars" });
  const lost = svg("path", { class: "lk-bars lk-bars-lost" });
  const { root, write } = sheet("Calls", [answered, lost], legend(["answered", ""], ["given up", "lost"]));
  return {
    root,
    draw: (day, frame) => {
      const most = roundUp(Math.max(1, ...day.parts.map(([, taken, gone]) => taken + gone)));
      const scale = { parts: partsOf(day, frame), most };
      const taken = day.parts.map((part) => part[1]);
      setAttribute(answered, "d", barsPath(taken, scale));
      setAttribute(
        lost,
        "d",
        barsPath(
          day.parts.map((part) => part[2]),
          scale,
          taken,
        ),
      );
      const [all, gone] = [sum(day.parts, (part) => part[1]), sum(day.parts, (part) => part[2])];
      const minutes = Math.round(day.part_seconds / 6) / 10;
      write(frame, {
        now: `for each ${minutes} min`,
        most: String(most),
        alt: `Calls over the day: ${all} answered, ${gone} given up`,
      });
    },
  };
}

/** @returns {Chart} */
export function waitingChart() {
  const most = svg("path", { class: "lk-bars lk-bars-soft" });
  const mean = svg("path", { class: "lk-line" });
  const { root, write } = sheet("Callers who wait", [most, mean], legend(["at most", "soft"], ["on average", "line"]));
  return {
    root,
    draw: (day, frame) => {
      const top = roundUp(Math.max(1, ...day.parts.map((part) => part[4])));
      const scale = { parts: partsOf(day, frame), most: top };
      setAttribute(
        most,
        "d",
        barsPath(
          day.parts.map((part) => part[4]),
          scale,
        ),
      );
      setAttribute(
        mean,
        "d",
        linePath(
          day.parts.map((part) => part[3]),
          scale,
        ),
      );
      const peak = Math.max(0, ...day.parts.map((part) => part[4]));
      write(frame, {
        now: `at most ${peak}`,
        most: String(top),
        alt: `Callers who waited over the day, on average and at most: at most ${peak} at once`,
      });
    },
  };
}

/** @returns {Chart} */
export function occupancyChart() {
  const line = svg("path", { class: "lk-line lk-line-green" });
  const { root, write } = sheet("Occupancy", [line]);
  return {
    root,
    draw: (day, frame) => {
      setAttribute(
        line,
        "d",
        linePath(
          day.parts.map((part) => part[5]),
          { parts: partsOf(day, frame), most: 1 },
        ),
      );
      const last = [...day.parts].reverse().find((part) => part[5] !== null)?.[5] ?? null;
      const now = last === null ? "" : `lately ${Math.round(last * 100)} %`;
      write(frame, { now, most: "100 %", alt: `Occupancy over the day${now && `: ${now}`}` });
    },
  };
}
