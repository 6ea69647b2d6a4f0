// @ts-check
// The faults of a sandbox as switches: what of its callbacks and answers goes wrong, and how often.

import { button, press } from "../js/buttons.js";
import { el, keyed, setText, uniqueId } from "../js/dom.js";

/** @import { State, TimeAndFaults } from "./panel.js" */
/**
 * @typedef {object} Fault
 * @property {string} name
 * @property {string} title
 * @property {string} does
 * @property {boolean} rest whether it strikes REST requests; else callbacks
 * @property {number} probability from 0, which is off, to 1
 * @property {number | null} seconds by which it delays; null: it does not
 */
/** @typedef {ReturnType<typeof faultPart>} FaultPart */
/** @typedef {ReturnType<typeof createFault>} FaultRow */

const ALWAYS = 1;
const FOR_EVERYBODY =
  "For everybody who uses this sandbox, until they are switched off or the sandbox ends. A real account never has any.";

/** @param {TimeAndFaults} it */
export function faultPart(it) {
  const parts = {
    count: el("span", { class: "lk-soft", role: "status" }),
    off: button("Switch all off", "quiet", () => switchAllOff(it), { data: { acts: true } }),
    callbacks: el("ul", { class: "lk-faults-list", "aria-labelledby": uniqueId("callbacks") }),
    rest: el("ul", { class: "lk-faults-list", "aria-labelledby": uniqueId("rest") }),
  };
  const title = el("div", { class: "lk-faults-title", text: "Faults" });
  const root = el(
    "section",
    { class: "lk-faults", "aria-label": "Faults" },
    el("div", { class: "lk-faults-head" }, title, parts.count, parts.off),
    ...titled(parts.callbacks, "Callbacks"),
    ...titled(parts.rest, "REST requests"),
    el("p", { class: "lk-soft lk-faults-foot", text: FOR_EVERYBODY }),
  );
  return { root, ...parts };
}

/**
 * @param {Element} list
 * @param {string} text
 */
const titled = (list, text) => [
  el("div", { class: "lk-faults-group", id: list.getAttribute("aria-labelledby"), text }),
  list,
];

/**
 * @param {Fault} fault
 * @param {TimeAndFaults} it
 */
function createFault(fault, it) {
  const [name, does] = [uniqueId("fault"), uniqueId("does")];
  const parts = {
    on: el("input", { type: "checkbox", role: "switch", "aria-labelledby": name, "aria-describedby": does }),
    state: el("span", { class: "lk-soft lk-instead" }),
    said: el("div", { class: "lk-problem", role: "alert", hidden: true }),
    ...howOften(fault),
  };
  const title = el(
    "div",
    { class: "lk-fault-title" },
    el("span", { id: name, text: fault.title }),
    el("code", { class: "lk-mono lk-soft", text: fault.name }),
  );
  const words = el("div", { class: "lk-soft", id: does, text: fault.does });
  const root = el(
    "li",
    { class: "lk-fault", data: { name: fault.name } },
    el("span", { class: "lk-switch" }, el("span", { data: { acts: true } }, parts.on), parts.state),
    el("div", { class: "lk-fault-words" }, title, words, parts.said),
    parts.how,
  );
  const row = { root, ...parts, fault };
  parts.on.addEventListener("change", () => switchFault(it, row));
  parts.chance.addEventListener("input", () => showChance(row));
  for (const each of [parts.chance, parts.seconds]) {
    each.addEventListener("change", () => row.fault.probability && switchFault(it, row));
  }
  return row;
}

/**
 * How often it strikes, and by how much it delays.
 *
 * @param {Fault} fault
 */
function howOften({ title, probability, seconds: by }) {
  const chance = el("input", { type: "range", min: "5", max: "100", step: "5", "aria-label": `How often: ${title}` });
  const seconds = el("input", { type: "number", min: "0", max: "60", step: "0.5", "aria-label": `Seconds: ${title}` });
  const shown = el("output", { class: "lk-fault-chance" });
  const [before, after] = ["by", "s"].map((text) => el("span", { class: "lk-soft", text }));
  const late = by === null ? null : el("label", { class: "lk-fault-late" }, before, seconds, after);
  chance.value = String(100 * (probability || ALWAYS));
  if (by !== null) seconds.value = String(by);
  const how = el(
    "div",
    { class: "lk-fault-how", data: { acts: true } },
    chance,
    shown,
    el("div", { class: "lk-fault-by" }, late),
  );
  return { chance, seconds, shown, how };
}

/** @param {FaultRow} row */
function showChance({ chance, shown }) {
  const percent = Number(chance.value);
  setText(shown, `${percent} %`);
  chance.style.setProperty("--lk-part", `${percent}%`);
}

/**
 * @param {FaultRow} row
 * @param {Fault} fault
 */
function updateFault(row, fault) {
  row.fault = fault;
  const on = fault.probability > 0;
  const held = document.activeElement;
  row.root.dataset.on = String(on);
  if (!row.on.disabled) row.on.checked = on;
  if (on && held !== row.chance) row.chance.value = String(100 * fault.probability);
  if (on && fault.seconds !== null && held !== row.seconds) row.seconds.value = String(fault.seconds);
  showChance(row);
  setText(row.state, on ? row.shown.textContent : "off");
}

/**
 * @param {TimeAndFaults} it
 * @param {FaultRow} row
 */
async function switchFault(it, row) {
  const { fault, on } = row;
  const seconds = fault.seconds === null ? Number.NaN : row.seconds.valueAsNumber;
  const probability = on.checked ? Number(row.chance.value) / 100 : 0;
  on.disabled = true;
  const wanted = { name: fault.name, probability, seconds: Number.isFinite(seconds) ? seconds : null };
  const answer = await it.wire.ask("fault", wanted);
  on.disabled = false;
  on.checked = row.fault.probability > 0;
  if (document.activeElement === document.body) on.focus();
  row.said.hidden = answer.ok;
  setText(row.said, answer.ok ? "" : answer.text);
  if (answer.ok) it.result.tell(answer, () => `${fault.title}: ${probability ? row.shown.textContent : "off"}.`);
}

/** @param {TimeAndFaults} it */
async function switchAllOff(it) {
  const answer = await press(it.faults.off, "Switching off…", () => it.wire.ask("faults_off"));
  it.result.tell(answer, () => "All faults are off.");
}

/** @param {Fault[]} faults */
export const countOn = (faults) => faults.filter((fault) => fault.probability > 0).length;

/**
 * @param {TimeAndFaults} it
 * @param {State} state
 */
export function drawFaults(it, { faults }) {
  for (const rest of [false, true]) {
    keyed(
      rest ? it.faults.rest : it.faults.callbacks,
      faults.filter((fault) => fault.rest === rest),
      (fault) => fault.name,
      (fault) => createFault(fault, it),
      updateFault,
    );
  }
  const on = countOn(faults);
  setText(it.faults.count, on ? `${on} on` : "none on");
  it.faults.root.dataset.on = String(on > 0);
  if (!it.faults.off.hasAttribute("aria-busy")) it.faults.off.disabled = !on;
}
