// @ts-check
// The stretch of time in view, the lanes that are looked for, and the words for what is in them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { barText, boxOf } from "../../labkit/widgets/timeline/glyphs.js";
import { handovers } from "../../labkit/widgets/timeline/handovers.js";
import {
  commonStart,
  countWords,
  exactTime,
  firstBegin,
  laneStore,
  laneWords,
  lasted,
  lookup,
  momentsOf,
  nameEnd,
  sifted,
  stretchWords,
} from "../../labkit/widgets/timeline/lanes.js";
import { ticks, tickText, timeView } from "../../labkit/widgets/timeline/time_view.js";
import { markLines } from "../../labkit/widgets/timeline/tooltip.js";

/**
 * @import { Lane, LanesAnswer, Mark } from "../../labkit/widgets/timeline/lanes.js"
 * @import { TimelineWire } from "../../labkit/widgets/timeline/panel.js"
 */

const NOW = new Date(2026, 10, 5, 12, 0, 0).getTime();

/**
 * @param {string} sid
 * @param {Partial<Lane>} [more]
 * @returns {Lane}
 */
const lane = (sid, more = {}) => ({ sid, name: sid, state: "pending", begin: 0, stretches: [], marks: [], ...more });

test("a state is seen however short it was, and also where it begins ahead of now", () => {
  const at = { x: 10, y: 0, height: 18 };
  assert.deepEqual(boxOf({ ...at, width: 40 }), { ...at, width: 40, rx: 4 });
  for (const width of [1, 0, -0.4]) assert.deepEqual(boxOf({ ...at, width }), { ...at, width: 1.5, rx: 0.75 });
});

test("a view that follows ends a little after now, and a place and its moment belong together", () => {
  const view = timeView();
  assert.equal(view.begin(NOW), NOW + 2e3 - 40e3);
  assert.equal(view.x(NOW, NOW), 570);
  assert.equal(view.at(570, NOW), NOW);
  assert.equal(view.duration(15), 1e3);
});

test("until somebody zooms it reaches back to the first event, up to four minutes", () => {
  const view = timeView();
  view.settle(NOW - 1e3, NOW);
  assert.equal(view.look.span, 40e3);
  view.settle(NOW - 100e3, NOW);
  assert.equal(Math.round(view.look.span), 112e3);
  view.settle(0, NOW);
  assert.equal(view.look.span, 240e3);
  view.zoom(0.5);
  view.settle(NOW - 100e3, NOW);
  assert.equal(view.look.span, 120e3);
});

test("zooming keeps the moment below the pointer where it is, and has two ends", () => {
  const view = timeView();
  view.look.end = NOW;
  const at = NOW - 10e3;
  const before = view.x(at, NOW);
  view.zoom(0.5, at);
  assert.equal(view.x(at, NOW), before);
  view.zoom(1e-9);
  assert.equal(view.look.span, 2e3);
  view.zoom(1e9);
  assert.equal(view.look.span, 24 * 3600e3);
});

test("moving in time ends half a width after now", () => {
  const view = timeView();
  view.pan(-10e3, NOW);
  assert.equal(view.look.end, NOW + 2e3 - 10e3);
  view.pan(1e9, NOW);
  assert.equal(view.look.end, NOW + 20e3);
});

test("a moment out of view is brought to its middle, one in view is left", () => {
  const view = timeView();
  view.show(NOW - 1e3, NOW);
  assert.equal(view.look.end, null);
  view.show(NOW - 60e3, NOW);
  assert.equal(view.x(NOW - 60e3, NOW), 300);
});

test("all is from the first event to now", () => {
  const view = timeView();
  view.fit(NOW - 100e3, NOW);
  assert.ok(Math.abs(view.look.span - 110e3) < 1e-6);
  assert.deepEqual([view.look.end, view.look.chosen], [null, true]);
});

test("ticks are at round moments, as far apart as their labels need", () => {
  const found = ticks(timeView(), NOW);
  assert.deepEqual(
    found.map(({ text }) => text),
    ["11:59:30", "11:59:40", "11:59:50", "12:00:00"],
  );
  assert.equal(found.at(-1)?.x, 570.5);
  assert.deepEqual([tickText(NOW, 60e3), tickText(NOW, 500)], ["12:00", "00:00.0"]);
});

test("the newest Task comes first, Workers come by name, and words are looked for everywhere", () => {
  const lanes = [
    lane("WT1", { begin: 1, queue: "Billing" }),
    lane("WT2", { begin: 2, stretches: [["assigned", 2, null, "Alice", 0]] }),
    lane("WT0", { begin: 1 }),
  ];
  /** @param {string} words */
  const found = (words) => sifted(lanes, "tasks", words).map(({ sid }) => sid);
  assert.deepEqual(found(""), ["WT2", "WT1", "WT0"]);
  assert.deepEqual(found("billing"), ["WT1"]);
  assert.deepEqual(found("alice"), ["WT2"]);
  const workers = [lane("WK1", { name: "Bob" }), lane("WK2", { name: "Alice" })];
  assert.deepEqual(
    sifted(workers, "workers", "").map(({ name }) => name),
    ["Alice", "Bob"],
  );
});

test("lanes are counted with their noun", () => {
  assert.deepEqual([countWords(1, 1, "tasks"), countWords(2, 3, "workers")], ["1 Task", "2 of 3 Workers"]);
});

test("what all TaskQueues' names begin with is left out where it is long", () => {
  assert.equal(commonStart(["Customer service Billing", "Customer service Sales"]), "Customer service ");
  assert.equal(commonStart(["Support A", "Support B"]), "");
  assert.equal(commonStart(["Customer service Billing"]), "");
  assert.equal(commonStart([]), "");
  assert.equal(nameEnd("Short"), "Short");
  assert.equal(nameEnd("A very long name of a TaskQueue for Billing"), "… a TaskQueue for Billing");
});

test("what is at a moment: the state, the marks near it, else those where the state began", () => {
  const it = lane("WT1", {
    stretches: [
      ["pending", 100, 200, "", 0],
      ["reserved", 200, null, "Alice", 0],
    ],
    marks: [
      ["event", 100, "created"],
      ["event", 200, "reserved"],
    ],
  });
  assert.deepEqual(lookup(it, 105, 10).marks, [["event", 100, "created"]]);
  assert.equal(lookup(it, 150, 10).stretch?.[0], "pending");
  assert.deepEqual(lookup(it, 500, 10).marks, [["event", 200, "reserved"]]);
  assert.equal(lookup(it, 50, 10).stretch, undefined);
  assert.deepEqual([momentsOf(it), firstBegin([it, lane("WT2", { begin: 7 })], 9)], [[100, 200], 7]);
});

test("a state is told with whom and how long", () => {
  const at = exactTime(NOW);
  assert.equal(at, "12:00:00.000");
  assert.equal(stretchWords(["completed", NOW, null, "", 0], NOW), `Task completed at ${at}`);
  assert.equal(
    stretchWords(["reserved", NOW, null, "Alice", 0], NOW + 1500),
    `Task reserved · Alice · for 1.5 s so far, since ${at}`,
  );
  assert.equal(
    stretchWords(["unknown", NOW, NOW + 12e3, "", 0], NOW),
    `not known what it was · for 12 s, ${at} to 12:00:12.000`,
  );
  assert.deepEqual([-1, 9999, 10000].map(lasted), ["0.0 s", "10.0 s", "10 s"]);
});

test("a lane is a sentence for those who do not see it", () => {
  const task = lane("WT1", {
    queue: "Sales",
    stretches: [
      ["pending", 0, 2000, "", 0],
      ["completed", 2000, null, "", 0],
    ],
  });
  assert.equal(laneWords(task, 5000), "Task WT1 in Sales: Task pending 2.0 s, Task completed");
  assert.equal(laneWords(lane("WK1", { name: "Alice", activities: [], state: "Offline" }), 0), "Worker Alice: Offline");
});

test("a bar has its text, or what is before its dot, or none", () => {
  assert.equal(barText("reserved · Alice", 120, 17), "reserved · Alice");
  assert.equal(barText("reserved · Alice", 70, 17), "reserved");
  assert.equal(barText("reserved · Alice", 30, 17), "");
  assert.equal(barText("reserved", 500, 9), "");
});

test("a tooltip names seven marks, and how many more there are", () => {
  /** @type {Mark[]} */
  const marks = Array.from({ length: 9 }, (_, index) => ["event", NOW + index, `event ${index}`]);
  assert.equal(markLines(marks).length, 8);
  assert.deepEqual(markLines(marks).at(-1), ["event", "and 2 more"]);
  assert.deepEqual(markLines(marks.slice(0, 1)), [["event", "12:00:00.000  event 0"]]);
});

/**
 * A store of lanes whose questions get these answers, one by one.
 *
 * @param {LanesAnswer[]} answers
 */
function store(answers) {
  /** @type {object[]} */
  const asked = [];
  const ask = async (/** @type {string} */ _action, /** @type {object} */ payload) => {
    asked.push(payload);
    const answer = answers.shift();
    return answer ? { ok: true, text: "", ...answer } : { ok: false, text: "" };
  };
  const wire = /** @type {TimelineWire} */ (/** @type {unknown} */ ({ ask }));
  return { asked, lanes: laneStore(wire, () => {}) };
}

test("lanes are asked for page by page, and then only what has changed since the first page", async () => {
  const it = store([
    { epoch: 1, revision: 9, lanes: [lane("WT2")], before: 5 },
    { epoch: 1, revision: 10, lanes: [lane("WT1")], before: null },
    { epoch: 1, revision: 12, lanes: [lane("WT1", { state: "assigned" })], before: null },
  ]);
  await it.lanes.pull(() => "tasks");
  await it.lanes.pull(() => "tasks");
  assert.deepEqual(it.asked, [
    { by: "tasks", since: 0, before: null },
    { by: "tasks", since: 0, before: 5 },
    { by: "tasks", since: 9, before: null },
  ]);
  assert.deepEqual(
    it.lanes.list("tasks").map(({ sid, state }) => `${sid} ${state}`),
    ["WT2 pending", "WT1 assigned"],
  );
});

test("another Workspace between two pages begins anew", async () => {
  const it = store([
    { epoch: 1, revision: 9, lanes: [lane("WT2")], before: 5 },
    { epoch: 2, revision: 1, lanes: [lane("WT7")], before: null },
    { epoch: 2, revision: 1, lanes: [lane("WT8")], before: null },
  ]);
  await it.lanes.pull(() => "tasks");
  assert.equal(it.asked.length, 3);
  assert.deepEqual(
    it.lanes.list("tasks").map(({ sid }) => sid),
    ["WT8"],
  );
});

test("what a Worker is to take comes from whoever gave it last, if both lanes are there", () => {
  const lanes = [
    lane("Alice", { handed: [["WT1", 10, "gives", ""]] }),
    lane("Bob", {
      handed: [
        ["WT1", 10, "takes", "assigned"],
        ["WT1", 20, "gives", ""],
        ["WT2", 5, "takes", "rejected"],
      ],
    }),
    lane("Carol", { handed: [["WT1", 25, "takes", "reserved"]] }),
  ];
  const found = handovers(lanes).map(({ at, from, to, became }) => [at, from, to, became]);
  assert.deepEqual(found, [
    [10, 0, 1, "assigned"],
    [25, 1, 2, "reserved"],
  ]);
  assert.deepEqual(handovers(lanes.slice(2)), [], "who gave it is not looked for");
});
