// @ts-check
// A panel whose kernel is gone is drawn again from its successor, and from no other.

import assert from "node:assert/strict";
import { test } from "node:test";
import { kernelFound, kernelLost, panelScript } from "../../labkit/widgets/js/reconnect.js";

/** @import { Model } from "../../labkit/widgets/js/wire.js" */

/**
 * A model as anywidget gives one.
 *
 * @param {string} notebook
 * @param {number} made
 */
function modelOf(notebook, made) {
  /** @type {any[]} */
  const sent = [];
  /** @type {any} */
  const values = { notebook, made };
  /** @type {Model<any>} */
  const model = {
    get: (/** @type {string} */ name) => values[name],
    send: (message) => sent.push(message),
    on: () => {},
    off: () => {},
  };
  return { model, sent };
}

/** A page with one panel that is drawn by writing down the models it is drawn from. */
function page() {
  /** @type {number[]} */
  const drawn = [];
  /** @type {Model<any>[]} */
  const models = [];
  let ended = 0;
  const script = panelScript("composer", ({ model }) => {
    drawn.push(model.get("made"));
    models.push(model);
    return () => {
      ended += 1;
    };
  });
  const fake = { replaceChildren: () => {}, classList: { toggle: () => {} } };
  const el = /** @type {HTMLElement} */ (/** @type {unknown} */ (fake));
  return { script, el, drawn, models, ended: () => ended };
}

test("a panel that was lost is drawn from the younger one of its kind and notebook", () => {
  const it = page();
  const stop = it.script.render({ model: modelOf("a", 1).model, el: it.el });
  it.script.initialize({ model: modelOf("a", 2).model });
  assert.deepEqual(it.drawn, [1], "nobody is replaced whose kernel answers");
  kernelLost(it.models[0]);
  assert.deepEqual([it.drawn, it.ended()], [[1, 2], 1]);
  kernelLost(it.models[1]);
  it.script.initialize({ model: modelOf("b", 3).model });
  it.script.initialize({ model: modelOf("a", 0).model });
  assert.deepEqual(it.drawn, [1, 2], "another notebook's is none, nor an older one");
  it.script.initialize({ model: modelOf("a", 4).model });
  assert.deepEqual(it.drawn, [1, 2, 4]);
  stop();
  assert.equal(it.ended(), 3);
});

test("a kernel that has only another panel is asked to make one", () => {
  const it = page();
  const stop = it.script.render({ model: modelOf("c", 1).model, el: it.el });
  kernelLost(it.models[0]);
  const status = modelOf("c", 2);
  panelScript("status", () => () => {}).initialize({ model: status.model });
  const [{ action, name }] = status.sent;
  assert.deepEqual([action, name], ["panel", "composer"]);
  it.script.initialize({ model: modelOf("c", 3).model });
  assert.deepEqual(it.drawn, [1, 3]);
  stop();
});

test("a kernel that was only slow keeps its panel, and one that left the page wants none", () => {
  const it = page();
  const stop = it.script.render({ model: modelOf("d", 1).model, el: it.el });
  kernelLost(it.models[0]);
  kernelFound(it.models[0]);
  it.script.initialize({ model: modelOf("d", 2).model });
  assert.deepEqual(it.drawn, [1]);
  stop();
  it.script.initialize({ model: modelOf("d", 3).model });
  assert.deepEqual(it.drawn, [1]);
});
