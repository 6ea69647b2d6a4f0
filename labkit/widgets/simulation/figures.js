// @ts-check
// The day in figures: callers who came, wait, were answered and gave up; service level, mean wait, occupancy.

import { el, setText } from "../js/dom.js";
import { howLong } from "../js/format.js";

/** @import { Day } from "./charts.js" */
/**
 * @typedef {Day & {
 *   arrived: number, waiting: number, answered: number, given_up: number, lost: number,
 *   service_level_seconds: number, service_level: number | null, mean_wait_seconds: number | null,
 *   occupancy: number | null
 * }} Figures
 */

/** @param {number | null} share */
export const percent = (share) => (share === null ? "–" : `${Math.round(share * 100)} %`);

/** @param {number | null} seconds */
export const meanWait = (seconds) => (seconds === null ? "–" : howLong(seconds * 1000));

/** @type {[name: string, label: (figures: Figures) => string, value: (figures: Figures) => string][]} */
const TILES = [
  ["arrived", () => "called", ({ arrived }) => String(arrived)],
  ["waiting", () => "wait now", ({ waiting }) => String(waiting)],
  ["answered", () => "answered", ({ answered }) => String(answered)],
  ["given-up", () => "gave up", ({ given_up }) => String(given_up)],
  [
    "level",
    (figures) => `answered within ${figures.service_level_seconds} s`,
    (figures) => percent(figures.service_level),
  ],
  ["wait", () => "mean wait", (figures) => meanWait(figures.mean_wait_seconds)],
  ["occupancy", () => "occupancy", ({ occupancy }) => percent(occupancy)],
];

export function figureTiles() {
  const tiles = TILES.map(([name, label, value]) => {
    const words = { label: el("dt", { class: "lk-soft" }), value: el("dd") };
    return { ...words, label_of: label, value_of: value, root: tile(name, words) };
  });
  return {
    root: el("dl", { class: "lk-tiles", "aria-label": "The day in figures" }, ...tiles.map((each) => each.root)),
    /** @param {Figures} figures */
    draw: (figures) => {
      for (const each of tiles) {
        setText(each.label, each.label_of(figures));
        setText(each.value, each.value_of(figures));
      }
    },
  };
}

/**
 * @param {string} name
 * @param {{ label: HTMLElement, value: HTMLElement }} words
 */
const tile = (name, { label, value }) => el("div", { class: "lk-tile", data: { figure: name } }, value, label);
