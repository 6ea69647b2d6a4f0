// @ts-check
// The line to Python: what is asked ends in an answer, and the kernel's time is the panel's.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { connect, kernelClock } from "../../labkit/widgets/js/wire.js";

/** @import { KernelTime, Model, Wire } from "../../labkit/widgets/js/wire.js" */

/** A model as anywidget gives one, and a panel that draws and warns by writing it down. */
function panel() {
  /** @type {Map<string, (message?: any) => void>} */
  const listeners = new Map();
  /** @type {any[]} */
  const sent = [];
  /** @type {string[]} */
  const warnings = [];
  let drawn = 0;
  /** @type {KernelTime} */
  const state = { now: 5000, paused: true };
  const kernel = { gone: false };
  /** @type {Model<KernelTime>} */
  const model = {
    get: /** @type {any} */ (() => state),
    send: (message) => {
      if (kernel.gone) throw new Error("no line");
      sent.push(message);
    },
    on: (event, listener) => listeners.set(event, listener),
    off: (event) => listeners.delete(event),
  };
  /** @type {Wire<{ look: { found: number } }>} */
  const wire = connect(model, { warn: (text) => warnings.push(text) }, () => {
    drawn += 1;
  });
  /** @param {object} more */
  const answer = (more) => listeners.get("msg:custom")?.({ id: sent.at(-1).id, ok: true, text: "", ...more });
  return { wire, sent, warnings, listeners, kernel, answer, drawn: () => drawn };
}

test("a question has an id and its action, and its answer comes back", async () => {
  const it = panel();
  const asked = it.wire.ask("look", { task: "WT1" });
  assert.deepEqual({ ...it.sent[0], id: "" }, { task: "WT1", id: "", action: "look" });
  it.listeners.get("msg:custom")?.({ id: "another", ok: false });
  it.answer({ found: 3 });
  const { ok, found } = await asked;
  assert.deepEqual([ok, found], [true, 3]);
});

test("a kernel that does not answer is an answer, and a warning until one comes", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const it = panel();
    const asked = it.wire.ask("look");
    mock.timers.tick(15000);
    const { ok, text } = await asked;
    assert.equal(ok, false);
    assert.match(text, /The kernel is not answering/);
    assert.deepEqual(it.warnings, [text]);
    it.wire.ask("look");
    it.answer({});
    assert.equal(it.warnings.at(-1), "");
  } finally {
    mock.timers.reset();
  }
});

test("a line that is known to be cut is an answer at once", async () => {
  const it = panel();
  it.kernel.gone = true;
  const { ok } = await it.wire.ask("look");
  assert.equal(ok, false);
  assert.equal(it.warnings.length, 1);
});

test("the first drawing is of what there is, and the second when the kernel's time is known", async () => {
  const it = panel();
  it.wire.start();
  assert.deepEqual([it.drawn(), it.sent[0].action], [1, "clock"]);
  it.answer({ now: 7000, paused: true });
  await Promise.resolve();
  assert.deepEqual([it.drawn(), it.wire.now(), it.wire.paused()], [2, 7000, true]);
});

test("each state is drawn with its time", () => {
  const it = panel();
  assert.equal(it.wire.paused(), false);
  it.listeners.get("change:state")?.();
  assert.deepEqual([it.drawn(), it.wire.now(), it.wire.paused()], [1, 5000, true]);
});

test("when a panel is closed, nobody waits and nobody listens any more", async () => {
  const it = panel();
  const asked = it.wire.ask("look");
  it.wire.stop();
  const { ok, text } = await asked;
  assert.deepEqual([ok, text, it.listeners.size], [false, "", 0]);
});

test("the kernel's time goes on with the browser's, or stands", () => {
  const clock = kernelClock();
  clock.set({ now: Date.now() + 3600e3, paused: false });
  assert.ok(Math.abs(clock.now() - Date.now() - 3600e3) < 1000);
  clock.set({ now: 1000, paused: true });
  assert.deepEqual([clock.now(), clock.paused()], [1000, true]);
  clock.set({ paused: true });
  assert.equal(clock.paused(), false);
});

test("a kernel's time that runs faster does so in the browser", (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: 50_000 });
  const clock = kernelClock();
  clock.set({ now: 1000, paused: false, speed: 480 });
  t.mock.timers.setTime(50_500);
  assert.deepEqual([clock.now(), clock.paused()], [241_000, false]);
});
