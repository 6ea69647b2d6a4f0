// The tree of an explanation: why a Task is where it is.

import { el, setText } from "./dom.js";

const WHY_MARKS = { "✓": ["good", "yes: "], "✗": ["bad", "no: "], "→": ["here", "now: "], "·": ["quiet", "not yet: "] };

/** The tree of an explanation, with a filter for its Workers. `show` draws one; what was folded stays so. */
export function explanationTree() {
  const folded = new Map();
  const headline = el("div", { class: "lk-why-headline", role: "status" });
  const words = el("input", {
    type: "search",
    placeholder: "Filter Workers",
    "aria-label": "Filter Workers by name or reason",
    on: { input: () => sift() },
  });
  const able = el("input", { type: "checkbox", on: { change: () => sift() } });
  const found = el("span", { class: "lk-soft", role: "status" });
  const sieve = el(
    "div",
    { class: "lk-why-sieve", hidden: true },
    words,
    el("label", { class: "lk-check" }, able, el("span", { text: "only who may have it" })),
    found,
  );
  const tree = el("div", { class: "lk-tree" });
  const sift = () => {
    const wanted = words.value.trim().toLowerCase();
    const workers = [...tree.querySelectorAll("[data-topic=worker]")];
    for (const each of workers) {
      each.hidden = !each.textContent.toLowerCase().includes(wanted) || (able.checked && each.dataset.mark !== "✓");
    }
    const shown = workers.filter((each) => !each.hidden).length;
    setText(found, shown === workers.length ? "" : `${shown} of ${workers.length} Workers`);
    sieve.hidden = workers.length < 2;
  };
  const show = ({ headline: text, lines }) => {
    setText(headline, text);
    tree.replaceChildren(explanationLines(lines, "", folded));
    sift();
  };
  return { root: el("div", { class: "lk-why" }, headline, sieve, tree), show };
}

function explanationLines(lines, place, folded) {
  return el(
    "ul",
    {},
    ...lines.map((line, index) => {
      const [kind, spoken] = WHY_MARKS[line.mark] || ["plain", ""];
      const here = `${place}/${index}`;
      const mark =
        line.mark &&
        el(
          "span",
          { class: "lk-mark" },
          el("span", { "aria-hidden": "true", text: line.mark }),
          el("span", { class: "lk-sr", text: spoken }),
        );
      const data = { kind, mark: line.mark, topic: line.topic };
      if (!line.children.length) return el("li", { data }, mark, el("span", { text: line.text }));
      const summary = el(
        "summary",
        { on: { click: () => folded.set(here, !details.open) } },
        mark,
        el("span", { text: line.text }),
      );
      const details = el(
        "details",
        { open: folded.get(here) ?? line.open },
        summary,
        explanationLines(line.children, here, folded),
      );
      return el("li", { data }, details);
    }),
  );
}
