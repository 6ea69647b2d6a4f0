// @ts-check
// A panel whose script came too late for anywidget hears its messages, and no other panel is touched.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hearThoughLate } from "../../labkit/widgets/js/hearing.js";

/** @import { Model } from "../../labkit/widgets/js/wire.js" */

const NEWS = { content: { data: { method: "update" } }, buffers: [] };

/** What a widget of any kind does with a message. */
class Widget {
  /** @type {object[]} */
  heard = [];
  /** @param {any} message */
  async _handle_comm_msg(message) {
    if (message.content.data.method === "update") this.heard.push(message);
  }
}

/** What anywidget makes of it: nothing is heard before the script is ready, which fails after two seconds. */
class AnyWidget extends Widget {
  /** @type {object[]} */
  sent = [];
  /** @type {any} */
  comm = {
    /** @param {(message: object) => unknown} listener */
    on_msg: (listener) => {
      this.hear = listener;
    },
    /** @param {object} data */
    send: (data) => this.sent.push(data),
  };
  /** @param {Promise<void>} ready */
  constructor(ready) {
    super();
    this.ready = ready;
    /** @type {(message: object) => unknown} */
    this.hear = (message) => this._handle_comm_msg(message);
  }
  /** @param {any} message */
  async _handle_comm_msg(message) {
    await this.ready;
    return super._handle_comm_msg(message);
  }
}

/**
 * The model that a script is given.
 *
 * @param {object} [behind]
 */
function modelOf(behind) {
  const manager = { get_model: async (/** @type {string} */ id) => (id === "p1" ? behind : undefined) };
  const model = { get: () => "p1", send: () => {}, on: () => {}, off: () => {}, widget_manager: behind && manager };
  return /** @type {Model<any>} */ (/** @type {unknown} */ (model));
}

const tooLate = () => {
  const ready = Promise.reject(new Error("Failed to initialize model."));
  ready.catch(() => {});
  return ready;
};

test("one that came too late hears, and asks for what it missed", async () => {
  const late = new AnyWidget(tooLate());
  await assert.rejects(async () => late.hear(NEWS));
  await hearThoughLate(modelOf(late));
  await late.hear(NEWS);
  assert.deepEqual([late.heard, late.sent], [[NEWS], [{ method: "request_state" }]]);
});

test("one that came in time is left as it is", async () => {
  const early = new AnyWidget(Promise.resolve());
  const { hear } = early;
  await hearThoughLate(modelOf(early));
  assert.deepEqual([early.hear, early.sent], [hear, []]);
});

test("where widgets are otherwise, nothing happens", async () => {
  const closed = new AnyWidget(tooLate());
  closed.comm = undefined;
  for (const behind of [undefined, {}, closed]) await hearThoughLate(modelOf(behind));
});
