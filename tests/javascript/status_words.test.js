// @ts-check
// A status is said of what it is.

import assert from "node:assert/strict";
import { test } from "node:test";
import { statusWords } from "../../labkit/widgets/js/status.js";

test("a Task's status and a Reservation's are told apart by their words", () => {
  assert.equal(statusWords("task", "reserved"), "Task reserved");
  assert.equal(statusWords("reservation", "pending"), "Reservation pending");
});
