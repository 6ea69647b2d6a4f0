// @ts-check
// The words for how many Tasks wait, and for how long.

import assert from "node:assert/strict";
import { test } from "node:test";
import { waitingWords } from "../../labkit/widgets/desk/at_a_glance.js";

test("it is said how many Tasks wait, in which status, and how long the longest has", () => {
  const none = { pending: 0, reserved: 0, oldest: "", since: null };
  const now = 1_000_000;
  const since = now - 65e3;
  assert.equal(waitingWords(none, now), "No Task waits.");
  assert.equal(waitingWords({ ...none, pending: 1, since }, now), "1 Task waits (pending), for 1 min 05 s now.");
  assert.equal(waitingWords({ ...none, reserved: 1, since }, now), "1 Task waits (reserved), for 1 min 05 s now.");
  assert.equal(
    waitingWords({ ...none, pending: 2, reserved: 1, since }, now),
    "3 Tasks wait (2 pending, 1 reserved), the longest for 1 min 05 s now.",
  );
  assert.equal(waitingWords({ ...none, pending: 2 }, now), "2 Tasks wait (2 pending).");
});
