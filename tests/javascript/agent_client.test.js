// @ts-check
// The agent page's small client: what it asks, what it hears, when it comes back. The bridge is played here.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Bridge } from "../../labkit/callbacks/agent_page/small_client/bridge.js";
import { waitSeconds } from "../../labkit/callbacks/agent_page/small_client/socket.js";
import { Worker } from "../../labkit/callbacks/agent_page/small_client/worker.js";
import { claims, Workspace } from "../../labkit/callbacks/agent_page/small_client/workspace.js";

/** @typedef {Record<string, any>} Payload */

const OPTIONS = { ebServer: "http://bridge/v1/wschannels", wsServer: "ws://bridge/v1/wschannels" };
const INIT = { channel_id: "WK1", account_sid: "AC1", workspace_sid: "WS1", token_lifetime: 3_600_000 };
const TASK = { sid: "WT1", assignment_status: "reserved", attributes: '{"a": 1}', date_created: 5, date_updated: 5 };
const RESERVATION = {
  sid: "WR1",
  worker_sid: "WK1",
  reservation_status: "pending",
  reservation_timeout: 120,
  date_created: 5,
  date_updated: 5,
  task: TASK,
};
const TRANSFER = {
  sid: "TT1",
  task_sid: "WT1",
  transfer_status: "initiated",
  transfer_to: "WK2",
  transfer_mode: "WARM",
  initiating_reservation_sid: "WR1",
  initiating_worker_sid: "WK1",
};

/** @type {FakeSocket[]} */ let sockets = [];
/** @type {{ url: string, headers: Record<string, string>, body: Payload }[]} */ let requests = [];
/** @type {Record<string, Payload | { status: number, message?: string }>} */ let answers = {};

class FakeSocket {
  /** @type {any} */ onopen;
  /** @type {any} */ onmessage;
  /** @type {any} */ onclose;
  closed = false;

  /** @param {string} url */
  constructor(url) {
    this.url = url;
    sockets.push(this);
  }

  close() {
    this.closed = true;
  }

  /** @param {string} event_type @param {Payload} payload */
  say(event_type, payload) {
    this.onmessage({ data: JSON.stringify({ event_type, payload }) });
  }
}

/** @param {string} url @param {any} init */
async function fakeFetch(url, init) {
  const body = JSON.parse(init.body);
  requests.push({ url, headers: init.headers, body });
  const answer = /** @type {any} */ (answers[`${body.method} ${body.url}`]) ?? { contents: [] };
  const status = answer.status ?? 200;
  const said = status === 200 ? { payload: answer } : { message: answer.message };
  return { ok: status < 300, status, json: async () => structuredClone(said) };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A Worker that is ready, and its socket. @param {Payload[]} reservations @param {Payload} init */
async function ready(reservations = [], init = INIT) {
  const me = "Workspaces/WS1/Workers/WK1";
  answers[`GET ${me}`] = { sid: "WK1", friendly_name: "Alice", attributes: "{}", activity_sid: "WA1", date_updated: 1 };
  answers["GET Workspaces/WS1/Activities"] = {
    contents: [
      { sid: "WA1", friendly_name: "Offline", available: false },
      { sid: "WA2", friendly_name: "Available", available: true },
    ],
  };
  answers[`GET ${me}/Reservations`] = { contents: reservations };
  const worker = new Worker("t0", OPTIONS);
  /** @type {string[]} */ const heard = [];
  for (const name of ["ready", "disconnected", "tokenExpired", "error", "activityUpdated", "reservationCreated"]) {
    worker.on(name, (detail) => heard.push(detail?.message ? `${name}: ${detail.message}` : name));
  }
  sockets[0].onopen();
  sockets[0].say("init", init);
  await settle();
  await settle();
  return { worker, heard, socket: sockets[0] };
}

beforeEach(() => {
  sockets = [];
  requests = [];
  answers = {};
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  Object.assign(globalThis, { WebSocket: FakeSocket, fetch: fakeFetch });
});

afterEach(() => mock.timers.reset());

test("a Worker says its token and its wishes, and loads what it has", async () => {
  const { worker, heard } = await ready([RESERVATION]);
  assert.equal(sockets[0].url, "ws://bridge/v1/wschannels?token=t0&closeExistingSessions=false&clientVersion=2.1.1");
  assert.deepEqual(
    requests.map(({ body, headers }) => [body.url.replace("Workspaces/WS1/", ""), headers.apiVersion]),
    [
      ["Workers/WK1", "v1"],
      ["Activities", "v1"],
      ["Workers/WK1/WorkerChannels", "v1"],
      ["Workers/WK1/Reservations", "v2"],
    ],
  );
  assert.deepEqual(requests[3].body.params, { PageSize: 1000, Active: "true" });
  assert.deepEqual(heard, ["ready"]);
  assert.deepEqual([worker.name, worker.activity?.name], ["Alice", "Offline"]);
  assert.deepEqual(worker.reservations.get("WR1")?.task.attributes, { a: 1 });
});

test("without the server's address it is Twilio's, in its region", () => {
  assert.equal(new Bridge("t").url, "https://event-bridge.twilio.com/v1/wschannels");
  assert.equal(new Bridge("t", { region: "us1" }).url, "https://event-bridge.twilio.com/v1/wschannels");
  assert.equal(new Bridge("t", { region: "ie1" }).socketUrl, "wss://event-bridge.ie1.twilio.com/v1/wschannels");
});

test("what happens while it loads is heard afterwards", async () => {
  const worker = new Worker("t0", OPTIONS);
  /** @type {string[]} */ const heard = [];
  worker.on("ready", () => heard.push("ready"));
  worker.on("reservationCreated", ({ sid }) => heard.push(sid));
  sockets[0].say("init", INIT);
  sockets[0].say("reservation.created", RESERVATION);
  answers["GET Workspaces/WS1/Workers/WK1"] = { date_updated: 1 };
  await settle();
  await settle();
  assert.deepEqual(heard, ["ready", "WR1"]);
});

test("a Reservation is accepted by its answer, and its Task by the event", async () => {
  const { worker, heard, socket } = await ready();
  socket.say("reservation.created", RESERVATION);
  assert.deepEqual(heard, ["ready", "reservationCreated"]);
  const reservation = /** @type {any} */ (worker.reservations.get("WR1"));
  /** @type {string[]} */ const events = [];
  reservation.on("accepted", () => events.push("accepted"));
  answers["POST Workspaces/WS1/Workers/WK1/Reservations/WR1"] = { reservation_status: "accepted", date_updated: 6 };
  await reservation.accept();
  assert.deepEqual([reservation.status, reservation.task.status, events], ["accepted", "reserved", []]);
  assert.deepEqual(requests.at(-1)?.body.params, { ReservationStatus: "accepted" });
  const task = { ...TASK, assignment_status: "assigned" };
  socket.say("reservation.accepted", { ...RESERVATION, reservation_status: "accepted", task });
  assert.deepEqual([reservation.task.status, events], ["assigned", ["accepted"]]);
});

test("what is over leaves the map at once, and its Task is heard for five seconds more", async () => {
  const { worker, socket } = await ready([RESERVATION]);
  const reservation = /** @type {any} */ (worker.reservations.get("WR1"));
  /** @type {string[]} */ const events = [];
  reservation.on("completed", () => events.push("reservation"));
  reservation.task.on("completed", () => events.push("task"));
  socket.say("reservation.completed", { ...RESERVATION, reservation_status: "completed" });
  assert.equal(worker.reservations.size, 0);
  socket.say("task.completed", { ...TASK, assignment_status: "completed" });
  mock.timers.tick(5_000);
  socket.say("task.completed", TASK);
  assert.deepEqual(events, ["reservation", "task"]);
});

test("an event about what it does not know is passed over", async () => {
  const { heard, socket } = await ready();
  for (const name of ["reservation.accepted", "task.updated", "task.transfer-failed", "worker.capacity.update", "x"]) {
    socket.say(name, { sid: "WR9" });
  }
  assert.deepEqual(heard, ["ready"]);
});

test("a transfer is one, whoever tells of it first, and is canceled", async () => {
  const { worker, socket } = await ready([RESERVATION]);
  const { task } = /** @type {any} */ (worker.reservations.get("WR1"));
  answers["POST Workspaces/WS1/Workers/WK1/Transfers"] = TRANSFER;
  await task.transfer("WK2", { mode: "WARM" });
  assert.deepEqual(requests.at(-1)?.body.params, { ReservationSid: "WR1", TaskSid: "WT1", To: "WK2", Mode: "WARM" });
  const { outgoing } = task.transfers;
  /** @type {string[]} */ const events = [];
  task.on("transferInitiated", (/** @type {any} */ each) => events.push(`initiated ${each === outgoing}`));
  outgoing.on("canceled", () => events.push(outgoing.status));
  socket.say("task.transfer-initiated", TRANSFER);
  answers["POST Workspaces/WS1/Workers/WK1/Transfers/TT1"] = { ...TRANSFER, transfer_status: "canceled" };
  await outgoing.cancel();
  assert.deepEqual(requests.at(-1)?.body.params, { TaskSid: "WT1", TransferStatus: "canceled" });
  socket.say("task.transfer-canceled", { ...TRANSFER, transfer_status: "canceled" });
  assert.deepEqual(events, ["initiated true", "canceled"]);
  socket.say("task.transfer-initiated", { ...TRANSFER, sid: "TT2" });
  assert.deepEqual([task.transfers.outgoing.sid, events.at(-1)], ["TT2", "initiated false"]);
});

test("a Reservation that a transfer brought says from whom", async () => {
  const { worker } = await ready([{ ...RESERVATION, task_transfer: { ...TRANSFER, initiating_worker_sid: "WK2" } }]);
  const { incoming, outgoing } = /** @type {any} */ (worker.reservations.get("WR1")).task.transfers;
  assert.deepEqual([incoming.workerSid, incoming.mode, outgoing], ["WK2", "WARM", null]);
});

test("an Activity is set, and is current when TaskRouter says so", async () => {
  const { worker, heard, socket } = await ready();
  const available = /** @type {any} */ (worker.activities.get("WA2"));
  const now = { sid: "WK1", activity_sid: "WA2", available: true, date_updated: 2 };
  answers["POST Workspaces/WS1/Workers/WK1"] = now;
  await available.setAsCurrent({ rejectPendingReservations: true });
  assert.deepEqual(requests.at(-1)?.body.params, { ActivitySid: "WA2", RejectPendingReservations: true });
  assert.ok(available.isCurrent);
  socket.say("worker.activity.update", { ...now, activity_sid: "WA1" });
  assert.deepEqual([available.isCurrent, heard.at(-1)], [false, "activityUpdated"]);
});

test("the waits are longer with each attempt, and half a minute at most", () => {
  assert.deepEqual([waitSeconds(1, 0), waitSeconds(1, 1)], [0.8, 1]);
  assert.deepEqual([waitSeconds(3, 1), waitSeconds(5, 1), waitSeconds(12, 1)], [7, 30, 30]);
});

test("a break is said, and it comes back by itself, later each time, and loads anew", async () => {
  const { heard, socket } = await ready();
  mock.method(Math, "random", () => 1);
  socket.onclose({ code: 1006, reason: "" });
  assert.equal(heard.at(-1), "disconnected: Websocket closed with errorCode=1006");
  for (const [number, seconds] of [1, 3, 7].entries()) {
    mock.timers.tick(seconds * 1000 - 1);
    assert.equal(sockets.length, number + 1, `not before ${seconds} s`);
    mock.timers.tick(1);
    assert.equal(sockets.length, number + 2);
    if (number < 2) sockets[number + 1].onclose({ code: 1006, reason: "" });
  }
  sockets[3].onopen();
  sockets[3].say("init", INIT);
  await settle();
  await settle();
  assert.equal(heard.at(-1), "ready");
  sockets[3].onclose({ code: 1000, reason: "a break" });
  mock.timers.tick(1_000);
  assert.equal(sockets.length, 5, "whoever was connected begins with the shortest wait");
  mock.restoreAll();
});

test("silence is a break, a heartbeat is none", async () => {
  const { heard, socket } = await ready();
  mock.timers.tick(30_000);
  socket.onmessage({ data: " " });
  mock.timers.tick(30_000);
  assert.deepEqual(heard, ["ready"]);
  mock.timers.tick(30_000);
  assert.deepEqual([heard.at(-1), socket.closed], ["disconnected: Connection lost", true]);
});

test("who disconnects stays away", async () => {
  const { worker, heard, socket } = await ready();
  worker.disconnect();
  assert.deepEqual([heard.at(-1), socket.closed], ["disconnected: SDK Disconnect", true]);
  mock.timers.tick(60_000);
  assert.equal(sockets.length, 1);
});

test("a token that ends is told 5 s before, and without a new one nobody comes back", async () => {
  const { worker, heard, socket } = await ready([], { ...INIT, token_lifetime: 20_000 });
  mock.timers.tick(14_999);
  assert.deepEqual(heard, ["ready"]);
  mock.timers.tick(1);
  assert.equal(heard.at(-1), "tokenExpired");
  socket.onclose({ code: 1000, reason: "token expired" });
  mock.timers.tick(60_000);
  assert.equal(sockets.length, 1);
  worker.updateToken("t1");
  assert.match(sockets[1].url, /token=t1&/);
});

test("a new token goes with the next request, and leaves the socket as it is", async () => {
  const { worker } = await ready();
  worker.updateToken("t1");
  assert.equal(sockets.length, 1);
  await worker.bridge.get("Workspaces/WS1/Activities");
  assert.equal(requests.at(-1)?.body.token, "t1");
});

test("what the bridge says against something, is an error by the SDK's names", async () => {
  const bridge = new Bridge("t", OPTIONS);
  answers = { "GET a": { status: 403, message: "Not yours." }, "GET b": { status: 503, message: "Full." } };
  await assert.rejects(bridge.get("a"), {
    name: "REQUEST_INVALID",
    message: "Request failed with status code 403. Not yours.",
  });
  await assert.rejects(bridge.get("b"), {
    name: "SERVER_ERROR",
    message: "Server responded with status code 503. Full.",
  });
  Object.assign(globalThis, { fetch: () => Promise.reject(new Error("gone")) });
  await assert.rejects(bridge.get("a"), { name: "NETWORK_ERROR", message: "Network error has occurred. gone" });
});

test("a list is read to its end", async () => {
  const pages = [
    { contents: [{ sid: "WK1" }], after_sid: "WK1" },
    { contents: [{ sid: "WK2" }], after_sid: null },
  ];
  /** @type {any[]} */ const asked = [];
  Object.assign(globalThis, {
    fetch: async (/** @type {string} */ _url, /** @type {any} */ init) => {
      asked.push(JSON.parse(init.body).params);
      return { ok: true, status: 200, json: async () => ({ payload: pages[asked.length - 1] }) };
    },
  });
  const found = await new Bridge("t", OPTIONS).list("Workspaces/WS1/Workers");
  assert.deepEqual([found.map(({ sid }) => sid), asked[1]], [["WK1", "WK2"], { PageSize: 1000, AfterSid: "WK1" }]);
});

test("a Workspace is that of the token, and knows whom there is", async () => {
  const said = { grants: { identity: "Zoë", task_router: { workspace_sid: "WS7" } } };
  const token = `x.${Buffer.from(JSON.stringify(said)).toString("base64url")}.y`;
  assert.deepEqual(claims(token), said);
  answers["GET Workspaces/WS7/Workers"] = { contents: [{ sid: "WK2", friendly_name: "Bob", activity_name: "Idle" }] };
  answers["GET Workspaces/WS7/TaskQueues"] = { contents: [{ sid: "WQ1", friendly_name: "Spanish" }] };
  const workspace = new Workspace(token, OPTIONS);
  assert.equal((await workspace.fetchWorkersInfo()).get("WK2")?.name, "Bob");
  assert.equal((await workspace.fetchTaskQueues()).get("WQ1")?.name, "Spanish");
});
