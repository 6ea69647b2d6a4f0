// @ts-check
// A Reservation as a card: what it is about, how long there is left, and the calls that can be made now.

import { call, clockIsPast, log, now, short } from "./log.js";
import { TransferForm } from "./transfer_form.js";

/** @typedef {import("./small_client/records.js").Reservation} Reservation */
/** @typedef {import("./small_client/workspace.js").Workspace} Workspace */

const SHOWN_WHEN_OVER_MS = 5_000;

/** Every call that a Worker can make about a Reservation, and in which status. */
const CALLS = [
  {
    label: "Accept",
    code: "reservation.accept()",
    when: ["pending"],
    run: (/** @type {Reservation} */ reservation) => reservation.accept(),
  },
  {
    label: "Reject",
    code: "reservation.reject()",
    when: ["pending"],
    run: (/** @type {Reservation} */ reservation) => reservation.reject(),
  },
  {
    label: "Wrap up",
    code: "reservation.wrap()",
    when: ["accepted"],
    run: (/** @type {Reservation} */ reservation) => reservation.wrap(),
  },
  {
    label: "Complete",
    code: "reservation.complete()",
    when: ["accepted", "wrapping"],
    run: (/** @type {Reservation} */ reservation) => reservation.complete(),
  },
];
const OVER = ["rejected", "completed", "canceled", "timeout", "rescinded"];
const LOOKS = /** @type {Record<string, string>} */ ({ pending: "now", accepted: "good", wrapping: "wait" });

export class Card {
  /**
   * @param {Reservation} reservation
   * @param {Workspace} workspace knows whom it can be handed over to
   */
  constructor(reservation, workspace) {
    this.reservation = reservation;
    this.timeout = reservation.timeout; // the SDK forgets it when it is answered
    const template = /** @type {HTMLTemplateElement} */ (document.getElementById("reservation"));
    const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
    this.root = /** @type {HTMLElement} */ (copy.firstElementChild);
    this.form = new TransferForm(this.part("details"), { reservation, workspace, done: () => this.draw() });
    this.buttons = CALLS.map((each) => this.makeButton(each));
    this.part(".outgoing button").addEventListener("click", () => this.cancelTransfer());
    this.listen();
    this.draw();
  }

  /** @param {string} selector @returns {any} */
  part(selector) {
    return this.root.querySelector(selector);
  }

  /** Hear all that the SDK tells of this Reservation, of its Task, and of a transfer that this Worker has begun. */
  listen() {
    const { reservation } = this;
    for (const name of ["accepted", "wrapup", ...OVER]) this.hear(reservation, "reservation", name);
    for (const name of ["updated", "wrapup", "completed", "canceled"]) this.hear(reservation.task, "task", name);
    reservation.task.on("transferInitiated", (outgoing) => {
      log("event", 'task.on("transferInitiated")', `to ${this.form.nameOf(outgoing.to)}`);
      this.hearTransfer(outgoing);
    });
    if (reservation.task.transfers.outgoing) this.hearTransfer(reservation.task.transfers.outgoing);
  }

  /** @param {any} outgoing */
  hearTransfer(outgoing) {
    for (const name of ["completed", "failed", "attemptFailed", "canceled"]) this.hear(outgoing, "outgoing", name);
    this.draw();
  }

  /**
   * @param {{ on(name: string, listener: () => void): unknown }} source
   * @param {string} what
   * @param {string} name
   */
  hear(source, what, name) {
    source.on(name, () => {
      clockIsPast(this.reservation.dateUpdated);
      const { sid, status, task } = this.reservation;
      log("event", `${what}.on("${name}")`, `${short(sid)} is ${status}, ${short(task.sid)} is ${task.status}`);
      this.draw();
    });
  }

  /** @param {typeof CALLS[number]} each */
  makeButton({ label, code, when, run }) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.className = label === "Accept" ? "main" : "";
    const shown = document.createElement("code");
    shown.textContent = code;
    const root = document.createElement("span");
    root.className = "call";
    root.append(button, shown);
    button.addEventListener("click", () => this.press(button, () => call(code, () => run(this.reservation))));
    this.part(".controls").append(root);
    return { root, when };
  }

  cancelTransfer() {
    const { outgoing } = this.reservation.task.transfers;
    if (!outgoing) return;
    const code = "reservation.task.transfers.outgoing.cancel()";
    void this.press(this.part(".outgoing button"), () => call(code, () => outgoing.cancel()));
  }

  /**
   * One call at a time from one button; what TaskRouter says against it stands on the card.
   *
   * @param {HTMLButtonElement} button
   * @param {() => Promise<unknown>} run
   */
  async press(button, run) {
    if (button.ariaBusy === "true") return;
    button.ariaBusy = "true"; // not disabled: whoever uses the keyboard would lose their place
    this.say("");
    try {
      await run();
    } catch (error) {
      this.say(/** @type {Error} */ (error).message);
    }
    button.ariaBusy = "false";
    this.draw();
  }

  /** @param {string} problem */
  say(problem) {
    const place = this.part(".problem");
    place.textContent = problem;
    place.hidden = problem === "";
  }

  get isOver() {
    return OVER.includes(this.reservation.status);
  }

  draw() {
    const { status, task, sid } = this.reservation;
    const focused = this.root.contains(document.activeElement);
    this.root.dataset.sid = sid;
    this.root.dataset.look = LOOKS[status] ?? "";
    this.root.classList.toggle("over", this.isOver);
    this.part("h3").textContent = `Task ${short(task.sid)}`;
    this.part(".status").textContent = `Reservation ${status}`;
    this.part(".status").dataset.look = LOOKS[status] ?? "";
    list(this.part(".facts"), {
      "Task status": task.status,
      TaskQueue: task.queueName ?? "",
      Channel: task.taskChannelUniqueName,
      Reservation: short(sid),
    });
    list(this.part(".attributes"), task.attributes);
    for (const { root, when } of this.buttons) root.hidden = !when.includes(status);
    this.drawTransfers();
    this.tick();
    if (focused && document.activeElement?.closest("[hidden]")) this.root.focus();
  }

  drawTransfers() {
    const { incoming, outgoing } = this.reservation.task.transfers;
    for (const sid of [incoming?.workerSid, outgoing?.to]) {
      if (sid) void this.form.learn(sid).then((found) => found && this.draw());
    }
    const came = this.part(".incoming");
    came.hidden = !incoming;
    if (incoming) came.textContent = `A ${incoming.mode} transfer from ${this.form.nameOf(incoming.workerSid)}.`;
    const goes = this.part(".outgoing");
    goes.hidden = !outgoing || this.isOver;
    if (outgoing) {
      const why = outgoing.transferFailedReason ? `: ${outgoing.transferFailedReason}` : "";
      goes.querySelector("p").textContent =
        `${outgoing.mode} transfer to ${this.form.nameOf(outgoing.to)}: ${outgoing.status}${why}`;
      goes.querySelector(".call").hidden = outgoing.status !== "initiated";
    }
    const underWay = outgoing?.status === "initiated";
    this.part(".form").hidden = this.reservation.status !== "accepted" || underWay;
  }

  /** How long there is left to answer. */
  tick() {
    const { timeout } = this;
    const { status, dateCreated } = this.reservation;
    const countdown = this.part(".countdown");
    countdown.hidden = status !== "pending";
    const left = Math.max(0, Math.ceil((dateCreated.getTime() + timeout * 1000 - now()) / 1000));
    countdown.querySelector("progress").max = timeout;
    countdown.querySelector("progress").value = left;
    countdown.querySelector("span").textContent = left > 0 ? `${minutes(left)} left` : "any moment now";
  }

  /** It is over: it is seen for a moment longer. */
  leave() {
    setTimeout(() => {
      if (this.root.contains(document.activeElement)) document.getElementById("work-title")?.focus();
      this.root.remove();
    }, SHOWN_WHEN_OVER_MS);
  }
}

/** @param {number} seconds as 1:05 */
const minutes = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

/**
 * Names and values, as text: attributes come from strangers.
 *
 * @param {HTMLElement} place
 * @param {Record<string, unknown>} values
 */
function list(place, values) {
  place.replaceChildren();
  for (const [name, value] of Object.entries(values)) {
    const [term, described] = [document.createElement("dt"), document.createElement("dd")];
    term.textContent = name;
    described.textContent = typeof value === "string" ? value : JSON.stringify(value);
    place.append(term, described);
  }
}
