// @ts-check
// The stretch of time in view, and the lines of its grid. Times are in milliseconds, widths in pixels.

import { timeOfDay } from "../js/format.js";
import { exactTime } from "./lanes.js";

/** @typedef {ReturnType<typeof timeView>} TimeView */

const SHORTEST_MS = 2000;
const LONGEST_MS = 24 * 3600e3;
const FIRST_SPAN_MS = 40e3;
const LONGEST_FIRST_MS = 240e3;
const AFTER_NOW = 0.05; // of the width: what is now is not glued to the edge
const TICK_WIDTH = 84;
const STEPS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200];

/** The stretch of time in view. While it follows, its end moves with now. */
export function timeView() {
  const look = {
    span: FIRST_SPAN_MS,
    /** @type {number | null} */
    end: null, // null: it follows
    wide: 600,
    chosen: false, // somebody has zoomed
  };
  /** @param {number} now */
  const begin = (now) => (look.end ?? now + look.span * AFTER_NOW) - look.span;
  return {
    look,
    begin,
    /**
     * @param {number} at
     * @param {number} now
     */
    x: (at, now) => ((at - begin(now)) / look.span) * look.wide,
    /**
     * @param {number} x
     * @param {number} now
     */
    at: (x, now) => begin(now) + (x / look.wide) * look.span,
    /** @param {number} pixels */
    duration: (pixels) => (pixels / look.wide) * look.span,
    /**
     * Until somebody zooms: from the first event on, as far as that is not too long ago to be seen well.
     *
     * @param {number} first
     * @param {number} now
     */
    settle: (first, now) => {
      if (!look.chosen) look.span = Math.min(LONGEST_FIRST_MS, Math.max(FIRST_SPAN_MS, (now - first) * 1.12));
    },
    /**
     * From the first event to now.
     *
     * @param {number} first
     * @param {number} now
     */
    fit: (first, now) => {
      Object.assign(look, { end: null, chosen: true });
      look.span = Math.min(LONGEST_MS, (now - first) * 1.1);
    },
    /**
     * @param {number} factor of the span
     * @param {number | null} [around] the moment that stays where it is; else the middle
     */
    zoom: (factor, around = null) => {
      look.chosen = true;
      const span = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, look.span * factor));
      if (look.end !== null) {
        const place = around ?? look.end - look.span / 2;
        look.end = place + (look.end - place) * (span / look.span);
      }
      look.span = span;
    },
    /**
     * @param {number} ms
     * @param {number} now
     */
    pan: (ms, now) => {
      look.end = Math.min(begin(now) + look.span + ms, now + look.span * 0.5);
    },
    /**
     * Bring a moment into view.
     *
     * @param {number} at
     * @param {number} now
     */
    show: (at, now) => {
      const from = begin(now);
      if (at < from || at > from + look.span) look.end = at + look.span / 2;
    },
  };
}

/**
 * The lines of the grid: round moments, as many as there is room for their labels.
 *
 * @param {TimeView} view
 * @param {number} now
 */
export function ticks(view, now) {
  const { span, wide } = view.look;
  const least = (span / Math.max(wide, 1)) * TICK_WIDTH;
  const step = (STEPS_S.find((s) => s * 1000 >= least) ?? 86400) * 1000;
  const from = view.begin(now);
  const found = [];
  for (let at = Math.ceil(from / step) * step; at < from + span; at += step) {
    found.push({ at, x: Math.round(view.x(at, now)) + 0.5, text: tickText(at, step) });
  }
  return found;
}

/**
 * @param {number} at
 * @param {number} step from one tick to the next
 */
export function tickText(at, step) {
  if (step < 1000) return exactTime(at).slice(3, -2);
  return step < 60e3 ? timeOfDay(at) : timeOfDay(at).slice(0, 5);
}
