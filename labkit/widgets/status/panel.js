// @ts-check
// StatusPanel: one line each for what runs, with a light, the reason and the remedy.

import { button, copyButton, press } from "../js/buttons.js";
import { el, keyed, setText } from "../js/dom.js";
import { frame } from "../js/frame.js";
import { LIGHT_WORDS, light } from "../js/lights.js";
import { panelScript } from "../js/reconnect.js";
import { connect } from "../js/wire.js";

/**
 * @import { Colour } from "../js/lights.js"
 * @import { KernelTime, Shown, Wire } from "../js/wire.js"
 */
/**
 * @typedef {object} Line
 * @property {string} key
 * @property {Exclude<Colour, "wait">} light
 * @property {string} label
 * @property {string} value
 * @property {string} detail
 * @property {string} remedy what the button says; empty: there is none
 * @property {string} action what it asks for
 */
/** @typedef {KernelTime & { lines?: Line[] }} State */
/** @typedef {Wire<{ remedy: {} }>} StatusWire */
/** @typedef {ReturnType<typeof createLine>} Row */

/**
 * What of a line somebody may want to copy: its URL, else its SID.
 *
 * @param {string} text
 */
const worthCopying = (text) => (text.match(/https?:\/\/\S+/) || text.match(/\b[A-Z]{2}[0-9a-f]{32}\b/) || [""])[0];

/**
 * @param {Line} line
 * @param {StatusWire} wire
 */
function createLine(line, wire) {
  const value = el("span", { class: "lk-line-value" });
  const parts = {
    light: el("span", { class: "lk-line-light" }),
    label: el("span", { class: "lk-line-label" }),
    value,
    copy: copyButton("Copy", () => worthCopying(value.textContent)),
    word: el("strong", { class: "lk-line-word" }),
    why: el("span"),
    said: el("div", { class: "lk-line-said", role: "status" }),
    remedy: button(
      "",
      "secondary",
      () => {
        remedy(row, wire);
      },
      { data: { acts: true } },
    ),
  };
  const detail = el("div", { class: "lk-line-detail" }, parts.word, parts.why);
  const what = el("div", { class: "lk-line-what" }, parts.value, parts.copy);
  const middle = el("div", { class: "lk-line-middle" }, what, detail, parts.said);
  const given = { class: "lk-line", tabindex: "-1", data: { key: line.key } };
  const root = el("li", given, parts.light, parts.label, middle, parts.remedy);
  const row = { root, ...parts, detail, line };
  return row;
}

/**
 * @param {Row} row
 * @param {Line} line
 */
function updateLine(row, line) {
  row.line = line;
  const word = LIGHT_WORDS[line.light];
  if (row.root.dataset.light !== line.light) {
    row.root.dataset.light = line.light;
    row.light.replaceChildren(light(line.light, word));
    row.light.title = word;
    setText(row.said, "");
  }
  const copied = worthCopying(line.value);
  setText(row.label, line.label);
  setText(row.value, line.value);
  row.value.classList.toggle("lk-mono", copied === line.value);
  row.copy.hidden = !copied;
  row.copy.setAttribute("aria-label", `Copy the ${copied.startsWith("http") ? "URL" : "SID"} of ${line.label}`);
  setText(row.word, /amber|red/.test(line.light) ? `${word[0].toUpperCase()}${word.slice(1)}: ` : "");
  setText(row.why, line.detail);
  row.detail.hidden = !line.detail;
  row.remedy.hidden = !line.remedy;
  if (!row.remedy.disabled) setText(row.remedy, line.remedy);
  row.remedy.setAttribute("aria-label", line.remedy && `${line.remedy}: ${line.label}`);
}

/**
 * @param {Row} row
 * @param {StatusWire} wire
 */
async function remedy(row, wire) {
  const answer = await press(row.remedy, "Working…", () => wire.ask("remedy", { remedy: row.line.action }));
  setText(row.said, answer.text);
  row.said.classList.toggle("lk-problem", !answer.ok);
  // The button goes when the line is green again; the focus stays with the line.
  if (document.activeElement === document.body) (row.remedy.hidden ? row.root : row.remedy).focus();
}

/**
 * All lines in one: the worst light, and how many need somebody.
 *
 * @param {Line[]} lines
 * @returns {[colour: Colour, words: string]}
 */
export function summary(lines) {
  const bad = lines.filter((line) => line.light === "red" || line.light === "amber").length;
  if (bad === 0) return ["green", "Everything is ready"];
  const red = lines.some((line) => line.light === "red");
  return [red ? "red" : "amber", bad === 1 ? "1 thing needs attention" : `${bad} things need attention`];
}

/** @param {Shown<State>} shown */
function render({ model, el: host }) {
  const view = frame(host, "status", "TaskRouter Lab");
  const list = el("ul", { class: "lk-lines" });
  view.body.append(list);
  /** @type {StatusWire} */
  const wire = connect(model, view, (state) => {
    const lines = state.lines || [];
    keyed(
      list,
      lines,
      (line) => line.key,
      (line) => createLine(line, wire),
      updateLine,
    );
    const [colour, words] = summary(lines);
    const all = `${colour}: ${words}`;
    if (view.aside.dataset.all !== all) {
      view.aside.dataset.all = all;
      view.aside.replaceChildren(light(colour), el("span", { text: words }));
      view.say(words);
    }
  });
  wire.start();
  return wire.stop;
}

export default panelScript("status", render);
