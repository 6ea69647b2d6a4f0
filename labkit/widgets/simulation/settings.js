// @ts-check
// What shall be played: the form, from which a start takes its settings. While a day is on it is shown and rests.

import { el, uniqueId } from "../js/dom.js";

/**
 * As Python has them; `null` where there is none, such as callers who wait for ever.
 *
 * @typedef {object} Settings
 * @property {number} calls_per_hour
 * @property {number} hours
 * @property {number | string[]} workers how many, or their names
 * @property {number} talk_seconds
 * @property {number} wrap_up_seconds
 * @property {number | null} patience_seconds
 * @property {string} arrivals
 * @property {number} seed
 * @property {number | null} [speed]
 */
/** @typedef {HTMLInputElement | HTMLSelectElement} Field */

/** @type {Record<string, string>} */
const ARRIVALS = { steady: "the same all day", day: "two busy times", burst: "one rush" };
/** @type {[value: string, label: string][]} of the day, in real time */
const SPEEDS = [
  ["", "a minute"],
  ["slow", "five minutes"],
  ["slower", "half an hour"],
];
const GIVEN = "given ";
/** @type {Record<string, number>} */
const MINUTES = { "": 1, slow: 5, slower: 30 };

/** @type {[name: keyof Settings, label: string, unit: string, attributes: Record<string, unknown>][]} */
const NUMBERS = [
  ["calls_per_hour", "Calls", "an hour", { min: "0", max: "10000", step: "any" }],
  ["hours", "Day", "hours", { min: "0.1", max: "24", step: "any" }],
  ["workers", "Workers", "", { min: "1", max: "200", step: "1" }],
  ["talk_seconds", "Talk", "s", { min: "1", step: "any" }],
  ["wrap_up_seconds", "Wrap-up", "s", { min: "0", step: "any" }],
  ["patience_seconds", "Patience", "s", { min: "1", step: "any", placeholder: "for ever" }],
  ["seed", "Seed", "", { min: "0", step: "1" }],
];

export function settingsForm() {
  /** @type {Map<string, Field>} */
  const fields = new Map();
  /** @param {string} name @param {string} label @param {string} unit @param {Field} field */
  const line = (name, label, unit, field) => {
    field.id = uniqueId(name);
    fields.set(name, field);
    const words = el("label", { for: field.id, text: label });
    return el("div", { class: "lk-setting" }, words, field, unit && el("span", { class: "lk-soft", text: unit }));
  };
  const numbers = NUMBERS.map(([name, label, unit, more]) =>
    line(name, label, unit, el("input", { type: "number", ...more })),
  );
  const arrivals = line("arrivals", "Callers come", "", options(Object.entries(ARRIVALS)));
  const speed = line("speed", "The day takes", "", options(SPEEDS));
  const root = el(
    "fieldset",
    { class: "lk-settings", data: { acts: true } },
    el("legend", { class: "lk-sr", text: "Settings" }),
    ...numbers,
    arrivals,
    speed,
  );
  return { root, fields, drawn: "", names: /** @type {string[] | null} */ (null) };
}

/** @typedef {ReturnType<typeof settingsForm>} SettingsForm */

/** @param {[value: string, label: string][]} pairs */
const options = (pairs) => el("select", {}, ...pairs.map(([value, text]) => el("option", { value, text })));

/**
 * Show settings, where they are other ones than before: what somebody is writing is not overwritten.
 *
 * @param {SettingsForm} form
 * @param {Settings} settings
 * @param {boolean} rests
 */
export function drawSettings(form, settings, rests) {
  form.root.disabled = rests;
  const wanted = JSON.stringify(settings);
  if (form.drawn === wanted) return;
  form.drawn = wanted;
  form.names = Array.isArray(settings.workers) ? settings.workers : null;
  for (const [name, field] of form.fields) {
    if (name === "speed") {
      drawSpeed(field, settings.speed ?? null, settings.hours);
      continue;
    }
    const value = name === "workers" && form.names ? form.names.length : settings[/** @type {keyof Settings} */ (name)];
    field.value = value === null || value === undefined ? "" : String(value);
  }
  const workers = /** @type {HTMLInputElement} */ (form.fields.get("workers"));
  workers.title = form.names ? form.names.join(", ") : "";
}

/**
 * The speed that is wanted, or at which the day goes, is chosen; one that none of the choices means is one to choose.
 *
 * @param {Field} field
 * @param {number | null} speed
 * @param {number} hours
 */
function drawSpeed(field, speed, hours) {
  field.querySelector(`[value^="${GIVEN}"]`)?.remove();
  const value = choiceOf(speed, hours);
  if (value.startsWith(GIVEN))
    field.append(el("option", { value, text: `what it takes at ${speed?.toLocaleString("en")} times the speed` }));
  field.value = value;
}

/** @param {string} choice @param {number} hours */
const pace = (choice, hours) => Math.max(1, (hours * 60) / MINUTES[choice]);

/**
 * Which choice means this speed.
 *
 * @param {number | null} speed
 * @param {number} hours
 */
export const choiceOf = (speed, hours) =>
  speed === null ? "" : (Object.keys(MINUTES).find((choice) => pace(choice, hours) === speed) ?? `${GIVEN}${speed}`);

/**
 * What the form says, for Python to judge; an empty patience is none. Names that were given stay, as long as the number
 * is theirs.
 *
 * @param {SettingsForm} form
 * @returns {Record<string, unknown>}
 */
export function readSettings(form) {
  /** @type {Record<string, unknown>} */
  const settings = {};
  for (const [name, field] of form.fields) {
    settings[name] = field instanceof HTMLInputElement ? numberOf(field) : field.value;
  }
  if (form.names && settings.workers === form.names.length) settings.workers = form.names;
  settings.speed = speedOf(String(settings.speed), Number(settings.hours));
  return settings;
}

/** @param {HTMLInputElement} field */
const numberOf = (field) => (Number.isFinite(field.valueAsNumber) ? field.valueAsNumber : null);

/**
 * How much faster than the computer's the clock has to go; null for a day in a minute.
 *
 * @param {string} chosen
 * @param {number} hours
 */
export function speedOf(chosen, hours) {
  if (chosen.startsWith(GIVEN)) return Number(chosen.slice(GIVEN.length));
  return chosen ? pace(chosen, hours) : null;
}
