// StatusPanel: one line each for what runs, with a light, the reason and the remedy.

import { button, copyButton, press } from "../js/buttons.js";
import { el, keyed, setText } from "../js/dom.js";
import { frame } from "../js/frame.js";
import { light } from "../js/lights.js";
import { connect } from "../js/wire.js";

const LIGHT_WORDS = { green: "fine", amber: "needs attention", red: "not working", grey: "off or not known" };
/** What of a line somebody may want to copy: its URL, else its SID. */
const worthCopying = (text) => (text.match(/https?:\/\/\S+/) || text.match(/\b[A-Z]{2}[0-9a-f]{32}\b/) || [""])[0];

function createLine(line, wire) {
  const parts = {
    light: el("span", { class: "lk-line-light" }),
    label: el("span", { class: "lk-line-label" }),
    value: el("span", { class: "lk-line-value" }),
    copy: copyButton("Copy", () => worthCopying(parts.value.textContent)),
    word: el("strong", { class: "lk-line-word" }),
    why: el("span"),
    said: el("div", { class: "lk-line-said", role: "status" }),
    remedy: button("", "secondary", () => remedy(node, wire)),
  };
  parts.detail = el("div", { class: "lk-line-detail" }, parts.word, parts.why);
  const middle = el(
    "div",
    { class: "lk-line-middle" },
    el("div", { class: "lk-line-what" }, parts.value, parts.copy),
    parts.detail,
    parts.said,
  );
  const node = el(
    "li",
    { class: "lk-line", tabindex: "-1", data: { key: line.key } },
    parts.light,
    parts.label,
    middle,
    parts.remedy,
  );
  node.lk = parts;
  return node;
}

function updateLine(node, line) {
  const { lk } = node;
  if (node.dataset.light !== line.light) {
    node.dataset.light = line.light;
    lk.light.replaceChildren(light(line.light, LIGHT_WORDS[line.light]));
    lk.light.title = LIGHT_WORDS[line.light];
    setText(lk.said, "");
  }
  const copied = worthCopying(line.value);
  setText(lk.label, line.label);
  setText(lk.value, line.value);
  lk.value.classList.toggle("lk-mono", copied === line.value);
  lk.copy.hidden = !copied;
  lk.copy.setAttribute("aria-label", `Copy the ${copied.startsWith("http") ? "URL" : "SID"} of ${line.label}`);
  setText(
    lk.word,
    /amber|red/.test(line.light) ? `${LIGHT_WORDS[line.light].replace(/^./, (first) => first.toUpperCase())}: ` : "",
  );
  setText(lk.why, line.detail);
  lk.detail.hidden = !line.detail;
  lk.remedy.hidden = !line.remedy;
  if (!lk.remedy.disabled) setText(lk.remedy, line.remedy);
  lk.remedy.setAttribute("aria-label", line.remedy && `${line.remedy}: ${line.label}`);
  node.action = line.action;
}

async function remedy(node, wire) {
  const answer = await press(node.lk.remedy, "Working…", () => wire.ask("remedy", { remedy: node.action }));
  setText(node.lk.said, answer.text);
  node.lk.said.classList.toggle("lk-problem", !answer.ok);
  // The button goes when the line is green again; the focus stays with the line.
  if (document.activeElement === document.body) (node.lk.remedy.hidden ? node : node.lk.remedy).focus();
}

function summary(lines) {
  const bad = lines.filter((line) => line.light === "red" || line.light === "amber").length;
  if (bad === 0) return ["green", "Everything is ready"];
  const red = lines.some((line) => line.light === "red");
  return [red ? "red" : "amber", bad === 1 ? "1 thing needs attention" : `${bad} things need attention`];
}

function render({ model, el: host }) {
  const view = frame(host, "status", "TaskRouter Lab");
  const list = el("ul", { class: "lk-lines" });
  view.body.append(list);
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
    if (view.aside.dataset.words !== words) {
      view.aside.dataset.words = words;
      view.aside.replaceChildren(light(colour), el("span", { text: words }));
      view.say(words);
    }
  });
  wire.start();
  return wire.stop;
}

export default { render };
