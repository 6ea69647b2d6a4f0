// @ts-check
// The tree of an explanation: why a Task is where it is.

import { el, setText } from "./dom.js";

/**
 * `labkit.explain.Explanation.as_data()`.
 *
 * @typedef {object} Explanation
 * @property {string} task its SID
 * @property {number} at in milliseconds since 1970
 * @property {string} headline
 * @property {Line[]} lines
 */
/**
 * @typedef {object} Line
 * @property {string} text
 * @property {string} mark
 * @property {boolean} open
 * @property {string} topic
 * @property {Line[]} children
 */

/** @type {Record<string, [kind: string, spoken: string]>} */
const MARKS = { "✓": ["good", "yes: "], "✗": ["bad", "no: "], "→": ["here", "now: "], "·": ["quiet", "not yet: "] };

/** The tree of an explanation, with a filter for its Workers. `show` draws one; what was folded stays so. */
export function explanationTree() {
  /** @type {Map<string, boolean>} */
  const folded = new Map();
  const headline = el("div", { class: "lk-why-headline", role: "status" });
  const tree = el("div", { class: "lk-tree" });
  const filter = workerFilter(tree);
  /** @param {Explanation} explanation */
  const show = ({ headline: text, lines }) => {
    setText(headline, text);
    tree.replaceChildren(list(lines, "", folded));
    filter.apply();
  };
  return { root: el("div", { class: "lk-why" }, headline, filter.root, tree), show };
}

/**
 * What shows only some of the tree's Workers; it is there when there are several.
 *
 * @param {Element} tree
 */
function workerFilter(tree) {
  const words = el("input", {
    type: "search",
    placeholder: "Filter Workers",
    "aria-label": "Filter Workers by name or reason",
    on: { input: () => apply() },
  });
  const able = el("input", { type: "checkbox", on: { change: () => apply() } });
  const found = el("span", { class: "lk-soft", role: "status" });
  const label = el("label", { class: "lk-check" }, able, el("span", { text: "only who may have it" }));
  const root = el("div", { class: "lk-why-sieve", hidden: true }, words, label, found);
  const apply = () => {
    const wanted = words.value.trim().toLowerCase();
    /** @type {HTMLElement[]} */
    const workers = [...tree.querySelectorAll(/** @type {"li"} */ ("[data-topic=worker]"))];
    for (const each of workers) {
      each.hidden = !each.textContent.toLowerCase().includes(wanted) || (able.checked && each.dataset.mark !== "✓");
    }
    const shown = workers.filter((each) => !each.hidden).length;
    setText(found, shown === workers.length ? "" : `${shown} of ${workers.length} Workers`);
    root.hidden = workers.length < 2;
  };
  return { root, apply };
}

/**
 * Lines that fold, without a headline and a filter.
 *
 * @param {Line[]} lines
 */
export function explanationParts(lines) {
  return el("div", { class: "lk-tree" }, list(lines, "", new Map()));
}

/**
 * @param {Line[]} lines
 * @param {string} place where in the tree they are
 * @param {Map<string, boolean>} folded what somebody has opened or folded, by its place
 * @returns {HTMLElement}
 */
function list(lines, place, folded) {
  return el("ul", {}, ...lines.map((line, index) => item(line, `${place}/${index}`, folded)));
}

/**
 * @param {Line} line
 * @param {string} place
 * @param {Map<string, boolean>} folded
 */
function item(line, place, folded) {
  const [kind, spoken] = MARKS[line.mark] ?? ["plain", ""];
  const sign = el("span", { "aria-hidden": "true", text: line.mark });
  const mark = line.mark && el("span", { class: "lk-mark" }, sign, el("span", { class: "lk-sr", text: spoken }));
  const data = { kind, mark: line.mark, topic: line.topic };
  const words = el("span", { text: line.text });
  if (!line.children.length) return el("li", { data }, mark, words);
  const summary = el("summary", {}, mark, words);
  const open = folded.get(place) ?? line.open;
  const details = el("details", { open }, summary, list(line.children, place, folded));
  summary.addEventListener("click", () => folded.set(place, !details.open));
  return el("li", { data }, details);
}
