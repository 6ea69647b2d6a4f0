// @ts-check
// Who does what: a row for each Worker, and the button by which somebody takes one over.

import { button, press } from "../js/buttons.js";
import { el, keyed, setText } from "../js/dom.js";
import { exactly, howLong } from "../js/format.js";
import { light } from "../js/lights.js";

/** @import { Colour } from "../js/lights.js" */
/** @import { Answer } from "../js/wire.js" */
/**
 * @typedef {{ sid: string, name: string, activity: string, doing: string, since: number, taken_over: boolean }} Person
 */
/** @typedef {(action: "take_over" | "give_back", worker: string) => Promise<Answer<{ code?: string }>>} Hand */
/** @typedef {ReturnType<typeof createPerson>} PersonRow */

/** @type {Record<string, Colour>} */
const LIGHTS = { available: "green", ringing: "amber", talking: "wait", "wrapping up": "wait" };

/** @param {Hand} hand */
export function peopleList(hand) {
  const list = el("ul", { class: "lk-people", role: "list", "aria-label": "Workers" });
  const none = el("div", { class: "lk-soft lk-people-none", text: "While a day is on, the Workers are listed here." });
  return {
    root: el("div", {}, list, none),
    /**
     * @param {Person[]} people
     * @param {number} now
     */
    draw: (people, now) => {
      none.hidden = people.length > 0;
      list.hidden = !people.length;
      keyed(
        list,
        people,
        (person) => person.sid,
        (person) => createPerson(person, hand),
        (row, person) => updatePerson(row, person, now),
      );
    },
  };
}

/**
 * @param {Person} person
 * @param {Hand} hand
 */
function createPerson({ sid }, hand) {
  const name = el("span", { class: "lk-person-name" });
  const mark = el("span", { class: "lk-person-mark" });
  const doing = el("span", { class: "lk-person-doing" });
  const since = el("span", { class: "lk-soft lk-person-since" });
  const over = button(
    "",
    "secondary",
    () =>
      press(over, "…", () => hand(over.dataset.taken === "true" ? "give_back" : "take_over", name.textContent ?? "")),
    { class: "lk-button lk-secondary lk-person-over", data: { acts: true } },
  );
  const root = el("li", { class: "lk-person", data: { sid } }, name, mark, doing, since, over);
  return { root, name, mark, doing, since, over, drawn: "" };
}

/**
 * @param {PersonRow} row
 * @param {Person} person
 * @param {number} now
 */
function updatePerson(row, person, now) {
  setText(row.since, howLong(now - person.since));
  row.since.title = exactly(person.since) ?? "";
  const wanted = JSON.stringify([person.name, person.doing, person.activity, person.taken_over]);
  if (row.drawn === wanted || row.over.hasAttribute("aria-busy")) return;
  row.drawn = wanted;
  row.root.dataset.doing = person.doing;
  setText(row.name, person.name);
  setText(row.doing, person.doing === "available" ? "available" : doingWords(person));
  row.mark.replaceChildren(light(LIGHTS[person.doing] ?? "grey"));
  row.over.dataset.taken = String(person.taken_over);
  setText(row.over, person.taken_over ? "Give back" : "Take over");
  row.over.setAttribute("aria-label", `${person.taken_over ? "Give back" : "Take over"} ${person.name}`);
}

/** @param {Person} person */
const doingWords = ({ doing, activity }) =>
  doing === "away" || doing === "on a break" ? `${doing} (${activity})` : doing;
