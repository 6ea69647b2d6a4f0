// @ts-check
// A Worker: signs in, loads what it has, and hears what happens to it.

import { Bridge } from "./bridge.js";
import { Emitter } from "./emitter.js";
import { Activity, attributesOf, Channel, moment, Reservation } from "./records.js";
import { Socket } from "./socket.js";

/** @typedef {import("./bridge.js").Payload} Payload */

const STILL_KNOWN_MS = 5_000; // of a Reservation that is over: its Task's last events come after it

/** What each event of TaskRouter is called for a page. */
const RESERVATION_EVENTS = /** @type {Record<string, string>} */ ({
  "reservation.accepted": "accepted",
  "reservation.wrapup": "wrapup",
  "reservation.rejected": "rejected",
  "reservation.completed": "completed",
  "reservation.canceled": "canceled",
  "reservation.timeout": "timeout",
  "reservation.rescinded": "rescinded",
});
const STILL_OPEN = ["accepted", "wrapup"];
const TASK_EVENTS = /** @type {Record<string, string>} */ ({
  "task.updated": "updated",
  "task.canceled": "canceled",
  "task.completed": "completed",
  "task.wrapup": "wrapup",
});
const TRANSFER_EVENTS = /** @type {Record<string, string>} */ ({
  "task.transfer-initiated": "transferInitiated",
  "task.transfer-completed": "completed",
  "task.transfer-failed": "failed",
  "task.transfer-attempt-failed": "attemptFailed",
  "task.transfer-canceled": "canceled",
});

/**
 * Events: `ready`, `disconnected` ({message}), `tokenExpired`, `tokenUpdated`, `error` (Error), `activityUpdated`,
 * `attributesUpdated`, `reservationCreated` (Reservation), `reservationFailed` (what it was for).
 */
export class Worker extends Emitter {
  /** @type {Socket} */ #socket;
  #loaded = false;
  /** @type {[string, Payload][]} */ #waiting = [];
  /** @type {Reservation[]} */ #over = [];

  /**
   * @param {string} token an access token for this Worker
   * @param {import("./bridge.js").Options} [options]
   */
  constructor(token, options = {}) {
    super();
    this.bridge = new Bridge(token, options);
    this.options = options;
    this.sid = this.name = this.workspaceSid = this.activitySid = "";
    this.available = false;
    /** @type {Record<string, unknown>} */ this.attributes = {};
    /** @type {Map<string, Activity>} */ this.activities = new Map();
    /** @type {Map<string, Channel>} */ this.channels = new Map();
    /** @type {Map<string, Reservation>} */ this.reservations = new Map();
    this.#socket = new Socket(this.bridge, options);
    this.#listen();
    this.#socket.open();
  }

  /** Its own path in the bridge. */
  get path() {
    return `Workspaces/${this.workspaceSid}/Workers/${this.sid}`;
  }

  get activity() {
    return this.activities.get(this.activitySid);
  }

  /** Leave, and hear of nothing any more. */
  disconnect() {
    this.#socket.disconnect();
  }

  /** @param {string} token in place of the one before */
  updateToken(token) {
    this.bridge.token = token;
    this.#socket.tokenUpdated();
    this.emit("tokenUpdated");
  }

  /** Change the Worker itself. @param {Payload} params */
  async change(params) {
    this.#update(await this.bridge.post(this.path, params));
    return this;
  }

  #listen() {
    this.#socket.on("disconnected", (why) => this.emit("disconnected", why));
    this.#socket.on("tokenExpired", () => this.emit("tokenExpired"));
    this.#socket.on("error", (error) => this.emit("error", error));
    this.#socket.on("message", (name, payload) => {
      if (name === "init") void this.#begin(payload);
      else if (this.#loaded) this.#hear(name, payload);
      else this.#waiting.push([name, payload]);
    });
  }

  /** What comes first on each socket says who this is; then everything is loaded, after a break too. @param {Payload} init */
  async #begin(init) {
    this.sid = init.channel_id;
    this.workspaceSid = init.workspace_sid;
    this.#loaded = false;
    this.#waiting = [];
    try {
      await this.#load();
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      this.emit("error", new Error(`Failed to initialize Worker ${this.sid}. ${message}`));
      return;
    }
    this.#loaded = true;
    const { connectActivitySid } = this.options;
    if (connectActivitySid) void this.activities.get(connectActivitySid)?.setAsCurrent();
    this.emit("ready", this);
    for (const [name, payload] of this.#waiting.splice(0)) this.#hear(name, payload);
  }

  async #load() {
    const { bridge, path } = this;
    this.#update(await bridge.get(path));
    const [activities, channels, reservations] = await Promise.all([
      bridge.list(`Workspaces/${this.workspaceSid}/Activities`),
      bridge.list(`${path}/WorkerChannels`),
      bridge.list(`${path}/Reservations`, { Active: "true" }, "v2"),
    ]);
    this.activities = new Map(activities.map((each) => [each.sid, new Activity(each, this)]));
    this.channels = new Map(channels.map((each) => [each.sid, new Channel(each)]));
    this.reservations = new Map(reservations.map((each) => [each.sid, new Reservation(each, this)]));
  }

  /** @param {Payload} payload */
  #update(payload) {
    this.name = payload.friendly_name;
    this.attributes = attributesOf(payload.attributes);
    this.available = Boolean(payload.available);
    this.activitySid = payload.activity_sid;
    this.dateUpdated = moment(payload.date_updated);
  }

  /**
   * @param {string} name
   * @param {Payload} payload
   */
  #hear(name, payload) {
    if (name === "reservation.created") this.#hearOfReservation(payload);
    else if (name === "reservation.failed") this.emit("reservationFailed", payload);
    else if (name in RESERVATION_EVENTS) this.#hearFromReservation(RESERVATION_EVENTS[name], payload);
    else if (name in TASK_EVENTS) this.#hearFromTask(TASK_EVENTS[name], payload);
    else if (name in TRANSFER_EVENTS) this.#hearFromTransfer(TRANSFER_EVENTS[name], payload);
    else this.#hearFromWorker(name, payload);
  }

  /** @param {Payload} payload */
  #hearOfReservation(payload) {
    const reservation = new Reservation(payload, this);
    this.reservations.set(reservation.sid, reservation);
    this.emit("reservationCreated", reservation);
  }

  /**
   * @param {string} name
   * @param {Payload} payload
   */
  #hearFromReservation(name, payload) {
    const reservation = this.reservations.get(payload.sid);
    if (reservation === undefined) return;
    reservation.update(payload);
    if (!STILL_OPEN.includes(name)) this.#end(reservation);
    reservation.emit(name, reservation);
  }

  /** @param {Reservation} reservation */
  #end(reservation) {
    this.reservations.delete(reservation.sid);
    this.#over.push(reservation);
    setTimeout(() => this.#over.shift(), STILL_KNOWN_MS);
  }

  /**
   * @param {string} name
   * @param {Payload} payload
   */
  #hearFromTask(name, payload) {
    for (const { task } of [...this.reservations.values(), ...this.#over]) {
      if (task.sid !== payload.sid) continue;
      task.update(payload);
      task.emit(name, task);
    }
  }

  /**
   * @param {string} name
   * @param {Payload} payload
   */
  #hearFromTransfer(name, payload) {
    const known = [...this.reservations.values(), ...this.#over];
    const task = known.find((each) => each.sid === payload.initiating_reservation_sid)?.task;
    if (task === undefined) return;
    const outgoing = task.startTransfer(payload);
    outgoing.update(payload);
    if (name === "transferInitiated") task.emit(name, outgoing);
    else outgoing.emit(name, outgoing);
  }

  /**
   * @param {string} name
   * @param {Payload} payload
   */
  #hearFromWorker(name, payload) {
    const channel = this.channels.get(payload.sid);
    if (name === "worker.activity.update" || name === "worker.attributes.update") this.#update(payload);
    if (name === "worker.activity.update") this.emit("activityUpdated", this);
    if (name === "worker.attributes.update") this.emit("attributesUpdated", this);
    if (name === "worker.capacity.update") channel?.update(payload);
    if (name === "worker.capacity.update") channel?.emit("capacityUpdated", channel);
    if (name === "worker.channel.availability.update") channel?.update(payload);
    if (name === "worker.channel.availability.update") channel?.emit("availabilityUpdated", channel);
  }
}
