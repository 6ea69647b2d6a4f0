// @ts-check
// Whom a Task can be handed over to, and the call that does it.

import { call, short } from "./log.js";

/** @typedef {import("./small_client/records.js").Reservation} Reservation */
/** @typedef {import("./small_client/workspace.js").Workspace} Workspace */

/** @type {Map<string, string>} */
const names = new Map(); // of Workers and TaskQueues, by SID; empty for those that cannot be looked up

export class TransferForm {
  /**
   * @param {HTMLDetailsElement} root
   * @param {{ reservation: Reservation, workspace: Workspace, done: () => void }} parts
   */
  constructor(root, { reservation, workspace, done }) {
    this.reservation = reservation;
    this.workspace = workspace;
    this.done = done;
    this.root = root;
    this.form = /** @type {HTMLFormElement} */ (root.querySelector("form"));
    this.to = /** @type {HTMLSelectElement} */ (root.querySelector("select"));
    root.addEventListener("toggle", () => void (root.open && this.load()));
    this.to.addEventListener("focus", () => void this.load()); // colleagues come and go while the form is open
    this.form.addEventListener("input", () => this.drawCode());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.transfer();
    });
  }

  /** A Worker's or a TaskQueue's name, as soon as it was looked up. @param {string} sid */
  nameOf(sid) {
    return names.get(sid) || short(sid);
  }

  /** Look for a name that is not known yet, once; whether it was found. @param {string} sid */
  async learn(sid) {
    if (names.has(sid)) return false;
    names.set(sid, "");
    await this.load();
    return names.get(sid) !== "";
  }

  get mode() {
    return /** @type {"WARM" | "COLD"} */ (new FormData(this.form).get("mode"));
  }

  async load() {
    const { workspace } = this;
    try {
      const workers = await call("workspace.fetchWorkersInfo()", () => workspace.fetchWorkersInfo());
      const queues = await call("workspace.fetchTaskQueues()", () => workspace.fetchTaskQueues());
      for (const { sid, name } of [...workers.values(), ...queues.values()]) names.set(sid, name);
      const others = [...workers.values()].filter((each) => each.sid !== this.reservation.workerSid);
      const described = others.map(({ sid, name, activityName }) => ({ sid, name: `${name} (${activityName})` }));
      const chosen = this.to.value;
      this.to.replaceChildren(group("Workers", described), group("TaskQueues", [...queues.values()]));
      if (chosen) this.to.value = chosen;
      this.drawCode();
    } catch {
      // The log has what TaskRouter said; opened again, the list is asked for again.
    }
  }

  drawCode() {
    const code = /** @type {HTMLElement} */ (this.form.querySelector("code"));
    code.textContent = this.code(short(this.to.value));
  }

  /** @param {string} to */
  code(to) {
    return `reservation.task.transfer("${to}", { mode: "${this.mode}" })`;
  }

  async transfer() {
    const { task } = this.reservation;
    const [to, mode] = [this.to.value, this.mode];
    const button = /** @type {HTMLButtonElement} */ (this.form.querySelector("button"));
    if (button.ariaBusy === "true") return;
    button.ariaBusy = "true";
    try {
      await call(this.code(short(to)), () => task.transfer(to, { mode }));
      this.root.open = false;
      this.say("");
    } catch (error) {
      this.say(/** @type {Error} */ (error).message);
    }
    button.ariaBusy = "false";
    this.done();
  }

  /** @param {string} problem on the card that this form is a part of */
  say(problem) {
    const place = /** @type {HTMLElement} */ (this.root.parentElement?.querySelector(".problem"));
    place.textContent = problem;
    place.hidden = problem === "";
  }
}

/**
 * @param {string} label
 * @param {{ sid: string, name: string }[]} members
 */
function group(label, members) {
  const root = document.createElement("optgroup");
  root.label = label;
  for (const { sid, name } of members) root.append(new Option(name, sid));
  return root;
}
