// @ts-check
// The agent page: where its bridge is, how it signs in, and what it keeps.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { bridgeOptions, renew, signIn } from "../../labkit/callbacks/agent_page/link.js";

/** @type {Map<string, string>} */ let kept = new Map();
/** @type {any[]} */ let asked = [];
/** @type {{ status: number, body: any }} */ let answer;
const place = { hash: "", pathname: "/agent" };

beforeEach(() => {
  kept = new Map();
  asked = [];
  answer = { status: 200, body: { token: "t1", right: "n1.right" } };
  Object.assign(globalThis, {
    location: place,
    history: {
      replaceState(/** @type {any} */ _state, /** @type {string} */ _title, /** @type {string} */ url) {
        place.hash = url.slice(url.indexOf("#"));
      },
    },
    sessionStorage: {
      getItem: (/** @type {string} */ name) => kept.get(name) ?? null,
      setItem: (/** @type {string} */ name, /** @type {string} */ value) => kept.set(name, value),
    },
    fetch: async (/** @type {string} */ url, /** @type {any} */ init) => {
      asked.push([url, JSON.parse(init.body)]);
      return { ok: answer.status === 200, status: answer.status, json: async () => answer.body };
    },
  });
});

test("a link is changed for a token; its secret leaves the address, and the right stays in the tab", async () => {
  place.hash = "#n1.secret";
  assert.deepEqual(await signIn(), { token: "t1" });
  assert.deepEqual(asked, [["agent/token", { link: "n1.secret" }]]);
  assert.deepEqual([place.hash, kept.get("n1")], ["#n1", "n1.right"]);
});

test("the same tab comes back by its right, whether the address still has the secret or not", async () => {
  kept.set("n1", "n1.right");
  for (const hash of ["#n1", "#n1.secret"]) {
    place.hash = hash;
    await signIn();
  }
  assert.deepEqual(asked, [
    ["agent/token", { right: "n1.right" }],
    ["agent/token", { right: "n1.right" }],
  ]);
});

test("two links in one tab do not meet", async () => {
  kept.set("n1", "n1.right");
  place.hash = "#n2.secret";
  answer.body.right = "n2.right";
  await signIn();
  await renew();
  assert.deepEqual(asked, [
    ["agent/token", { link: "n2.secret" }],
    ["agent/token", { right: "n2.right" }],
  ]);
});

test("what the lab says against it is the page's to show", async () => {
  place.hash = "#n1.secret";
  answer = { status: 403, body: { error: "This link was opened before." } };
  await assert.rejects(signIn(), { message: "This link was opened before." });
  assert.equal(kept.size, 0);
  place.hash = "";
  await assert.rejects(signIn(), /not a whole link/);
  Object.assign(globalThis, { fetch: () => Promise.reject(new Error("gone")) });
  place.hash = "#n1.secret";
  await assert.rejects(signIn(), /The notebook does not answer/);
});

test("a sandbox's bridge is on this computer, or behind the Jupyter server that the page came through", () => {
  const url = "http://127.0.0.1:4711/v1/wschannels";
  assert.deepEqual(bridgeOptions({ url }, { pathname: "/agent", href: "http://127.0.0.1:4700/agent#n1" }), {
    ebServer: url,
    wsServer: "ws://127.0.0.1:4711/v1/wschannels",
  });
  const behind = { pathname: "/user/ann/proxy/4700/agent", href: "https://hub.example/user/ann/proxy/4700/agent#n1" };
  assert.deepEqual(bridgeOptions({ url }, behind), {
    ebServer: "https://hub.example/user/ann/proxy/4711/v1/wschannels",
    wsServer: "wss://hub.example/user/ann/proxy/4711/v1/wschannels",
  });
});

test("a room's bridge is beside the Jupyter server that the page came through, at the hub's address", () => {
  const bridge = { url: "http://127.0.0.1:8003/services/room/bridge", path_at_hub: "/services/room/bridge" };
  const behind = { pathname: "/user/ann/proxy/4700/agent", href: "https://hub.example/user/ann/proxy/4700/agent#n1" };
  assert.equal(bridgeOptions(bridge, behind).ebServer, "https://hub.example/services/room/bridge");
  assert.equal(bridgeOptions(bridge, { pathname: "/agent", href: "http://127.0.0.1:4700/agent" }).ebServer, bridge.url);
});

test("Twilio's own bridge the SDK finds by itself", () => {
  assert.deepEqual(bridgeOptions({}), {});
  assert.deepEqual(bridgeOptions({ region: "ie1" }), { region: "ie1" });
});
