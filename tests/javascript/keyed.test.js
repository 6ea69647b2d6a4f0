// @ts-check
// Children that stay are not touched, so that one that has the focus keeps it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { keyed } from "../../labkit/widgets/js/dom.js";

/** As much of an element as `keyed` uses, and a list of what was moved. */
class Place {
  /** @type {Place[]} */
  children = [];
  /** @type {string[]} */
  moved = [];
  /** @type {Place | null} */
  parent = null;

  /** @param {string} name */
  constructor(name) {
    this.name = name;
  }

  get firstChild() {
    return this.children[0] ?? null;
  }

  /** @returns {Place | null} */
  get nextSibling() {
    return this.parent?.children[this.parent.children.indexOf(this) + 1] ?? null;
  }

  remove() {
    if (this.parent) this.parent.children = this.parent.children.filter((each) => each !== this);
    this.parent = null;
  }

  /**
   * @param {Place} child
   * @param {Place | null} before
   */
  insertBefore(child, before) {
    child.remove();
    child.parent = this;
    this.children.splice(before ? this.children.indexOf(before) : this.children.length, 0, child);
    this.moved.push(child.name);
  }
}

/** @param {string} name */
const asElement = (name) => /** @type {Element} */ (/** @type {unknown} */ (new Place(name)));

/**
 * @param {Place} list
 * @param {string[]} names
 */
function draw(list, names) {
  list.moved = [];
  const container = /** @type {Element} */ (/** @type {unknown} */ (list));
  const rows = keyed(
    container,
    names,
    (name) => name,
    (name) => ({ root: asElement(name), drawn: 0 }),
    (row) => {
      row.drawn += 1;
    },
  );
  return { names: list.children.map((each) => each.name), moved: list.moved, rows };
}

test("there is a child for each item, in their order", () => {
  const list = new Place("list");
  assert.deepEqual(draw(list, ["a", "b", "c"]).names, ["a", "b", "c"]);
  assert.deepEqual(draw(list, ["c", "x", "a"]).names, ["c", "x", "a"]);
  assert.deepEqual(draw(list, []).names, []);
});

test("what stays in its place is not touched", () => {
  const list = new Place("list");
  draw(list, ["a", "b", "c"]);
  assert.deepEqual(draw(list, ["a", "b", "c"]).moved, []);
  assert.deepEqual(draw(list, ["a", "c"]).moved, []);
  assert.deepEqual(draw(list, ["a", "c", "d"]).moved, ["d"]);
  assert.deepEqual(draw(list, ["x", "a", "c", "d"]).moved, ["x"]);
});

test("a row is made once and drawn each time", () => {
  const list = new Place("list");
  const first = draw(list, ["a"]).rows.get("a");
  const again = draw(list, ["b", "a"]).rows.get("a");
  assert.equal(again, first);
  assert.equal(again?.drawn, 2);
});
