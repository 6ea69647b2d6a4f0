// @ts-check
// The Reservations that the inbox knows: which are listed, which have ended and stay for a while, which are looked for.

/** @import { Card } from "./card.js" */
/**
 * A Reservation with real times in milliseconds, as `performance.now()` has them: the sandbox's clock may stand still,
 * or jump.
 *
 * @typedef {{ card: Card, endedAt: number, stays: number }} Entry `endedAt` is 0 while it is open; `stays`: until when
 *   it is shown whatever the filter says
 */
/** @typedef {{ mode: string, worker: string, queue: string }} Filters */
/** @typedef {[name: string, label: string, fits: (card: Card) => boolean]} Mode */
/** @typedef {ReturnType<typeof knownReservations>} Known */

export const STAYS_AFTER_END_MS = 6000;
const UNLISTED = "Over: TaskRouter does not list it any more.";

/** @type {Mode[]} */
export const MODES = [
  ["all", "All", () => true],
  ["pending", "To answer", (card) => card.status === "pending" || (card.over && card.status !== "completed")],
  ["taken", "In progress", (card) => ["accepted", "wrapping", "completed"].includes(card.status)],
];

/** Nothing yet. What had ended before the first state is not shown. */
export function knownReservations() {
  return {
    /** @type {Map<string, Entry>} */
    cards: new Map(),
    /** @type {Set<string>} */
    gone: new Set(),
    isFirst: true,
    epoch: 0,
  };
}

/**
 * Take in the kernel's cards. What has ended stays for a while, also when the kernel has dropped it already.
 *
 * @param {Known} known
 * @param {Card[]} cards
 * @param {number} at
 * @param {(before: Card | undefined, card: Card) => void} onNews
 */
export function takeIn(known, cards, at, onNews) {
  const listed = new Set(cards.map((card) => card.sid));
  for (const card of cards) {
    if (!card.over)
      known.gone.delete(card.sid); // open again: a snapshot was restored
    else if (known.isFirst) known.gone.add(card.sid);
    if (known.gone.has(card.sid)) continue;
    const before = known.cards.get(card.sid);
    if (!known.isFirst) onNews(before?.card, card);
    const endedAt = card.over ? before?.endedAt || at : 0;
    known.cards.set(card.sid, { card, endedAt, stays: before?.stays ?? 0 });
  }
  for (const [sid, entry] of known.cards) {
    if (listed.has(sid) || entry.card.over) continue;
    known.cards.set(sid, { ...entry, endedAt: at, card: { ...entry.card, over: true, status: "over", why: UNLISTED } });
  }
  for (const sid of known.gone) if (!listed.has(sid)) known.gone.delete(sid);
  known.isFirst = false;
}

/**
 * The Workspace is another one now, or as it was at another time: nothing that was known has ended, it is void.
 *
 * @param {Known} known
 * @param {number} epoch counts the Workspaces; 0 is the first
 */
export function startOver(known, epoch) {
  if (epoch === known.epoch) return;
  known.epoch = epoch;
  known.cards.clear();
  known.gone.clear();
  known.isFirst = true;
}

/**
 * Let go of those that have been over for long enough; returns whether any went.
 *
 * @param {Known} known
 * @param {number} at
 */
export function letGo({ cards, gone }, at) {
  const over = [...cards].filter(([, { endedAt }]) => endedAt && at - endedAt >= STAYS_AFTER_END_MS);
  for (const [sid] of over) {
    gone.add(sid);
    cards.delete(sid);
  }
  return over.length > 0;
}

/**
 * Those that fit the filters, the oldest first.
 *
 * @param {Known} known
 * @param {Filters} filters
 * @param {number} at
 */
export function chosen({ cards }, { mode, worker, queue }, at) {
  const fits = MODES.find(([name]) => name === mode)?.[2] ?? (() => true);
  return [...cards.values()]
    .filter(({ card, stays }) => fits(card) || stays > at)
    .filter(({ card }) => (!worker || card.worker_sid === worker) && (!queue || card.queue === queue))
    .sort((one, other) => one.card.created - other.card.created || (one.card.sid < other.card.sid ? -1 : 1));
}
