// @ts-check
// The boxes in the picture of a Workflow: what stands in each, in lines that fit. Pure, as the layout is.

/**
 * @typedef {object} Target as labkit/explain/workflow_steps.py has it
 * @property {string} queue
 * @property {string} queue_expression
 * @property {string} expression
 * @property {string} known_worker
 * @property {string} order_by
 * @property {string} priority
 * @property {string} timeout
 * @property {string} skip_if
 * @property {"" | "passed" | "current" | "ahead"} state
 * @property {string} why
 */
/**
 * @typedef {object} Filter
 * @property {string} name
 * @property {string} expression
 * @property {boolean} is_default
 * @property {"" | "taken" | "kept" | "left" | "no match" | "not looked at"} state
 * @property {string} why
 * @property {Target[]} targets
 */
/**
 * @typedef {object} Way
 * @property {string} task
 * @property {"waits" | "taken" | "ended" | "refused"} place
 * @property {string} text
 * @property {boolean} is_real
 * @property {[may: boolean, text: string][]} workers
 * @property {string[]} alerts
 */
/** @typedef {{ name: string, filters: Filter[], way: Way | null }} Workflow */
/** @typedef {"head" | "text" | "soft" | "why"} Kind of a line */
/** @typedef {(text: string, kind: Kind) => number} Measure how wide a text is, in pixels */
/** @typedef {{ text: string, kind: Kind, y: number }} Line */
/** @typedef {{ what: "task" | "filter" | "target" | "end", state: string, x: number, y: number, width: number, height: number, lines: Line[], full: string }} Box */

const LINE = 17;
export const PAD = 10;
const MOST_LINES = 4;
/** Of a text, the characters that are looked at: a stranger may have written more. */
const MOST_CHARACTERS = 2000;

/** What a target may ask for,. @type {(keyof Target)[]} */
const MAY_ASK = ["expression", "known_worker", "order_by", "priority", "timeout", "skip_if"];

/** @type {Record<string, string>} */
const FILTER_MARKS = { taken: "✓ ", kept: "✓ ", left: "✓ ", "no match": "✗ ", "not looked at": "· ", "": "" };
/** @type {Record<string, string>} */
const TARGET_MARKS = { passed: "✗ ", current: "→ ", ahead: "· ", "": "" };

/**
 * @param {Filter} filter
 * @returns {[Kind, string][]}
 */
export function filterLines(filter) {
  return filled([
    ["head", `${FILTER_MARKS[filter.state] ?? ""}${filter.name}`],
    ["text", filter.is_default ? "" : filter.expression || "(an empty expression)"],
    ["soft", filter.is_default ? "default_filter" : ""],
    ["why", filter.why],
  ]);
}

/**
 * @param {Target} target
 * @returns {[Kind, string][]}
 */
export function targetLines(target) {
  return filled([
    ["head", `${TARGET_MARKS[target.state] ?? ""}${target.queue}`],
    ["soft", target.queue_expression && `TargetWorkers: ${target.queue_expression}`],
    ...askedBy(target).map(([name, value]) => /** @type {[Kind, string]} */ (["text", `${name}: ${value}`])),
    ["why", target.why],
  ]);
}

/**
 * What a target asks for.
 *
 * @param {Target} target
 * @returns {[name: string, value: string][]}
 */
export function askedBy(target) {
  return MAY_ASK.filter((name) => target[name]).map((name) => [name, target[name]]);
}

/** @param {[Kind, string][]} lines */
const filled = (lines) => lines.filter(([, text]) => text);

/**
 * A box as high as its lines.
 *
 * @param {Box["what"]} what
 * @param {string} state
 * @param {[Kind, string][]} lines
 * @param {{ x: number, y: number, width: number, measure: Measure }} at
 * @returns {Box}
 */
export function boxOf(what, state, lines, { x, y, width, measure }) {
  const room = width - 2 * PAD;
  const wrapped = lines.flatMap(([kind, text]) =>
    wrap(text, room, (part) => measure(part, kind)).map((part) => ({ kind, text: part })),
  );
  const placed = wrapped.map((line, index) => ({ ...line, y: PAD + LINE * index + 12 }));
  const full = lines.map(([, text]) => text).join("\n");
  return { what, state, x, y, width, height: 2 * PAD + LINE * wrapped.length, lines: placed, full };
}

/**
 * A text in lines that fit, broken between words, or within one that is too long; of a long text the beginning.
 *
 * @param {string} text
 * @param {number} room
 * @param {(text: string) => number} measure
 * @param {number} [most] lines
 */
export function wrap(text, room, measure, most = MOST_LINES) {
  /** @type {string[]} */
  const lines = [];
  let rest = text.slice(0, MOST_CHARACTERS).replace(/\s+/g, " ").trim();
  while (rest && lines.length < most) {
    const fits = fitting(rest, room, measure);
    const blank = fits < rest.length ? rest.lastIndexOf(" ", fits) : -1;
    const cut = blank > 0 ? blank : fits;
    lines.push(rest.slice(0, cut));
    rest = rest.slice(cut).trimStart();
  }
  if (rest) lines[most - 1] = `${lines[most - 1].slice(0, -1).trimEnd()}…`;
  return lines;
}

/**
 * How many of the first characters fit; at least one.
 *
 * @param {string} text
 * @param {number} room
 * @param {(text: string) => number} measure
 */
function fitting(text, room, measure) {
  let least = 1;
  let most = text.length;
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (measure(text.slice(0, middle)) <= room) least = middle;
    else most = middle - 1;
  }
  return least;
}
