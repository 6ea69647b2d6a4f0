// @ts-check
// What the buttons do. What cannot be taken back is asked for once more, with what it will do.

import { el, setText } from "../../../labkit/widgets/js/dom.js";
import { ask } from "./asking.js";
import { part } from "./part.js";

/** @typedef {import("./types.js").WallState} WallState */

/**
 * Say what came of a click, beside the title of its section, and there alone. A line below the buttons would be pushed out of a low screen by
 * what the callers add to the queues above.
 *
 * @param {HTMLButtonElement} button
 * @param {string} text
 * @param {boolean} [bad]
 */
function say(button, text, bad = false) {
  const line = /** @type {HTMLElement} */ (button.closest("section")?.querySelector(".said"));
  for (const other of document.querySelectorAll(".said")) if (other !== line) setText(other, "");
  setText(line, text);
  line.dataset.look = bad ? "bad" : "good";
  line.scrollIntoView({ block: "nearest" });
}

/**
 * Do it, and say what came of it.
 *
 * @param {HTMLButtonElement} button
 * @param {() => Promise<string>} work
 */
async function run(button, work) {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  try {
    say(button, await work());
  } catch (error) {
    say(button, /** @type {Error} */ (error).message, true);
  } finally {
    button.removeAttribute("aria-busy");
  }
}

/** @param {string} question @returns {Promise<boolean>} */
function sure(question) {
  const dialog = part("confirm");
  setText(part("confirm-text"), question);
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

/** @param {string} question @param {() => Promise<string>} work @returns {() => Promise<string>} */
const afterYes = (question, work) => async () => ((await sure(question)) ? work() : "Nothing was done.");

/** What the form asks for. @param {string} kind @param {FormData} form */
function callersAsked(kind, form) {
  const number = (/** @type {string} */ name) => Number(form.get(name));
  const race = form.get("race") === "on";
  if (kind === "burst") return { kind, race, number: number("burst-number") };
  if (kind === "steady") return { kind, race, per_minute: number("steady-rate"), minutes: number("steady-minutes") };
  if (kind === "day") return { kind, race, number: number("day-number"), minutes: number("day-minutes") };
  return { kind, race };
}

function connectCallers() {
  part("callers").addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const button = /** @type {HTMLButtonElement} */ (event.submitter);
    const asked = callersAsked(button.value, new FormData(part("callers")));
    run(button, async () => `${(await ask("POST", "wall/callers", asked)).said}: coming in.`);
  });
  part("stop-callers").addEventListener("click", () => {
    run(part("stop-callers"), async () => {
      await ask("DELETE", "wall/callers");
      return "No more callers come in.";
    });
  });
}

function connectSetBack() {
  const scene = "End every Task, stop the callers, and have everybody who is there Available?";
  part("scene").addEventListener("click", () => {
    run(
      part("scene"),
      afterYes(scene, async () => (await ask("POST", "wall/scene", {})).said),
    );
  });
  part("set-back").addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const name = part("who").value;
    const question = `Give ${name} new copies of all notebooks? The old ones are kept beside them.`;
    const work = async () => (await ask("POST", "wall/set-back", { name })).said;
    run(/** @type {HTMLButtonElement} */ (event.submitter), afterYes(question, work));
  });
  const all = "Give every participant new copies of all notebooks? The old ones are kept beside them.";
  part("set-all-back").addEventListener("click", () => {
    run(
      part("set-all-back"),
      afterYes(all, async () => (await ask("POST", "wall/set-back", { everyone: true })).said),
    );
  });
}

/** Have each button do what it says. */
export function connectButtons() {
  connectCallers();
  connectSetBack();
  part("message").addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const text = part("text").value;
    run(/** @type {HTMLButtonElement} */ (event.submitter), async () => {
      await ask("POST", "messages", { text });
      part("text").value = "";
      return "Sent to everybody whose lab is in the room.";
    });
  });
}

/** Whether callers come in, and how many may. @param {WallState} state */
export function showCallers(state) {
  const { running, said, total, let_in, trouble, most, cost } = state.callers;
  const progress = said ? `${said}: ${let_in} of ${total} came in${running ? "" : ", and no more come"}.` : "";
  setText(part("callers-state"), [progress, trouble].filter(Boolean).join(" "));
  part("callers-state").dataset.look = trouble ? "bad" : "";
  part("stop-callers").disabled = !running;
  part("cost").hidden = !cost;
  setText(part("cost"), cost);
  for (const name of ["burst-number", "day-number", "steady-rate"]) part("callers").elements[name].max = String(most);
}

/** Who can be set back. @param {WallState} state */
export function showNames(state) {
  const names = state.people.map((each) => each.name).sort();
  const select = part("who");
  const shown = [...select.options].map((option) => option.value);
  if (names.join("\n") !== shown.join("\n")) {
    const chosen = select.value;
    select.replaceChildren(...names.map((name) => el("option", { value: name, text: name })));
    if (names.includes(chosen)) select.value = chosen;
  }
  part("set-back").hidden = Boolean(state.set_back);
  if (state.set_back) setText(part("set-back-note"), state.set_back);
}
