// @ts-check
// How far the Tasks at random have come.

import assert from "node:assert/strict";
import { test } from "node:test";
import { batchWords } from "../../labkit/widgets/composer/tasks.js";

test("a batch says whether it goes on, and why it does not", () => {
  const batch = { made: 3, wanted: 10, running: true, trouble: "" };
  assert.equal(batchWords(batch), "3 of 10 created…");
  assert.equal(batchWords({ ...batch, made: 10, running: false }), "10 of 10 created");
  assert.equal(batchWords({ ...batch, running: false, trouble: "No answer." }), "3 of 10 created. No answer.");
});
