// @ts-check
// What can be done with a Reservation, and the REST call that each is.

import { press } from "../js/buttons.js";
import { setText } from "../js/dom.js";
import { STAYS_AFTER_END_MS } from "./reservations.js";

/**
 * @import { RestCall } from "../js/rest_call.js"
 * @import { WhyAnswers } from "../js/why.js"
 * @import { Wire } from "../js/wire.js"
 * @import { Card, CardRow } from "./card.js"
 * @import { Menu } from "./menu.js"
 * @import { Known } from "./reservations.js"
 */
/** @typedef {"accept" | "reject" | "complete" | "wrap_up"} ActionName */
/**
 * @typedef {object} Action
 * @property {string} label
 * @property {string} busy
 * @property {string} kind
 * @property {string[]} from in which statuses it can be done
 * @property {(card: Card) => RestCall} sends
 */
/** @typedef {WhyAnswers & Record<ActionName, {}>} Answers */
/** @typedef {{ sid: string, name: string, available: boolean }} Activity */
/**
 * What a card needs of the inbox around it.
 *
 * @typedef {object} Around
 * @property {Wire<Answers>} wire
 * @property {{ say: (text: string) => void }} view
 * @property {Known} known
 * @property {Menu} menu
 * @property {Activity[]} activities
 */

/**
 * @param {Card} card
 * @param {string} status
 * @returns {RestCall}
 */
const toReservation = (card, status) => ({
  method: "POST",
  path: `…/Tasks/${card.task}/Reservations/${card.sid}`,
  form: [["ReservationStatus", status]],
});

/**
 * @param {Card} card
 * @param {string} status
 * @returns {RestCall}
 */
const toTask = (card, status) => ({
  method: "POST",
  path: `…/Tasks/${card.task}`,
  form: [["AssignmentStatus", status]],
});

/** @type {Record<ActionName, Action>} */
export const ACTIONS = {
  accept: {
    label: "Accept",
    busy: "Accepting…",
    kind: "primary",
    from: ["pending"],
    sends: (card) => toReservation(card, "accepted"),
  },
  reject: {
    label: "Reject",
    busy: "Rejecting…",
    kind: "secondary",
    from: ["pending"],
    sends: (card) => toReservation(card, "rejected"),
  },
  complete: {
    label: "Complete",
    busy: "Completing…",
    kind: "primary",
    from: ["accepted", "wrapping"],
    sends: (card) => (card.shared ? toReservation(card, "completed") : toTask(card, "completed")),
  },
  wrap_up: {
    label: "Wrap up",
    busy: "Wrapping up…",
    kind: "secondary",
    from: ["accepted"],
    sends: (card) => toReservation(card, "wrapping"),
  },
};

/**
 * Do it, if the card offers it now.
 *
 * @param {Around} it
 * @param {CardRow} row
 * @param {ActionName} name
 * @param {object} [more] what else is sent
 */
export async function act(it, row, name, more = {}) {
  const { card } = row;
  const pressed = row.buttons[name];
  if (pressed.hidden || pressed.disabled || row.actions.hidden) return;
  const { activeElement } = document;
  const focusWasHere = row.root.contains(activeElement) || it.menu.root.contains(activeElement);
  const others = [...Object.values(row.buttons), row.more].filter((other) => other !== pressed);
  for (const other of others) other.disabled = true;
  setText(row.said, "");
  const answer = await press(pressed, ACTIONS[name].busy, () =>
    it.wire.ask(name, { sid: card.sid, task: card.task, ...more }),
  );
  for (const other of others) other.disabled = false;
  if (!answer.ok) setText(row.said, answer.text);
  it.view.say(answer.text);
  const entry = it.known.cards.get(card.sid);
  if (entry) entry.stays = performance.now() + STAYS_AFTER_END_MS; // one sees what became of it
  if (focusWasHere && row.root.isConnected && document.activeElement === document.body) row.root.focus();
}
