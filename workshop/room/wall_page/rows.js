// @ts-check
// Who is where: a row for each participant, and how many are in each lesson.

import { el, keyed, setText } from "../../../labkit/widgets/js/dom.js";
import { part } from "./part.js";

/** @typedef {import("./types.js").WallState} WallState */
/** @typedef {import("./types.js").PersonRow} PersonRow */
/** @typedef {{ root: HTMLTableRowElement, stuck: Element, lesson: Element, step: Element, bar: HTMLProgressElement, done: Element, since: Element, hint: Element }} Kept */

/**
 * How long, without seconds: nobody reads a row that changes each second.
 *
 * @param {number} ms
 */
export function minutesLong(ms) {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 1) return "just now";
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/**
 * @param {WallState} state
 * @param {number} now
 * @param {boolean} onlyStuck
 */
export function showPeople(state, now, onlyStuck) {
  const people = state.people.filter((each) => !onlyStuck || each.stuck);
  setText(part("people-count"), state.people.length);
  setText(part("stuck-count"), state.stuck);
  part("stuck-figure").dataset.look = state.stuck ? "bad" : "";
  setText(part("stuck-means"), `Stuck: ${state.stuck_means}.`);
  part("nobody").hidden = state.people.length > 0;
  part("people-table").hidden = people.length === 0;
  document.body.dataset.many = String(state.people.length > 40);
  keyed(
    part("people"),
    people,
    (each) => each.name,
    newRow,
    (row, person) => update(row, person, now),
  );
  showLessons(state);
}

/** @param {PersonRow} person @returns {Kept} */
function newRow(person) {
  const stuck = el("p", { class: "stuck" });
  const lesson = el("td", { class: "lesson" });
  const bar = el("progress", { "aria-label": "Steps done" });
  const done = el("span");
  const step = el("p", { class: "step" });
  const hint = el("p", { class: "hint" });
  const since = el("td", { class: "number" });
  const name = el("th", { scope: "row" }, el("span", { text: person.name }), stuck);
  const root = el("tr", {}, name, lesson, el("td", { class: "done" }, bar, done), el("td", {}, step, hint), since);
  return { root, stuck, lesson, step, bar, done, since, hint };
}

/**
 * @param {Kept} row
 * @param {PersonRow} person
 * @param {number} now
 */
function update(row, person, now) {
  row.root.dataset.look = person.stuck ? "stuck" : person.shares ? "" : "away";
  setText(row.stuck, person.stuck);
  setText(row.lesson, person.lesson);
  setText(row.step, person.step);
  setText(row.done, person.steps ? `${person.done} of ${person.steps}` : "");
  row.bar.hidden = person.steps === 0;
  row.bar.max = person.steps || 1;
  row.bar.value = person.done;
  setText(row.since, person.since === null ? "" : minutesLong(now - person.since));
  const times = person.told > 1 ? ` ${person.told} times` : "";
  setText(row.hint, person.hint && `Was told${times}: ${person.hint}`);
}

/** @param {WallState} state */
function showLessons(state) {
  const shown = state.lessons.filter((each) => each.people > 0);
  part("lessons").hidden = shown.length === 0;
  keyed(
    part("lessons"),
    shown,
    (each) => each.title,
    (each) => {
      const count = el("b");
      return { root: el("li", {}, count, el("span", { text: each.title })), count };
    },
    (row, each) => setText(row.count, each.people),
  );
}
