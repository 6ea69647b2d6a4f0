// @ts-check
// The Workers and the Tasks as a table to edit, each with what the expression says of it.

import { button } from "../js/buttons.js";
import { offerChoices } from "../js/choices.js";
import { el, keyed, setText } from "../js/dom.js";
import { explanationParts } from "../js/explanation_tree.js";
import { light } from "../js/lights.js";
import { edited, newKey, overlaid, without } from "./draft.js";

/**
 * @import { JsonProblem } from "../js/json_problem.js"
 * @import { Edits, Row } from "./draft.js"
 * @import { Verdict } from "./expression.js"
 */
/** @typedef {ReturnType<typeof createRow>} RowParts */
/**
 * @typedef {object} Shown what the table shows
 * @property {Row[]} rows of the Workspace
 * @property {number} more that are not shown
 * @property {string[]} notes that a row may have: the Activities
 * @property {Edits} edits
 * @property {Record<string, Verdict> | null} verdicts null: nobody here is asked
 * @property {Record<string, JsonProblem>} problems
 */

/**
 * @param {{ thing: "Worker" | "Task", isOfActivities: boolean, added: Partial<Row> }} what
 * @param {() => Edits} edits
 * @param {(edits: Edits) => void} change
 */
export function editableTable({ thing, isOfActivities, added }, edits, change) {
  const list = el("ul", { class: "lk-rows", "aria-label": `${thing}s` });
  const more = el("div", { class: "lk-soft lk-rows-more" });
  const add = button(`Add a ${thing}`, "secondary", () => {
    const key = newKey(edits());
    change(edited(edits(), key, { ...added }));
    for (const row of list.children)
      if (/** @type {HTMLElement} */ (row).dataset.key === key) row.querySelector("input")?.select();
  });
  const reset = button("As in the Workspace", "quiet", () => change({}));
  const title = el("div", { class: "lk-table-title", text: `${thing}s` });
  const actions = {
    /**
     * @param {string} key
     * @param {Partial<Row>} fields
     */
    edit: (key, fields) => change(edited(edits(), key, fields)),
    /** @param {string} key */
    remove: (key) => {
      change(without(edits(), key));
      add.focus();
    },
  };
  const root = el("div", { class: "lk-table" }, el("div", { class: "lk-field-head" }, title, reset, add), list, more);
  return {
    root,
    /** @param {Shown} shown */
    show: (shown) => {
      keyed(
        list,
        overlaid(shown.rows, shown.edits),
        (row) => row.key,
        (row) => createRow(row, { thing, isOfActivities, ...actions }),
        (parts, row) => updateRow(parts, row, shown),
      );
      reset.hidden = Object.keys(shown.edits).length === 0;
      list.hidden = list.children.length === 0;
      setText(
        more,
        shown.more
          ? `and ${shown.more.toLocaleString("en")} more, who are asked as well`
          : list.hidden
            ? `There is no ${thing} here: add one to try.`
            : "",
      );
    },
  };
}

/**
 * @param {Row} row
 * @param {{ thing: string, isOfActivities: boolean, edit: (key: string, fields: Partial<Row>) => void,
 *   remove: (key: string) => void }} actions
 */
function createRow({ key }, { thing, isOfActivities, edit, remove }) {
  /** @type {HTMLInputElement} */
  const name = el("input", { autocomplete: "off", on: { input: () => edit(key, { name: name.value }) } });
  /** @type {HTMLSelectElement} */
  const note = el("select", { hidden: !isOfActivities, on: { change: () => edit(key, { note: note.value }) } });
  const status = el("span", { class: "lk-soft", hidden: isOfActivities });
  /** @type {HTMLTextAreaElement} */
  const attributes = el("textarea", {
    rows: "1",
    class: "lk-mono",
    spellcheck: "false",
    autocomplete: "off",
    on: { input: () => edit(key, { attributes: attributes.value }) },
  });
  const gone = button("✕", "quiet", () => remove(key), { title: `Take this ${thing} out of the trial` });
  const verdict = el("span", { class: "lk-verdict" });
  const why = el("div", { class: "lk-why-not" });
  const said = el("div", { class: "lk-row-said" }, verdict, why);
  const problem = el("div", { class: "lk-problem", role: "status" });
  const fields = el("div", { class: "lk-row-fields" }, name, isOfActivities ? note : status, attributes, gone);
  const root = el("li", { class: "lk-row", data: { key } }, fields, problem, said);
  return { root, name, note, status, attributes, gone, verdict, why, problem, thing, drawn: "" };
}

/**
 * @param {RowParts} parts
 * @param {Row} row
 * @param {Shown} shown
 */
function updateRow(parts, row, { notes, verdicts, problems }) {
  fill(parts.name, row.name);
  fill(parts.attributes, row.attributes);
  setText(parts.status, row.note);
  offerNotes(parts.note, notes.includes(row.note) || !row.note ? notes : [row.note, ...notes], row.note);
  const of = `${parts.thing} ${row.name}`;
  for (const [control, label] of labelled(parts)) control.setAttribute("aria-label", `${label} ${of}`);
  const wrong = problems[row.key];
  parts.attributes.setAttribute("aria-invalid", String(Boolean(wrong)));
  setText(parts.problem, wrong?.text);
  showVerdict(parts, verdicts?.[row.key]);
}

/** @param {RowParts} parts */
const labelled = ({ name, note, attributes, gone }) =>
  /** @type {[HTMLElement, string][]} */ ([
    [name, "Name of"],
    [note, "Activity of"],
    [attributes, "Attributes of"],
    [gone, "Take out"],
  ]);

/**
 * Write what differs; the caret of a field that is typed in stays where it is.
 *
 * @param {HTMLInputElement | HTMLTextAreaElement} field
 * @param {string} text
 */
function fill(field, text) {
  if (field.value !== text) field.value = text;
}

/**
 * @param {HTMLSelectElement} select
 * @param {string[]} notes
 * @param {string} chosen
 */
function offerNotes(select, notes, chosen) {
  offerChoices(
    select,
    notes.map((note) => ({ value: note, text: note })),
  );
  select.value = chosen || notes[0] || "";
}

/**
 * @param {RowParts} parts
 * @param {Verdict | undefined} verdict
 */
function showVerdict(parts, verdict) {
  const key = JSON.stringify(verdict) ?? "";
  if (parts.drawn === key) return;
  parts.drawn = key;
  parts.root.dataset.matches = verdict ? String(verdict.matches) : "";
  const word = verdict && (verdict.matches ? "matches" : "does not match");
  parts.verdict.replaceChildren(
    ...(verdict ? [light(verdict.matches ? "green" : "red"), el("span", { text: word })] : []),
  );
  parts.why.replaceChildren(...(verdict ? whyParts(verdict) : []));
}

/** @param {Verdict} verdict */
function whyParts({ why, change, parts }) {
  const words = el("div", {}, el("span", { text: why }));
  if (change) words.append(el("span", { class: "lk-soft", text: ` ${change}` }));
  if (!parts.length) return [words];
  return [words, el("details", {}, el("summary", { text: "part by part" }), explanationParts(parts))];
}
