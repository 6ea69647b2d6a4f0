// @ts-check
// Which exchanges the page has, which are errors, and which fit the filter.

import assert from "node:assert/strict";
import { test } from "node:test";
import { pretty } from "../../labkit/widgets/traffic/details.js";
import { fits, isError, shortPath, took } from "../../labkit/widgets/traffic/exchanges.js";
import { emptyLog, learn, matching, newestMissing, takeIn } from "../../labkit/widgets/traffic/log.js";

/** @import { Exchange } from "../../labkit/widgets/traffic/exchanges.js" */

const ALL = { kind: "", words: "", errors: false };

/**
 * @param {number} place
 * @param {Partial<Exchange>} [more]
 * @returns {Exchange}
 */
const exchange = (place, more = {}) => ({
  place,
  number: place,
  kind: "event",
  at: 0,
  method: "POST",
  path: "/event_callback",
  status: 204,
  milliseconds: 1,
  about: "task.created",
  answer: "",
  signature: "valid",
  code: null,
  error: "",
  words: "",
  ...more,
});

test("an error is what has no 2xx, what failed, and what is signed wrongly", () => {
  assert.equal(isError(exchange(0)), false);
  assert.equal(isError(exchange(0, { signature: "" })), false);
  for (const more of [
    { status: null },
    { status: 301 },
    { status: 500 },
    { error: "no answer" },
    { signature: "wrong" },
  ]) {
    assert.equal(isError(exchange(0, more)), true);
  }
});

test("a filter asks for a kind, for words, for problems", () => {
  const call = exchange(0, { kind: "call", path: "/v1/Workspaces", status: 404, error: "Not found" });
  const [event, assignment] = [exchange(1), exchange(2, { kind: "assignment", words: "Alice" })];
  /** @param {Partial<typeof ALL>} filter */
  const found = (filter) =>
    [call, event, assignment].filter((each) => fits(each, { ...ALL, ...filter })).map((each) => each.place);
  assert.deepEqual(found({}), [0, 1, 2]);
  assert.deepEqual(found({ kind: "callback" }), [1, 2]);
  assert.deepEqual(found({ kind: "call" }), [0]);
  assert.deepEqual(found({ words: "alice" }), [2]);
  assert.deepEqual(found({ words: "404 not" }), []);
  assert.deepEqual(found({ errors: true }), [0]);
});

test("a path is short and a time has one digit where it is small", () => {
  assert.equal(shortPath(`/v1/Workspaces/WS${"a".repeat(32)}/Tasks/WT${"b".repeat(32)}`), "…/Tasks/WT…bbbb");
  assert.equal(shortPath(`/v1/Workspaces/WS${"a".repeat(32)}`), "/v1/Workspaces/WS…aaaa");
  assert.deepEqual(
    [0.24, 9.96, 10.4].map((milliseconds) => took(exchange(0, { milliseconds }))),
    ["0.2 ms", "10.0 ms", "10 ms"],
  );
  assert.equal(took(exchange(0, { milliseconds: null })), "");
});

test("what is missing is asked for from the newest on", () => {
  const log = emptyLog();
  takeIn(log, { first: 0, heard: 6, rows: [exchange(5), exchange(4)] });
  assert.equal(newestMissing(log), 3);
  learn(log, [exchange(3), exchange(2), exchange(1), exchange(0)]);
  assert.equal(newestMissing(log), null);
  assert.deepEqual(
    matching(log, ALL).map((each) => each.place),
    [5, 4, 3, 2, 1, 0],
  );
});

test("what Python has dropped is forgotten, but not while the list is paused", () => {
  const log = emptyLog();
  takeIn(log, { first: 0, heard: 2, rows: [exchange(1), exchange(0)] });
  log.pausedAt = 2;
  takeIn(log, { first: 1, heard: 3, rows: [exchange(2)] });
  assert.deepEqual(
    matching(log, ALL).map((each) => each.place),
    [1, 0],
  );
  log.pausedAt = null;
  takeIn(log, { first: 1, heard: 3, rows: [] });
  assert.deepEqual(
    matching(log, ALL).map((each) => each.place),
    [2, 1],
  );
});

test("JSON that does not fit a line is written on several, and only JSON", () => {
  const long = JSON.stringify({ text: "x".repeat(60) });
  assert.equal(pretty(long).split("\n").length, 3);
  assert.equal(pretty('{"a": 1}'), '{"a": 1}');
  assert.equal(pretty(`{${"x".repeat(60)}`), `{${"x".repeat(60)}`);
});
