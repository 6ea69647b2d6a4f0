// @ts-check
// How durations, times and SIDs are written.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  clockWords,
  countdown,
  exactly,
  howLong,
  restPath,
  shortSid,
  shortSids,
  timeOfDay,
} from "../../labkit/widgets/js/format.js";

const TASK = `WT${"0123456789abcdef".repeat(2)}`;
const WORKSPACE = `WS${"f".repeat(32)}`;

test("a duration is said as a person says it", () => {
  assert.deepEqual([-5, 999, 59_999].map(howLong), ["0 s", "0 s", "59 s"]);
  assert.deepEqual([60e3, 185e3, 3599e3].map(howLong), ["1 min 00 s", "3 min 05 s", "59 min 59 s"]);
  assert.deepEqual([3600e3, 7800e3, 86399e3].map(howLong), ["1 h 00 min", "2 h 10 min", "23 h 59 min"]);
  assert.deepEqual([86400e3, 356400e3].map(howLong), ["1 d 0 h", "4 d 3 h"]);
});

test("a countdown rounds up, so that it ends when the time does", () => {
  assert.deepEqual([-1, 0, 1, 9000, 59_001].map(countdown), ["0:00", "0:00", "0:01", "0:09", "1:00"]);
  assert.deepEqual([1199e3, 3600e3, 3723e3].map(countdown), ["19:59", "1:00:00", "1:02:03"]);
});

test("the time of day is in UTC wherever the reader is, with two digits each", () => {
  const zone = process.env.TZ;
  process.env.TZ = "America/New_York";
  assert.equal(timeOfDay(Date.UTC(2026, 10, 5, 9, 5, 0)), "09:05:00");
  process.env.TZ = zone ?? "UTC";
});

test("a clock that was moved or held says so in a few words, and one that was not says nothing", () => {
  assert.deepEqual(
    [0, 1999, 1_319_980, -7_800_000, 1_325_000].map((ahead) => clockWords(ahead, false)),
    ["", "", "clock 22 min ahead", "clock 2 h 10 min behind", "clock 22 min 05 s ahead"],
  );
  assert.equal(clockWords(1_320_000, true), "clock paused");
  assert.equal(clockWords(1_320_000, false, 1440), "clock 1,440× as fast");
});

test("a moment in full is in UTC, and empty when it is not known", () => {
  assert.equal(exactly(Date.UTC(2026, 10, 5, 9, 5, 0, 7)), "2026-11-05 09:05:00.007 UTC");
  assert.deepEqual([exactly(null), exactly(undefined), exactly(0)], [null, null, null]);
});

test("a short SID keeps its kind and its end", () => {
  assert.equal(shortSid(TASK), "WT…cdef");
  assert.deepEqual([shortSid("default"), shortSid(""), shortSid(null), shortSid(undefined)], ["default", "", "", ""]);
  assert.equal(shortSids(`${TASK} of ${WORKSPACE}`), "WT…cdef of WS…ffff");
});

test("a REST path leaves its Workspace out and makes other SIDs short", () => {
  assert.equal(restPath(`/v1/Workspaces/${WORKSPACE}/Tasks/${TASK}`), "…/Tasks/WT…cdef");
  assert.equal(restPath("/v1/Workspaces"), "/v1/Workspaces");
});
