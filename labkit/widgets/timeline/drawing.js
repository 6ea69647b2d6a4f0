// How the timeline looks: bars, signs, lanes, the legend, the tooltip and the table of a lane's events.

import { button, copyButton } from "../js/buttons.js";
import { el, keyed, setText, svg } from "../js/dom.js";
import { howLong, shortSid, timeOfDay } from "../js/format.js";
import { whyButton } from "../js/why.js";

const STATE_WORDS = ["pending", "reserved", "assigned", "wrapping", "completed", "canceled"];
const MARK_WORDS = {
  event: "event callback",
  callback: "assignment callback",
  timeout: "timeout",
  refused: "not accepted",
};
export const SHORTEST_MS = 2000;
export const LONGEST_MS = 24 * 3600e3;
export const FIRST_SPAN_MS = 40e3;
export const LONGEST_FIRST_MS = 240e3;
export const AFTER_NOW = 0.05; // of the width: what is now is not glued to the edge
const STEPS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200];
export const HEIGHTS = { tasks: 38, workers: 58 };
export const NEAR_PX = 6;

const GLYPHS = {
  callback: [["path", { d: "M0-4.6L4.6 0 0 4.6-4.6 0z" }]],
  timeout: [["path", { d: "M-4-4.5h8L.7 0 4 4.5h-8L-.7 0z" }]],
  refused: [["path", { d: "M-3.6-3.6l7.2 7.2m0-7.2l-7.2 7.2", class: "lk-glyph-line" }]],
  event: [["path", { d: "M0-2.4v4.8", class: "lk-glyph-line" }]],
  seen: [["circle", { r: 2.6, class: "lk-glyph-line" }]],
  completed: [["path", { d: "M-4 .4l2.7 2.8 5-5.8", class: "lk-glyph-line" }]],
  canceled: [["path", { d: "M-3.2-3.2l6.4 6.4m0-6.4l-6.4 6.4", class: "lk-glyph-line" }]],
};

const glyph = (kind, x, y) =>
  svg(
    "g",
    { class: "lk-glyph", "data-kind": kind, transform: `translate(${x} ${y})` },
    ...GLYPHS[kind].map(([tag, attributes]) => svg(tag, attributes)),
  );

export const exactTime = (ms) => `${timeOfDay(ms)}.${String(Math.floor(ms % 1000)).padStart(3, "0")}`;
const lasted = (ms) => (ms < 10000 ? `${(Math.max(0, ms) / 1000).toFixed(1)} s` : howLong(ms));

/** The patterns that tell the states apart without their colours; `id` keeps two panels on one page apart. */
export function patterns(id) {
  const pattern = (state, size, path) =>
    svg(
      "pattern",
      { id: `${id}-${state}`, width: size, height: size, patternUnits: "userSpaceOnUse" },
      svg("path", { d: path, class: "lk-pattern", "data-state": state }),
    );
  const all = [
    pattern("pending", 7, "M1 2h1M4.5 5.5h1"),
    pattern("reserved", 6, "M-1 7L7-1M-1 1L1-1M5 7L7 5"),
    pattern("wrapping", 5, "M1.5 0v5"),
    pattern("unavailable", 5, "M-1 6L6-1M-1 1L1-1M4 6L6 4"),
  ];
  return svg("svg", { class: "lk-defs", width: 0, height: 0, "aria-hidden": "true" }, svg("defs", {}, ...all));
}

/** One state from `x` on, `wide` pixels; where it ends a Task it is a cap with a sign. */
function bar(id, state, x, y, wide, high, text) {
  const group = svg("g", { class: "lk-stretch", "data-state": state });
  if (state === "unknown") {
    group.append(svg("path", { d: `M${x} ${y + high / 2}h${wide}`, class: "lk-unknown" }));
    return group;
  }
  const box = { x, y, width: Math.max(wide, 1.5), height: high, rx: Math.min(4, wide / 2) };
  group.append(svg("rect", { ...box, class: "lk-block" }));
  if (["pending", "reserved", "wrapping", "unavailable"].includes(state))
    group.append(svg("rect", { ...box, fill: `url(#${id}-${state})` }));
  if (GLYPHS[state]) group.append(glyph(state, x + wide / 2, y + high / 2));
  const room = Math.floor((wide - 9) / (high > 13 ? 6.2 : 5.6));
  const shown = !GLYPHS[state] && (text.length <= room ? text : text.split(" · ")[0]);
  if (shown && high > 9 && shown.length <= room) {
    const label = svg("text", { x: x + 7, y: y + high / 2, class: "lk-block-text" });
    label.textContent = shown;
    group.append(label);
  }
  return group;
}

export function legend(id) {
  const sample = (draw) => svg("svg", { width: 24, height: 14, viewBox: "0 0 24 14", "aria-hidden": "true" }, draw);
  const item = (draw, text) => el("li", {}, sample(draw), el("span", { text }));
  const states = STATE_WORDS.map((state) =>
    item(bar(id, state, GLYPHS[state] ? 4 : 1, 1, GLYPHS[state] ? 16 : 22, 12, ""), state),
  );
  const marks = Object.entries(MARK_WORDS).map(([kind, text]) => item(glyph(kind, 12, 7), text));
  return el("ul", { class: "lk-legend", "aria-label": "Legend" }, ...states, ...marks);
}

/** What the names of all TaskQueues begin with, up to a word's end, where that is long and leaves something of each. */
export function commonStart(names) {
  const all = [...new Set(names)];
  if (all.length < 2) return "";
  let start = all[0];
  for (const name of all) while (!name.startsWith(start)) start = start.slice(0, -1);
  start = start.slice(0, start.lastIndexOf(" ") + 1);
  return start.length > 8 && all.every((name) => name.length > start.length) ? start : "";
}

/** The end of a long name, from a word's beginning on: that is where the names of TaskQueues differ. */
export const nameEnd = (name) => (name.length > 27 ? `… ${name.slice(-25).replace(/^\S*\s+/, "")}` : name);

/** The state at a moment and the marks near it: what a tooltip tells. */
function lookup(lane, at, near) {
  const stretch = lane.stretches.findLast((each) => each[1] <= at && (each[2] === null || at <= each[2]));
  let marks = lane.marks.filter((mark) => Math.abs(mark[1] - at) <= near);
  if (!marks.length && stretch) marks = lane.marks.filter((mark) => mark[1] === stretch[1]);
  const activity = lane.activities?.findLast((each) => each[1] <= at);
  return { stretch, marks, activity };
}

function stretchWords(stretch, now) {
  const [state, begin, end, who] = stretch;
  if (GLYPHS[state]) return `${state} at ${exactTime(begin)}`;
  const name = state === "unknown" ? "not known what it was" : state;
  const whom = who && `${/^W[KT]/.test(who) ? shortSid(who) : who}`;
  return [
    name,
    whom,
    end === null
      ? `for ${lasted(now - begin)} so far, since ${exactTime(begin)}`
      : `for ${lasted(end - begin)}, ${exactTime(begin)} to ${exactTime(end)}`,
  ]
    .filter(Boolean)
    .join(" · ");
}

/** A lane in one sentence, for those who do not see it. */
export function laneWords(lane, now) {
  const states = lane.stretches
    .slice(-8)
    .map(([state, begin, end]) =>
      GLYPHS[state] ? state : `${state === "unknown" ? "not known" : state} ${lasted((end ?? now) - begin)}`,
    );
  return `${lane.activities ? "Worker" : "Task"} ${lane.name}${lane.queue ? ` in ${lane.queue}` : ""}: ${states.join(", ") || lane.state || "nothing yet"}`;
}

export function gridLines(view, now, high) {
  const least = (view.look.span / Math.max(view.look.wide, 1)) * 84;
  const step = (STEPS_S.find((s) => s * 1000 >= least) ?? 86400) * 1000;
  const shift = new Date(now).getTimezoneOffset() * 60e3;
  const found = { lines: [], labels: [] };
  for (
    let at = Math.ceil((view.begin(now) - shift) / step) * step + shift;
    at < view.begin(now) + view.look.span;
    at += step
  ) {
    const x = Math.round(view.x(at, now)) + 0.5;
    found.lines.push(svg("path", { d: `M${x} 0v${high}`, class: "lk-gridline" }));
    const label = svg("text", { x, y: 17, class: "lk-tick" });
    label.textContent =
      step < 1000 ? exactTime(at).slice(3, -2) : step < 60e3 ? timeOfDay(at) : timeOfDay(at).slice(0, 5);
    if (x > 22 && x < view.look.wide - 22) found.labels.push(label);
  }
  return found;
}

export function drawLane(node, lane, { id, view, now, picked }) {
  const from = view.begin(now) - view.look.span * 0.01;
  const to = view.begin(now) + view.look.span * 1.01;
  const parts = [];
  const rows = Math.min(lane.rows || 1, 4);
  const room = rows > 1 ? 25 : 17; // for a Worker's Reservations beside each other
  const high = rows > 1 ? room / rows - 1 : room;
  for (const [name, begin, end, kind] of lane.activities || []) {
    if ((end ?? now) < from || begin > to) continue;
    const x = Math.max(view.x(begin, now), -10);
    parts.push(
      bar(
        id,
        kind === "available" ? "available" : "unavailable",
        x,
        41,
        Math.min(view.x(end ?? now, now), view.look.wide + 10) - x,
        12,
        name,
      ),
    );
  }
  for (const [state, begin, end, who, row] of lane.stretches) {
    const last = GLYPHS[state];
    if ((end ?? now) < from && !last) continue;
    if (begin > to || (last && begin < from)) continue;
    const x = last ? view.x(begin, now) : Math.max(view.x(begin, now), -10);
    const wide = last ? 17 : Math.min(view.x(end ?? now, now), view.look.wide + 10) - x;
    const whom = lane.activities ? shortSid(who) : who;
    parts.push(bar(id, state, x, 12 + (row % 4) * (room / rows), wide, high, whom ? `${state} · ${whom}` : state));
  }
  for (const [kind, at] of lane.marks) {
    if (at < from || at > to) continue;
    const x = view.x(at, now);
    if (kind === "callback") parts.push(glyph(kind, x, 6.5));
    else if (!lane.activities) parts.push(glyph(kind, x, kind === "timeout" || kind === "refused" ? 33 : 33.5));
    else if (kind === "timeout" || kind === "refused") parts.push(glyph(kind, x, 20.5));
  }
  if (picked !== null) parts.push(svg("path", { d: `M${view.x(picked, now)} 0v${HEIGHTS.tasks}`, class: "lk-picked" }));
  node.lk.plot.replaceChildren(...parts);
}

export function createLane(lane, open) {
  const name = el("span", { class: "lk-lane-name" });
  const about = el("span", { class: "lk-lane-about" });
  const label = el(
    "button",
    { type: "button", class: "lk-lane-label", tabindex: "-1", on: { click: () => open(lane.sid) } },
    name,
    about,
  );
  const plot = svg("svg", { class: "lk-lane-plot", "aria-hidden": "true" });
  const node = el("div", { class: "lk-lane", role: "listitem", data: { sid: lane.sid } }, label, plot);
  node.lk = { name, about, label, plot };
  return node;
}

/** All that happened in a lane, in words. */
export function detailsOf(wire, shut) {
  const heading = el("strong", { class: "lk-mono" });
  const summary = el("div", { class: "lk-soft" });
  const rows = el("tbody");
  let lane = null;
  const why = whyButton(wire, () => lane.sid);
  const table = el(
    "table",
    {},
    el(
      "thead",
      {},
      el("tr", {}, ...["Time", "After", "What happened"].map((text) => el("th", { scope: "col", text }))),
    ),
    rows,
  );
  const root = el(
    "section",
    { class: "lk-lane-details", hidden: true, "aria-label": "All events of this lane" },
    el(
      "div",
      { class: "lk-lane-head" },
      heading,
      copyButton("Copy the SID", () => lane.sid),
      el("span", { class: "lk-space" }),
      why,
      button("Close", "secondary", shut),
    ),
    summary,
    el("div", { class: "lk-lane-table", tabindex: "0", role: "group", "aria-label": "Events" }, table),
  );
  const show = (next, now) => {
    lane = next;
    root.hidden = !lane;
    if (!lane) return;
    why.hidden = Boolean(lane.activities);
    setText(heading, lane.sid);
    setText(summary, laneWords(lane, now));
    keyed(
      rows,
      lane.marks.map((mark, index) => [mark, index]),
      ([, index]) => index,
      () => el("tr", {}, el("td"), el("td"), el("td")),
      (row, [[kind, at, text], index]) => {
        row.dataset.kind = kind;
        setText(row.children[0], exactTime(at));
        setText(
          row.children[1],
          index && at > lane.marks[index - 1][1] ? `+${lasted(at - lane.marks[index - 1][1])}` : "",
        );
        setText(row.children[2], text);
      },
    );
  };
  return { root, show };
}

export function tooltip(root) {
  const when = el("div", { class: "lk-tip-when" });
  const what = el("div", { class: "lk-tip-what" });
  const list = el("ul", {});
  const tip = el("div", { class: "lk-tip", role: "tooltip", hidden: true }, when, what, list);
  root.append(tip);
  return {
    hide: () => (tip.hidden = true),
    /** Shows what is at `at` in this lane, beside the point (x, y) of the screen; returns it as words. */
    show(lane, at, now, near, [x, y]) {
      const { stretch, marks, activity } = lookup(lane, at, near);
      tip.hidden = !stretch && !marks.length && !activity;
      if (tip.hidden) return "";
      setText(when, exactTime(at));
      setText(
        what,
        [stretch && stretchWords(stretch, now), activity && `${activity[0]}${activity[3] ? ` (${activity[3]})` : ""}`]
          .filter(Boolean)
          .join(" — "),
      );
      const lines = marks.slice(0, 7).map((mark) => [mark[0], `${exactTime(mark[1])}  ${mark[2]}`]);
      if (marks.length > 7) lines.push(["event", `and ${marks.length - 7} more`]);
      list.replaceChildren(
        ...lines.map(([kind, text]) =>
          el(
            "li",
            {},
            svg("svg", { viewBox: "-7 -7 14 14", width: 14, height: 14, "aria-hidden": "true" }, glyph(kind, 0, 0)),
            el("span", { text }),
          ),
        ),
      );
      const frameBox = root.getBoundingClientRect();
      const left = Math.min(Math.max(8, x - frameBox.left + 14), Math.max(8, frameBox.width - tip.offsetWidth - 8));
      const below = y - frameBox.top + 20;
      tip.style.left = `${left}px`;
      tip.style.top = `${below + tip.offsetHeight > frameBox.height + 40 ? y - frameBox.top - tip.offsetHeight - 14 : below}px`;
      return [what.textContent, ...marks.map((mark) => mark[2])].join(". ");
    },
  };
}
