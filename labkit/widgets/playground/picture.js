// @ts-check
// The picture of a Workflow: drawn from its layout, and the same in words for whoever does not see it.

import { el, svg } from "../js/dom.js";
import { askedBy, PAD } from "./boxes.js";
import { layout } from "./layout.js";

/**
 * @import { Box, Filter, Kind, Line, Measure, Target, Workflow } from "./boxes.js"
 * @import { Path } from "./layout.js"
 */

const LEAST_WIDTH = 260;
/** The size of the panel's text, in pixels, for which the layout is made; in another one all of it is larger or smaller. */
const USUAL_TEXT = 13;
/** Around the drawing, for the frames of its boxes; as the style has it. */
const MARGIN = 3;

/**
 * The picture, in a place that scrolls; it is drawn anew when there is another width for it.
 */
export function workflowPicture() {
  const holder = el("div", {
    class: "lk-picture",
    tabindex: "0",
    role: "region",
    "aria-label": "Picture of the Workflow",
  });
  const words = el("div", { class: "lk-picture-words" });
  const inWords = el("details", {}, el("summary", { text: "The same in words" }), words);
  /** @type {Workflow | null} */
  let workflow = null;
  let width = 0;
  let place = "";
  const draw = () => {
    if (!workflow || width < 1) return;
    const scale = Number.parseFloat(getComputedStyle(holder).fontSize) / USUAL_TEXT || 1;
    const drawn = drawing(workflow, Math.max(LEAST_WIDTH, width / scale), measureIn(holder), scale);
    holder.replaceChildren(drawn);
    const now = placeOf(workflow);
    if (now !== place) bringIntoView(holder, drawn.querySelector('[data-here="true"]'));
    place = now;
  };
  const resized = new ResizeObserver(() => {
    const found = Math.floor(holder.clientWidth) - 2 * MARGIN;
    if (found === width) return;
    width = found;
    draw();
  });
  resized.observe(holder);
  return {
    root: el("div", {}, holder, inWords),
    /** @param {Workflow | null} next */
    show: (next) => {
      workflow = next;
      holder.hidden = inWords.hidden = !next;
      if (next) words.replaceChildren(outline(next));
      draw();
    },
    stop: () => resized.disconnect(),
  };
}

/**
 * Scroll the picture alone: the page around it stays where it is.
 *
 * @param {HTMLElement} holder
 * @param {Element | null} box
 */
function bringIntoView(holder, box) {
  if (!box) return;
  const place = box.getBoundingClientRect();
  const room = holder.getBoundingClientRect();
  if (place.top < room.top) holder.scrollTop -= room.top - place.top + MARGIN;
  else if (place.bottom > room.bottom) holder.scrollTop += place.bottom - room.bottom + MARGIN;
}

/**
 * How wide texts are in the fonts of the picture.
 *
 * @param {HTMLElement} holder
 * @returns {Measure}
 */
function measureIn(holder) {
  const context = document.createElement("canvas").getContext("2d");
  const style = getComputedStyle(holder);
  const mono = style.getPropertyValue("--lk-mono") || "monospace";
  /** @type {Record<Kind, string>} */
  const fonts = {
    head: `600 13px ${style.fontFamily}`,
    text: `12px ${mono}`,
    soft: `12px ${style.fontFamily}`,
    why: `12px ${style.fontFamily}`,
  };
  return (text, kind) => {
    if (!context) return text.length * 7;
    context.font = fonts[kind];
    return context.measureText(text).width;
  };
}

/** @param {Workflow} workflow */
function placeOf({ name, filters, way }) {
  const at = filters.map(({ state, targets }) => [state, targets.map((target) => target.state)]);
  return JSON.stringify([name, way?.task, at]);
}

/**
 * @param {Workflow} workflow
 * @param {number} width
 * @param {Measure} measure
 * @param {number} scale
 */
function drawing(workflow, width, measure, scale) {
  const { height, boxes, paths } = layout(workflow, width, measure);
  const parts = [...paths.filter((path) => !path.isLit), ...paths.filter((path) => path.isLit)].flatMap(pathParts);
  return svg(
    "svg",
    {
      class: "lk-workflow-svg",
      width: width * scale,
      height: height * scale,
      viewBox: `0 0 ${width} ${height}`,
      role: "img",
      "aria-label": inShort(workflow),
    },
    ...parts,
    ...boxes.map(boxPart),
  );
}

/** @param {Path} path */
function pathParts({ points, isLit, hasHead }) {
  const line = svg("polyline", {
    points: points.map((point) => point.join(",")).join(" "),
    class: `lk-way${isLit ? " lk-lit" : ""}`,
  });
  if (!hasHead) return [line];
  const [[x0], [x, y]] = points.slice(-2);
  const head =
    x === x0 ? `M${x - 4} ${y - 6}L${x} ${y}L${x + 4} ${y - 6}` : `M${x - 6} ${y - 4}L${x} ${y}L${x - 6} ${y + 4}`;
  return [line, svg("path", { d: head, class: `lk-way${isLit ? " lk-lit" : ""}` })];
}

/** @param {Box} box */
function boxPart({ what, state, x, y, width, height, lines, full }) {
  const title = svg("title");
  title.textContent = full;
  const isHere = state === "current" || state === "refused";
  return svg(
    "g",
    { class: `lk-box lk-box-${what}`, "data-state": state || "none", "data-here": String(isHere) },
    title,
    svg("rect", { x: x + 0.5, y: y + 0.5, width: width - 1, height: height - 1, rx: what === "task" ? 14 : 7 }),
    ...lines.map((line) => lineOf(line, x + PAD, y)),
  );
}

/**
 * @param {Line} line
 * @param {number} x
 * @param {number} y
 */
function lineOf({ text, kind, y: down }, x, y) {
  const node = svg("text", { x, y: y + down, class: `lk-line-${kind}` });
  node.textContent = text;
  return node;
}

/**
 * A sentence for whoever hears the picture.
 *
 * @param {Workflow} workflow
 */
export function inShort({ name, filters, way }) {
  const number = filters.filter((filter) => !filter.is_default).length;
  const byDefault = filters.length > number ? " and a default filter" : "";
  const about = `Workflow ${name}: ${number} filter${number === 1 ? "" : "s"}${byDefault}.`;
  return way ? `${about} ${way.task}: ${way.text}` : about;
}

/** @param {Workflow} workflow */
function outline({ filters }) {
  return el(
    "ol",
    {},
    ...filters.map((filter) => el("li", {}, el("div", { text: filterWords(filter) }), targetList(filter))),
  );
}

/** @param {Filter} filter */
function targetList({ targets }) {
  return el("ol", {}, ...targets.map((target) => el("li", { text: targetWords(target) })));
}

/** @param {Filter} filter */
export function filterWords({ name, expression, is_default, state, why }) {
  const asked = is_default ? "default filter" : expression || "an empty expression";
  const came = why || state;
  return `${name} (${asked})${came && ` – ${came}`}`;
}

/** @param {Target} target */
export function targetWords(target) {
  const asked = askedBy(target).map(([name, value]) => `${name} ${value}`);
  const came =
    target.state === "current" ? ["here", target.why].filter(Boolean).join(", ") : target.why || target.state;
  const of = target.queue_expression ? ` (${target.queue_expression})` : "";
  return [`TaskQueue ${target.queue}${of}`, ...asked].join(", ") + (came && ` – ${came}`);
}
