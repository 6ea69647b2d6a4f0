// @ts-check
// Queues: a row for each TaskQueue, and two plots below.

import { el, keyed, setText } from "../js/dom.js";
import { emptyState, frame } from "../js/frame.js";
import { onLook } from "../js/look.js";
import { panelScript } from "../js/reconnect.js";
import { every } from "../js/timers.js";
import { connect } from "../js/wire.js";
import { plotPair } from "./plots.js";
import { COLUMNS, createRow, updateRow } from "./row.js";

/**
 * @import { Frame } from "../js/frame.js"
 * @import { WhyAnswers } from "../js/why.js"
 * @import { KernelTime, Model, Shown, Wire } from "../js/wire.js"
 * @import { Content } from "./figures.js"
 * @import { LibraryAnswers } from "./library.js"
 */
/** @typedef {KernelTime & Content} State */
/** @typedef {WhyAnswers & LibraryAnswers & { look: {}, within: {} }} Answers */
/** @typedef {ReturnType<typeof build>} Queues */

const LOOK_EVERY_MS = 2000; // Python decides whether TaskRouter is asked
const DRAW_EVERY_MS = 1000;
const PLOT_EVERY_MS = 400;
const PLOT_AFTER_MS = 30;

/**
 * @param {Model<State>} model
 * @param {HTMLElement} host
 */
function build(model, host) {
  const view = frame(host, "queues", "Queues", "utc");
  /** @type {Wire<Answers>} */
  const wire = connect(model, view, () => {
    draw(it);
  });
  const body = el("tbody", { role: "rowgroup" });
  const it = {
    model,
    view,
    wire,
    body,
    limit: limitField(view),
    table: queueTable(body),
    empty: emptyState(
      "No TaskQueue yet",
      "A Workspace has at least one; it appears here as soon as TaskRouter is asked.",
    ),
    trouble: el("div", { class: "lk-problem", role: "status" }),
    refused: "", // why the last limit was not taken
    plots: plotPair(view.body, wire, () => plot(it)),
    focused: /** @type {string | null} */ (null),
    visible: false,
    stopped: false,
    drawnAt: 0,
    timer: /** @type {ReturnType<typeof setTimeout> | null} */ (null),
  };
  it.limit.addEventListener("change", () => setLimit(it));
  const group = { class: "lk-table", role: "group", tabindex: "0", "aria-label": "TaskQueues" };
  view.body.append(el("div", group, it.table), it.empty, it.trouble, it.plots.root);
  return it;
}

/** @param {Frame} view */
function limitField({ aside }) {
  const label = "Service level: accepted within so many seconds";
  const limit = el("input", { type: "number", min: "0.1", step: "any", "aria-label": label });
  const [before, after] = ["Service level: accepted within", "s"].map((text) => el("span", { text }));
  aside.append(el("label", { class: "lk-limit" }, before, limit, after));
  return limit;
}

/** @param {Element} body */
function queueTable(body) {
  const columns = COLUMNS.map((text) => el("th", { scope: "col", role: "columnheader", text }));
  const caption = el("caption", { class: "lk-sr", text: "TaskQueues now" });
  const head = el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, ...columns));
  return el("table", { role: "table" }, caption, head, body);
}

/** @param {Queues} it */
async function setLimit(it) {
  const answer = await it.wire.ask("within", { seconds: Number.parseFloat(it.limit.value) });
  it.refused = answer.ok ? "" : answer.text;
  setText(it.trouble, it.refused);
  if (!answer.ok) it.limit.value = String(it.model.get("state").within);
}

/**
 * Show one TaskQueue alone in the plots, or, the second time, all of them again.
 *
 * @param {Queues} it
 * @param {string} name
 */
function focus(it, name) {
  it.focused = it.focused === name ? null : name;
  draw(it);
  plot(it);
}

/** @param {Queues} it */
function draw(it) {
  const state = it.model.get("state");
  const queues = state.queues ?? [];
  if (!queues.some((queue) => queue.name === it.focused)) it.focused = null;
  it.empty.hidden = queues.length > 0;
  it.table.hidden = !queues.length;
  it.view.root.style.setProperty("--lk-names", String(queues.length));
  if (document.activeElement !== it.limit) it.limit.value = String(state.within);
  setText(it.trouble, it.refused || state.trouble);
  const how = { focused: it.focused, now: it.wire.now(), limit: state.within };
  keyed(
    it.body,
    queues,
    (queue) => queue.name,
    (queue) => createRow(queue, it.wire, (name) => focus(it, name)),
    (row, queue) => updateRow(row, queue, how),
  );
  plotSoon(it);
}

/** @param {Queues} it */
function plot(it) {
  if (it.stopped || !it.visible || !it.plots.isSeen()) return;
  it.drawnAt = Date.now();
  it.plots.draw(it.model.get("state"), it.focused, it.wire.now());
}

/**
 * The plots follow at once when it has been quiet, else a few times a second.
 *
 * @param {Queues} it
 */
function plotSoon(it) {
  it.timer ??= setTimeout(
    () => {
      it.timer = null;
      plot(it);
    },
    Math.max(PLOT_AFTER_MS, it.drawnAt + PLOT_EVERY_MS - Date.now()),
  );
}

/** @param {Queues} it */
const look = (it) => it.visible && !document.hidden && it.wire.ask("look");

/**
 * Draw anew what somebody begins to see, what gets another size, and what gets another theme.
 *
 * @param {Queues} it
 */
function observe(it) {
  const seen = new IntersectionObserver((entries) => {
    const was = it.visible;
    it.visible = Boolean(entries.at(-1)?.isIntersecting);
    if (!it.visible || was) return;
    plot(it);
    look(it);
  });
  const sized = new ResizeObserver(() => plotSoon(it));
  const recolour = () => requestAnimationFrame(() => plot(it));
  const themed = new MutationObserver(recolour);
  seen.observe(it.view.root);
  sized.observe(it.plots.sheet);
  const attributeFilter = ["data-jp-theme-light", "data-jp-theme-name"];
  themed.observe(document.body, { attributes: true, attributeFilter });
  const endLooking = onLook(recolour);
  return () => {
    endLooking();
    for (const observer of [seen, sized, themed]) observer.disconnect();
  };
}

/** @param {Shown<State>} shown */
function render({ model, el: host }) {
  const it = build(model, host);
  const endings = [observe(it)];
  it.wire.start();
  endings.push(
    every(LOOK_EVERY_MS, () => look(it)),
    every(DRAW_EVERY_MS, () => !document.hidden && it.visible && draw(it)),
    it.plots.stop,
    it.wire.stop,
  );
  return () => {
    it.stopped = true;
    if (it.timer) clearTimeout(it.timer);
    for (const end of endings) end();
  };
}

export default panelScript("queues", render);
