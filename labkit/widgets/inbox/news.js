// @ts-check
// What is read out of the inbox: what came and what ended.

import { statusWords } from "../js/status.js";

/** @import { Card } from "./card.js" */

const GATHERS_MS = 700;

/**
 * Says what is new once it has calmed down: a burst is one sentence.
 *
 * @param {(text: string) => void} say
 */
export function announcer(say) {
  let arrived = 0;
  /** @type {string[]} */
  let ended = [];
  /** @type {ReturnType<typeof setTimeout> | null} */
  let timer = null;
  const speak = () => {
    timer = null;
    say(newsWords(arrived, ended));
    arrived = 0;
    ended = [];
  };
  return {
    /**
     * @param {Card | undefined} before
     * @param {Card} card
     */
    note: (before, card) => {
      if (before && before.status === card.status) return;
      if (card.status === "pending") arrived += 1;
      else if (card.over && card.status !== "completed") {
        ended.push(`${statusWords("reservation", card.status)}: ${card.worker || "a Worker"}.`);
      }
      timer ??= setTimeout(speak, GATHERS_MS);
    },
    stop: () => {
      if (timer) clearTimeout(timer);
    },
  };
}

/**
 * @param {number} arrived
 * @param {string[]} ended a sentence for each
 */
export function newsWords(arrived, ended) {
  const first = arrived ? [`${arrived} new ${arrived === 1 ? "Reservation" : "Reservations"}.`] : [];
  return [...first, ...(ended.length > 3 ? [`${ended.length} Reservations have ended.`] : ended)].join(" ");
}
