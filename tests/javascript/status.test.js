// @ts-check
// The status in one line.

import assert from "node:assert/strict";
import { test } from "node:test";
import { summary } from "../../labkit/widgets/status/panel.js";

/** @param {("green" | "amber" | "red" | "grey")[]} lights */
const lines = (...lights) =>
  lights.map((light) => ({ key: light, light, label: "", value: "", detail: "", remedy: "", action: "" }));

test("what is off needs nobody", () => {
  assert.deepEqual(summary(lines()), ["green", "Everything is ready"]);
  assert.deepEqual(summary(lines("green", "grey")), ["green", "Everything is ready"]);
});

test("the worst light stands for all", () => {
  assert.deepEqual(summary(lines("green", "amber")), ["amber", "1 thing needs attention"]);
  assert.deepEqual(summary(lines("amber", "red", "green")), ["red", "2 things need attention"]);
});
