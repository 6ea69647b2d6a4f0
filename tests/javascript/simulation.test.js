// @ts-check
// What the contact centre's panel reckons: its charts, its figures, and how fast the day is to go.

import assert from "node:assert/strict";
import { test } from "node:test";
import { barsPath, hourMarks, linePath, roundUp } from "../../labkit/widgets/simulation/charts.js";
import { meanWait, percent } from "../../labkit/widgets/simulation/figures.js";
import { choiceOf, speedOf } from "../../labkit/widgets/simulation/settings.js";

test("an axis ends with a number that is easily read", () => {
  assert.deepEqual([0, 1, 2, 3, 7, 11, 34, 120].map(roundUp), [1, 1, 2, 5, 10, 20, 50, 200]);
});

test("a line goes through the middles of the parts, and is broken where nothing is known", () => {
  assert.equal(linePath([0, 1, null, 2], { parts: 4, most: 2 }), "M37.5 96L112.5 48M262.5 0");
  assert.equal(linePath([], { parts: 4, most: 1 }), "");
});

test("a bar stands on the one below it, and where there is none there is no bar", () => {
  assert.equal(barsPath([1, 0], { parts: 2, most: 2 }), "M18 96v-48h114v48z");
  assert.equal(barsPath([1], { parts: 2, most: 2 }, [1]), "M18 48v-48h114v48z");
});

test("the hours of a day are written where they are, five or fewer", () => {
  const began = Date.UTC(2026, 0, 5, 8, 59, 30);
  const marks = hourMarks({ hours: 8, began });
  assert.deepEqual(
    marks.map(({ text }) => text),
    ["10:00", "12:00", "14:00", "16:00"],
  );
  assert.ok(Math.abs(marks[0].at - 60.5 / 480) < 1e-9);
  assert.equal(hourMarks({ hours: 1, began }).length, 4);
});

test("a figure that cannot be said yet is a dash", () => {
  assert.deepEqual([percent(null), percent(0.846), meanWait(null), meanWait(83)], ["–", "85 %", "–", "1 min 23 s"]);
});

test("a day in a minute is as usual, and slower days have a speed", () => {
  assert.deepEqual([speedOf("", 8), speedOf("slow", 8), speedOf("slower", 0.1)], [null, 96, 1]);
  assert.equal(speedOf("given 30", 8), 30);
});

test("the form says at which speed the day goes", () => {
  assert.deepEqual([choiceOf(null, 8), choiceOf(480, 8), choiceOf(96, 8)], ["", "", "slow"]);
  assert.deepEqual([choiceOf(480, 2), choiceOf(10, 2)], ["given 480", "given 10"]);
});
