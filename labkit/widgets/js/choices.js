// @ts-check
// What a select offers, where that comes from the Workspace and changes.

import { el, keyed, setText } from "./dom.js";

/** @typedef {{ value: string, text: string }} Choice */

/**
 * Offer these and no others. One that stays is not made anew; which is chosen then, the caller says.
 *
 * @param {HTMLSelectElement} select
 * @param {Choice[]} choices
 */
export function offerChoices(select, choices) {
  keyed(
    select,
    choices,
    (choice) => choice.value,
    (choice) => el("option", { value: choice.value }),
    (option, choice) => setText(option, choice.text),
  );
}
