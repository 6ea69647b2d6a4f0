// @ts-check
// What a Worker has: Activities, channels, Reservations, their Tasks, and transfers. Each knows the calls that change it.

import { Emitter } from "./emitter.js";

/** @typedef {import("./bridge.js").Bridge} Bridge */
/** @typedef {import("./bridge.js").Payload} Payload */
/** @typedef {import("./worker.js").Worker} Worker */

/** @param {number} seconds since 1970 */
export const moment = (seconds) => new Date(seconds * 1000);

/** @param {string} text @returns {Record<string, unknown>} */
export const attributesOf = (text) => JSON.parse(text || "{}");

export class Activity {
  /**
   * @param {Payload} payload
   * @param {Worker} worker
   */
  constructor(payload, worker) {
    this.sid = String(payload.sid);
    this.name = String(payload.friendly_name);
    this.available = Boolean(payload.available);
    this.worker = worker;
  }

  get isCurrent() {
    return this.worker.activity === this;
  }

  /** Have the Worker be in this Activity. @param {{ rejectPendingReservations?: boolean }} [options] */
  async setAsCurrent({ rejectPendingReservations } = {}) {
    const reject = rejectPendingReservations ? { RejectPendingReservations: true } : {};
    await this.worker.change({ ActivitySid: this.sid, ...reject });
    return this;
  }
}

export class Channel extends Emitter {
  /** @param {Payload} payload */
  constructor(payload) {
    super();
    this.sid = String(payload.sid);
    this.taskChannelUniqueName = String(payload.task_channel_unique_name);
    this.update(payload);
  }

  /** @param {Payload} payload */
  update(payload) {
    this.capacity = payload.configured_capacity;
    this.assignedTasks = payload.assigned_tasks;
    this.available = Boolean(payload.available);
  }
}

class Transfer extends Emitter {
  /** @param {Payload} payload */
  constructor(payload) {
    super();
    this.sid = String(payload.sid);
    this.mode = String(payload.transfer_mode);
    this.type = String(payload.transfer_type);
    this.to = String(payload.transfer_to);
    this.reservationSid = String(payload.initiating_reservation_sid);
    this.workerSid = String(payload.initiating_worker_sid);
    this.status = this.transferFailedReason = "";
    this.update(payload);
  }

  /** @param {Payload} payload */
  update(payload) {
    this.status = String(payload.transfer_status);
    this.transferFailedReason = payload.transfer_failed_reason ?? "";
  }
}

/** A transfer that somebody else began, and that brought this Reservation. */
export class IncomingTransfer extends Transfer {}

/** A transfer that this Worker began. Events: `completed`, `failed`, `attemptFailed`, `canceled`. */
export class OutgoingTransfer extends Transfer {
  /**
   * @param {Payload} payload
   * @param {Task} task
   */
  constructor(payload, task) {
    super(payload);
    this.task = task;
  }

  /** Take it back. */
  async cancel() {
    const { bridge, path } = this.task.worker;
    const params = { TaskSid: this.task.sid, TransferStatus: "canceled" };
    this.update(await bridge.post(`${path}/Transfers/${this.sid}`, params, "v2"));
    return this;
  }
}

/** Events: `updated`, `wrapup`, `completed`, `canceled`; `transferInitiated` (OutgoingTransfer). */
export class Task extends Emitter {
  /**
   * @param {Payload} payload
   * @param {Worker} worker
   * @param {string} reservationSid
   */
  constructor(payload, worker, reservationSid) {
    super();
    this.sid = String(payload.sid);
    this.worker = worker;
    this.reservationSid = reservationSid;
    /** @type {{ incoming: IncomingTransfer | null, outgoing: OutgoingTransfer | null }} */
    this.transfers = { incoming: null, outgoing: null };
    this.status = this.queueName = this.taskChannelUniqueName = "";
    /** @type {Record<string, unknown>} */ this.attributes = {};
    this.update(payload);
  }

  /** @param {Payload} payload */
  update(payload) {
    this.status = String(payload.assignment_status);
    this.attributes = attributesOf(payload.attributes);
    this.priority = payload.priority;
    this.age = payload.age;
    this.reason = payload.reason;
    this.queueName = payload.queue_name ?? "";
    this.queueSid = payload.queue_sid;
    this.workflowName = payload.workflow_name;
    this.taskChannelUniqueName = payload.task_channel_unique_name;
    this.dateCreated = moment(payload.date_created);
    this.dateUpdated = moment(payload.date_updated);
  }

  /**
   * Hand it over to a Worker or to a TaskQueue.
   *
   * @param {string} to their SID
   * @param {{ mode?: "WARM" | "COLD", priority?: number }} [options]
   */
  async transfer(to, { mode, priority } = {}) {
    const params = { ReservationSid: this.reservationSid, TaskSid: this.sid, To: to, Mode: mode, Priority: priority };
    const { bridge, path } = this.worker;
    this.startTransfer(await bridge.post(`${path}/Transfers`, params, "v2"));
    return this;
  }

  /** The answer to the request or the event that tells of it, whichever comes first. @param {Payload} payload */
  startTransfer(payload) {
    const known = this.transfers.outgoing;
    if (known === null || known.sid !== payload.sid) this.transfers.outgoing = new OutgoingTransfer(payload, this);
    return /** @type {OutgoingTransfer} */ (this.transfers.outgoing);
  }
}

/** Events: `accepted`, `rejected`, `wrapup`, `completed`, `canceled`, `rescinded`, `timeout`. */
export class Reservation extends Emitter {
  /**
   * @param {Payload} payload
   * @param {Worker} worker
   */
  constructor(payload, worker) {
    super();
    this.sid = String(payload.sid);
    this.status = "";
    this.worker = worker;
    this.workerSid = String(payload.worker_sid);
    this.timeout = Number(payload.reservation_timeout);
    this.dateCreated = this.dateUpdated = moment(payload.date_created);
    this.task = new Task(payload.task, worker, this.sid);
    this.update(payload);
  }

  /** @param {Payload} payload the answer to a change has no Task in it, an event has */
  update(payload) {
    this.status = String(payload.reservation_status);
    this.dateUpdated = moment(payload.date_updated);
    this.canceledReasonCode = payload.canceled_reason_code;
    const { transfers } = this.task;
    if (payload.task) this.task.update(payload.task);
    if (payload.task_transfer) transfers.incoming = new IncomingTransfer(payload.task_transfer);
    if (payload.active_outgoing_task_transfer) this.task.startTransfer(payload.active_outgoing_task_transfer);
  }

  accept() {
    return this.#become("accepted");
  }

  /** @param {{ activitySid?: string }} [options] the Activity in which the Worker is from then on */
  reject({ activitySid } = {}) {
    return this.#become("rejected", { WorkerActivitySid: activitySid });
  }

  wrap() {
    return this.#become("wrapping");
  }

  complete() {
    return this.#become("completed");
  }

  /**
   * @param {string} status
   * @param {Payload} [params]
   */
  async #become(status, params = {}) {
    const { bridge, path } = this.worker;
    this.update(await bridge.post(`${path}/Reservations/${this.sid}`, { ReservationStatus: status, ...params }));
    return this;
  }
}
