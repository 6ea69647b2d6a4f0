// @ts-check
// Who is where: a row for each participant, and how many are in each lesson.

import { el, keyed, setText } from "../../../labkit/widgets/js/dom.js";
import { timeOfDay } from "../../../labkit/widgets/js/format.js";
import { part } from "./part.js";

/** @typedef {import("./types.js").WallState} WallState */
/** @typedef {import("./types.js").PersonRow} PersonRow */
/** @typedef {{ root: HTMLTableRowElement, stuck: Element, lesson: Element, step: Element, bar: HTMLProgressElement, done: Element, since: Element, hint: Element, server: Element }} Kept */

/**
 * How long, without seconds: nobody reads a row that changes each second.
 *
 * @param {number} ms
 */
export function minutesLong(ms) {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
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
  showServers(state);
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
  const server = el("p", { class: "server" });
  const since = el("td", { class: "number" });
  const name = el("th", { scope: "row" }, el("span", { text: person.name }), stuck);
  const steps = [el("td", { class: "done" }, bar, done), el("td", {}, step, hint, server)];
  const root = el("tr", {}, name, lesson, ...steps, since);
  return { root, stuck, lesson, step, bar, done, since, hint, server };
}

/**
 * @param {Kept} row
 * @param {PersonRow} person
 * @param {number} now
 */
function update(row, person, now) {
  const away = person.away || !(person.shares || person.server);
  row.root.dataset.look = person.stuck ? "stuck" : away ? "away" : "";
  setText(row.stuck, person.stuck);
  setText(row.lesson, person.lesson);
  setText(row.step, person.step);
  setText(row.done, person.steps ? `${person.done} of ${person.steps}` : "");
  row.bar.hidden = person.steps === 0;
  row.bar.max = person.steps || 1;
  row.bar.value = person.done;
  setText(row.since, person.since === null ? "" : minutesLong(now - person.since));
  const times = person.told > 1 ? ` ${person.told} times` : "";
  setText(row.server, person.shares && !person.away ? "" : serverText(person, now));
  setText(row.hint, person.hint && `Was told${times}: ${person.hint}`);
}

/**
 * How somebody's server stands, and for how long.
 *
 * @param {PersonRow} person
 * @param {number} now
 */
export function serverText(person, now) {
  return person.server_since === null ? person.server : `${person.server} · ${minutesLong(now - person.server_since)}`;
}

/** How many servers run; and since when that is all that is known. @param {WallState} state */
function showServers(state) {
  const { at, running, trouble } = state.hub;
  setText(part("servers-count"), running ?? "–");
  const before = at === null ? "" : ` Servers are shown as they were at ${timeOfDay(at)} UTC.`;
  setText(part("hub-trouble"), trouble && `${trouble}.${before}`);
  part("hub-trouble").hidden = !trouble;
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
