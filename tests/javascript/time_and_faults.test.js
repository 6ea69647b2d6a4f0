// @ts-check
// The words for what came of a move of the clock.

import assert from "node:assert/strict";
import { test } from "node:test";
import { aheadWords, counted, movedWords, otherDay } from "../../labkit/widgets/time_and_faults/words.js";

test("a move says how far it went and what fell due", () => {
  const moved = { by: 250, deadlines: 0, events: 0, rows: [], more: 0 };
  assert.equal(movedWords(null), "");
  assert.equal(movedWords(moved), "Time went on by 250 ms; nothing fell due.");
  assert.equal(
    movedWords({ ...moved, by: 120e3, deadlines: 1, events: 1 }),
    "Time went on by 2 min 00 s; 1 deadline fell due, and 1 event came of it.",
  );
  assert.equal(
    movedWords({ ...moved, by: 1000, deadlines: 2, events: 3 }),
    "Time went on by 1 s; 2 deadlines fell due, and 3 events came of them.",
  );
});

test("how far the time is from real time, from two seconds on", () => {
  assert.deepEqual([0, 1999, -1999].map(aheadWords), Array(3).fill("in step with real time"));
  assert.equal(aheadWords(2000), "2 s ahead of real time");
  assert.equal(aheadWords(-3600e3), "1 h 00 min behind real time");
});

test("one is one, and all others are many", () => {
  assert.deepEqual(
    [0, 1, 2].map((number) => counted(number, "fault")),
    ["0 faults", "1 fault", "2 faults"],
  );
});

test("a weekday is said for another day", () => {
  const now = new Date(2026, 10, 5, 12).getTime();
  assert.equal(otherDay(now + 60e3, now), "");
  assert.match(otherDay(now + 86400e3, now), /^\S+ $/);
});
