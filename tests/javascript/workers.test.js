// @ts-check
// Which Workers are found, and how the room of a channel is drawn.

import assert from "node:assert/strict";
import { test } from "node:test";
import { placesOf, saysSomething } from "../../labkit/widgets/workers/channels.js";
import { matching } from "../../labkit/widgets/workers/panel.js";

/** @import { Worker } from "../../labkit/widgets/workers/row.js" */

/**
 * @param {string} name
 * @param {Partial<Worker>} [more]
 * @returns {Worker}
 */
const worker = (name, more = {}) => ({
  sid: `WK${name}`,
  name,
  activity: "Available",
  activity_sid: "WA1",
  available: true,
  since: null,
  skills: [],
  chips: [],
  tasks: [],
  more_tasks: 0,
  channels: null,
  ...more,
});

const voice = { name: "voice", capacity: 1, available: true, assigned: 0, wrapping: 0, reserved: 0 };

test("every word has to be somewhere, in whatever case", () => {
  const workers = [
    worker("Alice", { skills: [["Billing", "3"]] }),
    worker("Bob", { chips: [["languages", "es, en"]] }),
  ];
  /** @param {string} text */
  const found = (text) => matching(workers, text).map(({ name }) => name);
  assert.deepEqual(found("  "), ["Alice", "Bob"]);
  assert.deepEqual(found("available"), ["Alice", "Bob"]);
  assert.deepEqual(found("billing ALICE"), ["Alice"]);
  assert.deepEqual(found("bob languages es"), ["Bob"]);
  assert.deepEqual(found("bob billing"), []);
});

test("a channel is shown where it says more than one Task at once", () => {
  assert.equal(saysSomething(voice, 5), false);
  assert.equal(saysSomething(voice, 2), true);
  assert.equal(saysSomething({ ...voice, name: "default" }, 5), true);
  assert.equal(saysSomething({ ...voice, assigned: 1 }, 5), true);
  assert.equal(saysSomething({ ...voice, wrapping: 1 }, 5), true);
  assert.equal(saysSomething({ ...voice, capacity: 2 }, 5), true);
  assert.equal(saysSomething({ ...voice, available: false }, 5), true);
});

test("places are drawn one by one up to ten, then as a bar", () => {
  const few = placesOf({ ...voice, capacity: 4, assigned: 1, reserved: 2 });
  assert.deepEqual(few, {
    asBar: false,
    drawn: [
      ["assigned", 1],
      ["reserved", 1],
      ["reserved", 1],
      ["free", 1],
    ],
  });
  const many = placesOf({ ...voice, capacity: 11, assigned: 4 });
  assert.deepEqual(many, {
    asBar: true,
    drawn: [
      ["assigned", 4],
      ["free", 7],
    ],
  });
});

test("a Worker over its capacity has no place free", () => {
  assert.deepEqual(placesOf({ ...voice, wrapping: 1 }), { asBar: false, drawn: [["wrapping", 1]] });
  assert.deepEqual(placesOf({ ...voice, capacity: 0, assigned: 1 }), { asBar: false, drawn: [["assigned", 1]] });
});
