// @ts-check
// Which Reservations the inbox shows, for how long, and what it says of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { shareLeft } from "../../labkit/widgets/inbox/card.js";
import { countOf, isFiltered } from "../../labkit/widgets/inbox/filters.js";
import { newsWords } from "../../labkit/widgets/inbox/news.js";
import {
  chosen,
  knownReservations,
  letGo,
  STAYS_AFTER_END_MS,
  startOver,
  takeIn,
} from "../../labkit/widgets/inbox/reservations.js";
import { whyEmpty } from "../../labkit/widgets/inbox/why_empty.js";

/** @import { Card } from "../../labkit/widgets/inbox/card.js" */

const ALL = { mode: "all", worker: "", queue: "" };

/**
 * @param {string} sid
 * @param {Partial<Card>} [more]
 * @returns {Card}
 */
const card = (sid, more = {}) => ({
  sid,
  status: "pending",
  over: false,
  task: "WT1",
  task_status: "reserved",
  worker: "Alice",
  worker_sid: "WK1",
  queue: "Support",
  channel: "default",
  priority: 0,
  attributes: [],
  task_created: 0,
  created: 0,
  deadline: null,
  handed: "",
  shared: false,
  why: "",
  call: null,
  ...more,
});

/** @param {Card[]} first */
function inbox(...first) {
  const known = knownReservations();
  /** @type {string[]} */
  const news = [];
  /**
   * @param {number} at
   * @param {...Card} cards
   */
  const tell = (at, ...cards) => takeIn(known, cards, at, (_before, { sid, status }) => news.push(`${sid} ${status}`));
  tell(0, ...first);
  return {
    known,
    news,
    tell,
    shown: (at = 0, filters = ALL) => chosen(known, filters, at).map((each) => each.card.sid),
  };
}

test("what had ended before is not shown, and what is there at first is no news", () => {
  const it = inbox(card("WR1"), card("WR2", { over: true, status: "timeout" }));
  assert.deepEqual(it.shown(), ["WR1"]);
  assert.deepEqual(it.news, []);
});

test("what has ended stays for a while, also when the kernel has dropped it", () => {
  const it = inbox(card("WR1"), card("WR2"));
  it.tell(1000, card("WR1", { over: true, status: "rejected" }));
  assert.deepEqual(it.shown(), ["WR1", "WR2"]);
  assert.equal(it.known.cards.get("WR2")?.card.status, "over");
  assert.equal(letGo(it.known, 999 + STAYS_AFTER_END_MS), false);
  assert.equal(letGo(it.known, 1000 + STAYS_AFTER_END_MS), true);
  assert.deepEqual(it.shown(), []);
});

test("in another Workspace nothing has ended: what was known is void", () => {
  const it = inbox(card("WR1"));
  startOver(it.known, 0);
  assert.deepEqual(it.shown(), ["WR1"]);
  startOver(it.known, 1);
  it.tell(1, card("WR2"), card("WR3", { over: true, status: "timeout" }));
  assert.deepEqual([it.shown(), it.news], [["WR2"], []]);
});

test("what was let go does not come back, but for a Reservation that is open again", () => {
  const over = card("WR1", { over: true, status: "timeout" });
  const it = inbox(over);
  it.tell(1, over);
  assert.deepEqual(it.shown(), []);
  it.tell(2, card("WR1"));
  assert.deepEqual(it.shown(), ["WR1"]);
});

test("the oldest come first, and the SID decides between those of one moment", () => {
  const it = inbox(card("WR3", { created: 2 }), card("WR2", { created: 1 }), card("WR1", { created: 1 }));
  assert.deepEqual(it.shown(), ["WR1", "WR2", "WR3"]);
});

test("the filters keep what fits, and what somebody has just answered", () => {
  const it = inbox(card("WR1"), card("WR2", { status: "accepted", worker_sid: "WK2", queue: "Sales" }));
  assert.deepEqual(it.shown(0, { ...ALL, mode: "pending" }), ["WR1"]);
  assert.deepEqual(it.shown(0, { ...ALL, mode: "taken" }), ["WR2"]);
  assert.deepEqual(it.shown(0, { ...ALL, worker: "WK2" }), ["WR2"]);
  assert.deepEqual(it.shown(0, { ...ALL, queue: "Support" }), ["WR1"]);
  const entry = it.known.cards.get("WR2");
  if (entry) entry.stays = 10;
  assert.deepEqual(it.shown(9, { ...ALL, mode: "pending" }), ["WR1", "WR2"]);
  assert.deepEqual(it.shown(10, { ...ALL, mode: "pending" }), ["WR1"]);
  assert.deepEqual([ALL, { ...ALL, queue: "Sales" }].map(isFiltered), [false, true]);
});

test("the modes count what is open", () => {
  assert.deepEqual(countOf([card("WR1"), card("WR2", { status: "wrapping" })]), { all: 2, pending: 1, taken: 1 });
});

test("what changes after the first state is news", () => {
  const it = inbox(card("WR1"));
  it.tell(1, card("WR1", { status: "accepted" }), card("WR2"));
  assert.deepEqual(it.news, ["WR1 accepted", "WR2 pending"]);
});

test("a burst is one sentence", () => {
  assert.equal(newsWords(1, []), "1 new Reservation.");
  assert.equal(newsWords(2, ["Reservation of Alice: timeout."]), "2 new Reservations. Reservation of Alice: timeout.");
  assert.equal(newsWords(0, ["a", "b", "c", "d"]), "4 Reservations have ended.");
});

test("an empty inbox says what to do next", () => {
  assert.equal(whyEmpty(0, 1)[0], "No Reservation is waiting");
  assert.equal(whyEmpty(1, 0)[0], "1 Task waits, and no Worker is available");
  assert.equal(whyEmpty(2, 1)[0], "2 Tasks wait: no available Worker fits and has room");
});

test("an empty inbox of somebody in a room speaks of what that one can do", () => {
  assert.match(whyEmpty(0, 5, true)[1], /^The instructor lets callers in\./);
  assert.match(whyEmpty(3, 5, false)[1], /Set it to Available/);
});

test("the ring is whole without a deadline and empties until there", () => {
  assert.equal(shareLeft({ created: 0, deadline: null }, 50), 1);
  assert.deepEqual(
    [-10, 0, 50, 100, 120].map((now) => shareLeft({ created: 0, deadline: 100 }, now)),
    [1, 1, 0.5, 0, 0],
  );
});
