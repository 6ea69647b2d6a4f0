// @ts-check
// What stands in the playground's fields, how it is sent, and where the boxes of a Workflow's picture stand.

import assert from "node:assert/strict";
import { test } from "node:test";
import { wrap } from "../../labkit/widgets/playground/boxes.js";
import { draftOfPage, edited, newKey, oneAtATime, overlaid, without } from "../../labkit/widgets/playground/draft.js";
import { sourcesOf } from "../../labkit/widgets/playground/expression.js";
import { layout } from "../../labkit/widgets/playground/layout.js";
import { filterWords, inShort, targetWords } from "../../labkit/widgets/playground/picture.js";

/**
 * @import { Box, Filter, Target, Workflow } from "../../labkit/widgets/playground/boxes.js"
 * @import { Draft } from "../../labkit/widgets/playground/draft.js"
 */

const ALICE = { key: "WK1", name: "Alice", attributes: "{}", note: "Offline" };

/** @param {string} text */
const measure = (text) => text.length * 7;

/**
 * @param {string} queue
 * @param {Partial<Target>} [more]
 * @returns {Target}
 */
const target = (queue, more = {}) => ({
  queue,
  queue_expression: "",
  expression: "",
  known_worker: "",
  order_by: "",
  priority: "",
  timeout: "",
  skip_if: "",
  state: "",
  why: "",
  ...more,
});

/**
 * @param {string} name
 * @param {Partial<Filter>} [more]
 * @returns {Filter}
 */
const filter = (name, more = {}) => ({
  name,
  expression: "a == 1",
  is_default: false,
  state: "",
  why: "",
  targets: [target("Everyone")],
  ...more,
});

/** @returns {Workflow} */
const followed = () => ({
  name: "Care",
  filters: [
    filter("English", { state: "no match", why: "a is 2, not 1" }),
    filter("Spanish", {
      state: "taken",
      targets: [
        target("First", { state: "passed", why: "skipped" }),
        target("Second", { state: "current" }),
        target("Third"),
      ],
    }),
    filter("Default", { is_default: true, state: "not looked at" }),
  ],
  way: { task: "A Task", place: "waits", text: "It would wait.", is_real: false, workers: [], alerts: [] },
});

test("what is typed here stays, and what comes from elsewhere takes its place once", () => {
  const draft = draftOfPage("page-1");
  const first = /** @type {Draft} */ ({ by: "", number: 0, expression: "1==1", workers: {}, tasks: {} });
  assert.equal(draft.takeOver(first), true);
  draft.change({ expression: "1==0" });
  assert.equal(draft.takeOver(first), false);
  assert.equal(draft.takeOver({ ...first, by: "page-1", number: 1, expression: "an echo" }), false);
  assert.deepEqual([draft.get().expression, draft.get().by, draft.get().number], ["1==0", "page-1", 1]);
  assert.equal(draft.takeOver({ ...first, by: "", number: 2, expression: "of the cell" }), true);
  draft.change({});
  assert.deepEqual([draft.get().expression, draft.get().number], ["of the cell", 3]);
});

test("rows are those of the Workspace with what was changed, without what was taken away, and then the new ones", () => {
  const edits = edited({}, "new-1", { name: "Zoe" });
  assert.equal(newKey(edits), "new-2");
  assert.deepEqual(
    overlaid([ALICE], edited(edits, "WK1", { note: "Available" })).map((row) => [row.name, row.note]),
    [
      ["Alice", "Available"],
      ["Zoe", ""],
    ],
  );
  assert.deepEqual(
    overlaid([ALICE], without(edits, "WK1")).map((row) => row.name),
    ["Zoe"],
  );
  assert.deepEqual(without(edits, "new-1"), {});
  assert.deepEqual(overlaid([ALICE], { gone: { name: "of a Worker who is no more" } }), [ALICE]);
});

test("the newest is always sent, one after the other", async () => {
  /** @type {string[]} */
  const sent = [];
  /** @type {(() => void)[]} */
  const answers = [];
  let text = "a";
  const send = oneAtATime(() => {
    sent.push(text);
    return new Promise((resolve) => answers.push(() => resolve(null)));
  });
  const done = send();
  for (const next of ["ab", "abc"]) {
    text = next;
    send();
  }
  assert.deepEqual(sent, ["a"]);
  answers[0]();
  await new Promise(setImmediate);
  assert.deepEqual(sent, ["a", "abc"]);
  answers[1]();
  await done;
});

test("a text is broken between words, within one that is too long, and ends in an ellipsis", () => {
  assert.deepEqual(wrap("one two three", 56, measure), ["one two", "three"]);
  assert.deepEqual(wrap("abcdefghij", 35, measure), ["abcde", "fghij"]);
  assert.deepEqual(wrap("a b c d", 7, measure, 2), ["a", "…"]);
  assert.deepEqual(wrap("", 70, measure), []);
});

/** @param {Box[]} boxes */
function overlaps(boxes) {
  return boxes.filter((one, index) =>
    boxes
      .slice(index + 1)
      .some(
        (other) =>
          one.x < other.x + other.width &&
          other.x < one.x + one.width &&
          one.y < other.y + other.height &&
          other.y < one.y + one.height,
      ),
  );
}

test("boxes stand inside of the picture and on none of the others, narrow and wide, few and many", () => {
  const long = "selected_language == 'es' AND ".repeat(20);
  const many = Array.from({ length: 20 }, (_, number) =>
    filter(`Filter ${number}`, {
      expression: long,
      targets: Array.from({ length: (number % 7) + 1 }, () => target(long)),
    }),
  );
  for (const filters of [followed().filters, many, []]) {
    for (const width of [260, 420, 900, 1900]) {
      const picture = layout({ ...followed(), filters }, width, measure);
      assert.deepEqual(overlaps(picture.boxes), [], `${filters.length} filters, ${width} pixels`);
      for (const box of picture.boxes) {
        assert.ok(box.x >= 0 && box.x + box.width <= width, `${box.what} at ${box.x} of ${width}`);
        assert.ok(box.y + box.height <= picture.height);
        for (const line of box.lines) assert.ok(measure(line.text) <= box.width - 20 || line.text.length <= 2);
      }
    }
  }
});

test("what is lit leads from the Task to where it is, and no further", () => {
  for (const width of [400, 1200]) {
    const { boxes, paths } = layout(followed(), width, measure);
    const lit = paths.filter((path) => path.isLit);
    assert.equal(lit.filter((path) => path.hasHead).length, 3); // to the filter, and to two targets
    const [second] = boxes.filter((box) => box.state === "current");
    assert.ok(
      lit.some(({ points }) => {
        const [x, y] = points[points.length - 1];
        return x >= second.x && x <= second.x + second.width && y >= second.y && y <= second.y + second.height;
      }),
    );
  }
});

test("a Workflow without a default filter ends in the refusal, which is lit for a Task that is refused", () => {
  const filters = [filter("English", { state: "no match" })];
  const refused = /** @type {Workflow} */ ({ ...followed(), filters, way: { ...followed().way, place: "refused" } });
  const { boxes, paths } = layout(refused, 600, measure);
  const [end] = boxes.filter((box) => box.what === "end");
  assert.equal(end.state, "refused");
  assert.ok(paths.some((path) => path.isLit && path.hasHead && path.points[1][1] > end.y));
  assert.equal(
    layout({ ...refused, way: null }, 600, measure).paths.some((path) => path.isLit),
    false,
  );
});

test("the picture is told in words", () => {
  assert.equal(inShort(followed()), "Workflow Care: 2 filters and a default filter. A Task: It would wait.");
  const [english, spanish, byDefault] = followed().filters;
  assert.equal(filterWords(english), "English (a == 1) – a is 2, not 1");
  assert.equal(filterWords(byDefault), "Default (default filter) – not looked at");
  assert.equal(targetWords(spanish.targets[0]), "TaskQueue First – skipped");
  assert.equal(targetWords({ ...spanish.targets[1], timeout: "30 s" }), "TaskQueue Second, timeout 30 s – here");
});

test("expressions of the Workspace to begin with, each for its place", () => {
  const workflow = followed();
  workflow.filters[1].targets[1].expression = "worker.level > task.level";
  const found = sourcesOf([{ sid: "WQ1", name: "Spanish", expression: "1==1" }], workflow);
  assert.deepEqual(
    found.map(({ place, queue, expression }) => [place, queue, expression]),
    [
      ["queue", "WQ1", "1==1"],
      ["filter", "", "a == 1"],
      ["filter", "", "a == 1"],
      ["target", "", "worker.level > task.level"],
    ],
  );
});
