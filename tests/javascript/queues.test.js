// @ts-check
// The sums over TaskQueues, and what stands in the plots.

import assert from "node:assert/strict";
import { test } from "node:test";
import { binWords } from "../../labkit/widgets/queues/accept_plot.js";
import { acceptWords, binSums, percent, seconds, sums, waitingWords } from "../../labkit/widgets/queues/figures.js";
import { plainly } from "../../labkit/widgets/queues/plot_style.js";
import { shownFrom } from "../../labkit/widgets/queues/waiting_plot.js";

/** @import { Content, Queue } from "../../labkit/widgets/queues/figures.js" */

/**
 * @param {string} name
 * @param {Partial<Queue>} [more]
 * @returns {Queue}
 */
const queue = (name, more = {}) => ({
  name,
  waiting: 0,
  oldest: null,
  oldest_task: "",
  accepted: 0,
  within: 0,
  median: null,
  slowest: null,
  eligible: null,
  available: null,
  ...more,
});

/**
 * @param {Partial<Content>} more
 * @returns {Content}
 */
const content = (more) => ({ series: {}, bins: {}, bin_seconds: 1, within: 20, minutes: 15, trouble: "", ...more });

test("seconds have a digit where they are few, and are minutes where they are whole ones", () => {
  assert.deepEqual([0.24, 9.96, 12, 60, 90, null].map(seconds), ["0.2 s", "10 s", "12 s", "1 min", "1 min 30 s", "–"]);
  assert.equal(percent(2, 3), "67 %");
});

test("sums are over the TaskQueues that are shown", () => {
  assert.deepEqual(sums([]), { accepted: 0, within: 0 });
  const both = [queue("a", { accepted: 3, within: 2 }), queue("b", { accepted: 1, within: 1 })];
  assert.deepEqual(sums(both), { accepted: 4, within: 3 });
});

test("bins are added one by one, also where a TaskQueue has none", () => {
  const bins = { a: [1, 0, 2], b: [1, 1, 1] };
  assert.deepEqual(binSums(bins, ["a", "b", "unknown"]), [2, 1, 3]);
  assert.deepEqual(binSums(bins, ["a"]), [1, 0, 2]);
  assert.deepEqual(binSums(bins, []), []);
});

test("the last bar stands for all that took longer", () => {
  assert.deepEqual(binWords(3, 5), ["0 s to 5 s", "5 s to 10 s", "10 s or more"]);
});

test("the plot begins not long before the first Task, and has two minutes at least", () => {
  const now = 3600e3;
  assert.equal(now - shownFrom(content({}), ["a"], now), 120e3);
  /** @param {number} at */
  const since = (at) =>
    content({
      series: {
        a: [
          [0, 0],
          [at, 1],
        ],
      },
    });
  assert.equal(now - shownFrom(since(now - 200e3), ["a"], now), 230e3);
  assert.equal(now - shownFrom(since(0), ["a"], now), 900e3);
});

test("who does not see the plots is told what they show", () => {
  const told = content({
    series: {
      a: [
        [0, 0],
        [1, 5],
        [2, 3],
      ],
    },
  });
  assert.equal(
    waitingWords(told, [queue("a", { waiting: 3 }), queue("b")]),
    "Waiting Tasks, last 15 minutes. a: 3 now, at most 5; b: 0 now, at most 0",
  );
  const accepted = queue("a", { accepted: 2, median: 4, slowest: 30 });
  assert.equal(
    acceptWords("2 of 2 within 20 s", [accepted, queue("b")]),
    "Time to accept. 2 of 2 within 20 s. a: half within 4 s, nine of ten within 30 s",
  );
});

test("what strangers named is no HTML for plotly.js", () => {
  assert.equal(plainly("<b>&</b>"), "&lt;b&gt;&amp;&lt;/b&gt;");
});
