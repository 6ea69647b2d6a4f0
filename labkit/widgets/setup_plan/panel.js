// @ts-check
// SetupPlanPanel: what is to be made and changed in an account, line by line, and the button that is the yes to it.

import { button, press } from "../js/buttons.js";
import { el, setText } from "../js/dom.js";
import { frame } from "../js/frame.js";
import { light } from "../js/lights.js";
import { panelScript } from "../js/reconnect.js";
import { connect } from "../js/wire.js";

/** @import { KernelTime, Shown, Wire } from "../js/wire.js" */
/**
 * @typedef {object} Detail
 * @property {string} text
 * @property {string} old empty where there was nothing to change
 * @property {string} new empty where the text says it all
 */
/**
 * @typedef {object} PlanLine
 * @property {string} mark
 * @property {string} meaning the mark in words
 * @property {string} text
 * @property {Detail[]} details
 */
/**
 * @typedef {KernelTime & { headline: string, lines?: PlanLine[], where: string, isOthers: boolean, remarks?: string[],
 *   waits: boolean, done: boolean }} State
 */
/** @typedef {Wire<{ look: {}, set_up: {} }>} PlanWire */

// Twilio answers in tenths of a second, ngrok begins in some seconds, and there may be two dozen requests.
const SET_UP_WITHIN_MS = 120000;

/** @param {Detail} detail */
function createDetail({ text, old, new: now }) {
  const name = el("span", { class: "lk-plan-field", text: now ? `${text}: ` : text });
  const before = old && el("del", { text: old });
  return el("li", {}, name, before, before && " → ", now && el("ins", { text: now }));
}

/** @param {PlanLine} line */
function createLine({ mark, meaning, text, details }) {
  const sign = el("span", { class: "lk-plan-mark", "aria-hidden": "true", text: mark });
  const head = [sign, el("span", { class: "lk-sr", text: `${meaning}: ` }), el("span", { text })];
  if (!details.length) return el("li", { class: "lk-plan-line", data: { meaning } }, ...head);
  // What is set back or taken over is read before anything else; of what is new, whoever wants to know opens it.
  const folded = el("details", { open: meaning === "change" }, el("summary", {}, ...head));
  folded.append(el("ul", { class: "lk-plan-details" }, ...details.map(createDetail)));
  return el("li", { class: "lk-plan-line", data: { meaning } }, folded);
}

/** @param {Shown<State>} shown */
function render({ model, el: host }) {
  const view = frame(host, "setup_plan", "Set-up");
  const headline = el("div", { class: "lk-plan-headline", role: "status" });
  const where = el("div", { class: "lk-plan-where" });
  const lines = el("ul", { class: "lk-plan-lines", "aria-label": "What is made and changed" });
  const remarks = el("ul", { class: "lk-plan-remarks lk-soft", "aria-label": "Besides" });
  const said = el("div", { class: "lk-plan-said", role: "status" });
  const agree = button("Set up", "primary", () => setUp(), { data: { acts: true } });
  const again = button("Look again", "secondary", () => look());
  const promise = el("span", {
    class: "lk-soft",
    text: "Nothing is made or changed before you press it.",
    data: { acts: true },
  });
  const foot = el("div", { class: "lk-plan-foot" }, agree, again, promise);
  view.body.append(headline, where, lines, remarks, foot, said);

  /** @type {PlanWire} */
  const wire = connect(model, view, (state) => {
    setText(headline, state.headline);
    setText(where, state.where);
    where.classList.toggle("lk-plan-others", state.isOthers && !state.done);
    lines.replaceChildren(...(state.lines || []).map(createLine));
    remarks.replaceChildren(...(state.remarks || []).map((text) => el("li", { text })));
    foot.hidden = !state.waits;
    const colour = state.waits ? "amber" : "green";
    const words = state.waits ? "waits for you" : state.done ? "done" : "nothing to do";
    view.aside.replaceChildren(light(colour), el("span", { text: words }));
  });

  /** @param {{ ok: boolean, text: string }} answer */
  const tell = ({ ok, text }) => {
    setText(said, text);
    said.classList.toggle("lk-problem", !ok);
  };
  const setUp = async () => tell(await press(agree, "Setting up…", () => wire.ask("set_up", {}, SET_UP_WITHIN_MS)));
  const look = async () => tell(await press(again, "Looking…", () => wire.ask("look")));

  wire.start();
  return wire.stop;
}

export default panelScript("setup_plan", render);
