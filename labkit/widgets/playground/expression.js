// @ts-check
// The field of the expression: where it stands, what is wrong with it, whom it matches in all, and the line to copy.

import { button, copyButton } from "../js/buttons.js";
import { offerChoices } from "../js/choices.js";
import { el, keyed, setText, uniqueId } from "../js/dom.js";
import { light } from "../js/lights.js";

/**
 * @import { JsonProblem } from "../js/json_problem.js"
 * @import { Line } from "../js/explanation_tree.js"
 * @import { Draft, Place } from "./draft.js"
 * @import { Workflow } from "./boxes.js"
 */
/** @typedef {{ matches: boolean, why: string, change: string, parts: Line[] }} Verdict */
/** @typedef {{ what: string, why: string, fix: string, where?: string }} Remark */
/**
 * What came of a draft.
 *
 * @typedef {object} Judged
 * @property {Place} place
 * @property {string} by
 * @property {number} number
 * @property {boolean} is_blank whether nothing was typed yet
 * @property {string} headline
 * @property {{ text: string, position: number, picture: string } | null} error
 * @property {Record<string, Verdict>} verdicts
 * @property {Remark[]} remarks
 * @property {Record<string, JsonProblem>} problems
 * @property {string} call
 */
/** @typedef {{ sid: string, name: string, expression: string }} Queue */
/** @typedef {{ text: string, expression: string, place: Place, queue: string }} Source an expression to begin with */

/** @type {[Place, string, string][]} */
const PLACES = [
  ["queue", "TaskQueue", "TargetWorkers: names are attributes of each Worker."],
  ["filter", "Workflow filter", "Names are attributes of the Task; taskrouter. has the time of day."],
  ["target", "Workflow target", "task. leads to the Task that is followed, worker. to each Worker."],
];

const BLANK =
  "Type an expression: whom it matches, and why not the others, stands beside each. An empty one matches nobody.";

/**
 * @param {(changes: Partial<Draft>) => void} change
 */
export function expressionField(change) {
  const id = uniqueId("expression");
  /** @type {HTMLTextAreaElement} */
  const field = el("textarea", {
    id,
    rows: "2",
    class: "lk-expression lk-mono",
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
    placeholder: 'languages HAS "es" AND level >= 3',
    on: { input: () => change({ expression: field.value }) },
  });
  const places = placeSwitch((place) => change({ place, queue: "" }));
  const begin = beginWith((source) => {
    field.value = source.expression;
    change({ expression: source.expression, place: source.place, queue: source.queue });
  });
  const said = saidOf(field);
  field.setAttribute("aria-describedby", said.root.id);
  const remarks = el("ul", { class: "lk-remarks", "aria-label": "What the linter says of the expression" });
  const call = callBox();
  const head = el("div", { class: "lk-field-head" }, el("label", { for: id, text: "Expression" }), begin.root);
  const root = el("div", { class: "lk-try" }, head, field, places.root, said.root, remarks, call.root);
  return {
    root,
    /** @param {Draft} draft */
    fillIn: (draft) => {
      if (field.value !== draft.expression) field.value = draft.expression;
      places.choose(draft.place);
    },
    /**
     * @param {Judged | null} judged
     * @param {Source[]} sources
     */
    show: (judged, sources) => {
      begin.offer(sources);
      if (!judged) return;
      places.choose(judged.place);
      said.show(judged);
      showRemarks(remarks, judged.is_blank ? [] : judged.remarks);
      call.show(
        judged.error || judged.is_blank ? "" : judged.call,
        judged.place === "queue" ? "As SDK call" : "In the configuration",
      );
    },
  };
}

/** @param {(place: Place) => void} onChoice */
function placeSwitch(onChoice) {
  const name = uniqueId("place");
  const hint = el("span", { class: "lk-soft" });
  const inputs = PLACES.map(([value]) =>
    el("input", { type: "radio", name, value, on: { change: () => chosen(value) } }),
  );
  /** @param {Place} place */
  const choose = (place) => {
    for (const input of inputs) input.checked = input.value === place;
    setText(hint, PLACES.find(([value]) => value === place)?.[2]);
  };
  /** @param {Place} place */
  const chosen = (place) => {
    choose(place);
    onChoice(place);
  };
  const labels = PLACES.map(([, text], index) =>
    el("label", { class: "lk-check" }, inputs[index], el("span", { text })),
  );
  const root = el(
    "div",
    { class: "lk-places", role: "radiogroup", "aria-label": "It stands in a" },
    "It stands in a",
    ...labels,
    hint,
  );
  choose("queue");
  return { root, choose };
}

/** @param {(source: Source) => void} onChoice */
function beginWith(onChoice) {
  /** @type {Source[]} */
  let offered = [];
  /** @type {HTMLSelectElement} */
  const select = el("select", {
    "aria-label": "Begin with an expression of the Workspace",
    on: {
      change: () => {
        const source = offered[Number(select.value)];
        select.value = "";
        if (source) onChoice(source);
      },
    },
  });
  return {
    root: select,
    /** @param {Source[]} sources */
    offer: (sources) => {
      offered = sources;
      offerChoices(select, [
        { value: "", text: "Begin with…" },
        ...sources.map((source, at) => ({ value: String(at), text: source.text })),
      ]);
      select.hidden = sources.length === 0;
    },
  };
}

/**
 * Whom it matches in all, or what is wrong and where.
 *
 * @param {HTMLTextAreaElement} field
 */
function saidOf(field) {
  const root = el("div", { class: "lk-said", id: uniqueId("said"), role: "status" });
  let drawn = "";
  return {
    root,
    /** @param {Judged} judged */
    show: ({ error, headline: counted, verdicts, is_blank }) => {
      const headline = is_blank ? BLANK : counted;
      field.setAttribute("aria-invalid", String(error !== null));
      const key = error ? `${error.text} ${error.picture}` : headline;
      if (key === drawn) return;
      drawn = key;
      root.dataset.wrong = String(error !== null);
      const words = el("div", {}, el("div", { text: error ? error.text : headline }));
      if (error) words.append(el("pre", { class: "lk-mono", text: error.picture }), placeButton(field, error.position));
      root.replaceChildren(light(error ? "red" : is_blank ? "grey" : lightOf(Object.values(verdicts))), words);
    },
  };
}

/** @param {Verdict[]} verdicts */
const lightOf = (verdicts) => (verdicts.some((verdict) => verdict.matches) ? "green" : "amber");

/**
 * @param {HTMLTextAreaElement} field
 * @param {number} position in code points, as Python counts
 */
function placeButton(field, position) {
  return button("Go to the place", "quiet", () => {
    const at = [...field.value].slice(0, position).join("").length;
    field.focus();
    field.setSelectionRange(at, at + 1);
  });
}

/**
 * @param {Element} list
 * @param {Remark[]} remarks
 */
export function showRemarks(list, remarks) {
  keyed(
    list,
    remarks,
    (remark) => JSON.stringify(remark),
    remarkRow,
    () => {},
  );
  /** @type {HTMLElement} */ (list).hidden = remarks.length === 0;
}

/** @param {Remark} remark */
function remarkRow({ what, why, fix, where }) {
  return el(
    "li",
    {},
    light("amber", "remark: "),
    el(
      "div",
      {},
      where && el("div", { class: "lk-soft lk-mono", text: where }),
      el("div", { class: "lk-remark-what", text: what }),
      el("div", { class: "lk-soft", text: why }),
      el("div", { text: fix }),
    ),
  );
}

/** A line to copy, folded. */
export function callBox() {
  const code = el("pre", { class: "lk-mono", tabindex: "0", "aria-label": "Lines to copy" });
  const title = el("span");
  const copy = copyButton("Copy the lines", () => code.textContent ?? "");
  const root = el("details", { class: "lk-call" }, el("summary", {}, title), code, copy);
  return {
    root,
    /**
     * @param {string} text
     * @param {string} name what it is
     */
    show: (text, name) => {
      setText(code, text);
      setText(title, name);
      root.hidden = !text;
    },
  };
}

/**
 * The expressions of the Workspace: of its TaskQueues, and of the Workflow that is drawn.
 *
 * @param {Queue[]} queues
 * @param {Workflow | null} workflow
 * @returns {Source[]}
 */
export function sourcesOf(queues, workflow) {
  /** @type {Source[]} */
  const found = queues.map(({ sid, name, expression }) => ({
    text: `TaskQueue ${name}: ${expression}`,
    expression,
    place: "queue",
    queue: sid,
  }));
  for (const filter of workflow?.filters ?? []) {
    if (!filter.is_default) {
      const text = `Filter ${filter.name}: ${filter.expression}`;
      found.push({ text, expression: filter.expression, place: "filter", queue: "" });
    }
    for (const { queue, expression } of filter.targets) {
      if (expression) found.push({ text: `Target ${queue}: ${expression}`, expression, place: "target", queue: "" });
    }
  }
  return found;
}
