// Queues: a row for each TaskQueue, and two plots drawn by plotly.js, which queues.py puts in front of this script.

import { plotlyLibrary } from "plotly";
import { el, keyed, setAttribute, setText } from "../js/dom.js";
import { exactly, howLong } from "../js/format.js";
import { emptyState, frame } from "../js/frame.js";
import { light } from "../js/lights.js";
import { every } from "../js/timers.js";
import { whyButton } from "../js/why.js";
import { connect } from "../js/wire.js";

const LOOK_EVERY_MS = 2000; // Python decides whether TaskRouter is asked
const DRAW_EVERY_MS = 1000;
const SHORTEST_MS = 120e3; // of the time that the first plot shows, until there is more to show
const LINES = [
  ["accent", "solid"],
  ["violet", "6px,2px"],
  ["green", "2px,2px"],
  ["amber", "9px,2px,2px,2px"],
  ["red", "12px,3px"],
  ["grey", "4px,4px"],
];
const COLUMNS = ["TaskQueue", "Waiting", "Longest wait", "Available Workers", "Service level", "Time to accept"];

/** Plotly reads some HTML in its texts; what strangers named is to be shown as it is. */
const plainly = (text) => String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const seconds = (value) =>
  value < 10 ? `${Number(value.toFixed(1))} s` : value % 60 ? howLong(value * 1000) : `${value / 60} min`;
const percent = (part, whole) => `${Math.round((100 * part) / whole)} %`;

/** The panel's colours as they are now, light or dark, in the form that Plotly reads. */
function colours(root) {
  const probe = el("span", { hidden: true });
  root.append(probe);
  const read = (name) => {
    probe.style.color = `var(--lk-${name})`;
    return getComputedStyle(probe).color;
  };
  const found = Object.fromEntries(
    ["bg", "ink", "ink-soft", "line", "accent", "violet", "green", "amber", "red", "grey"].map((name) => [
      name,
      read(name),
    ]),
  );
  const { fontFamily: family, fontSize } = getComputedStyle(root);
  probe.remove();
  return { ...found, font: { family, size: Math.max(11, parseFloat(fontSize) * 0.92), color: found["ink-soft"] } };
}

const axis = (colour, more) => ({
  gridcolor: colour.line,
  linecolor: colour.line,
  zeroline: false,
  fixedrange: true,
  automargin: true,
  tickfont: colour.font,
  title: { font: colour.font, standoff: 8 },
  ...more,
});

const sheet = (colour, more) => ({
  paper_bgcolor: "rgba(0,0,0,0)",
  plot_bgcolor: "rgba(0,0,0,0)",
  font: colour.font,
  dragmode: false,
  margin: { l: 42, r: 14, t: 10, b: 26 },
  uirevision: "same",
  hoverlabel: { bgcolor: colour.bg, bordercolor: colour.grey, font: { ...colour.font, color: colour.ink } },
  ...more,
});

let plotly = null;

const CONFIG = {
  displayModeBar: false,
  displaylogo: false,
  doubleClick: false,
  scrollZoom: false,
  responsive: false,
  showTips: false,
};

function waitingPlot(state, names, now, colour) {
  const begun = Math.min(now, ...names.map((name) => state.series[name]?.[1]?.[0] ?? now));
  const from = now - Math.min(state.minutes * 60e3, Math.max(SHORTEST_MS, (now - begun) * 1.15));
  const traces = names.map((name, index) => {
    const [tone, dash] = LINES[index % LINES.length];
    const points = state.series[name] || [];
    const steps = [...points, [now, points.at(-1)?.[1] ?? 0]];
    return {
      type: "scatter",
      mode: "lines",
      name: plainly(name),
      x: steps.map(([at]) => new Date(at)),
      y: steps.map(([, count]) => count),
      line: { color: colour[tone], width: 2.2, dash, shape: "hv" },
      hovertemplate: `%{y} waiting<extra>${plainly(name)}</extra>`,
    };
  });
  const most = Math.max(4, ...traces.flatMap((trace) => trace.y));
  const layout = sheet(colour, {
    showlegend: names.length > 1,
    hovermode: "x unified",
    legend: {
      orientation: "h",
      x: 0,
      y: 1.02,
      yanchor: "bottom",
      font: { ...colour.font, color: colour.ink },
      itemclick: false,
      itemdoubleclick: false,
    },
    margin: { l: 42, r: 14, t: names.length > 1 ? 34 : 10, b: 26 },
    xaxis: axis(colour, {
      type: "date",
      range: [new Date(from), new Date(now)],
      tickformat: now - from < 360e3 ? "%H:%M:%S" : "%H:%M",
      nticks: 6,
    }),
    yaxis: axis(colour, {
      range: [0, most * 1.12],
      rangemode: "tozero",
      tickformat: "d",
      nticks: 5,
      title: { text: "Tasks", font: colour.font, standoff: 8 },
    }),
  });
  return [traces, layout, Math.round((now - from) / 60e3)];
}

function acceptPlot(state, names, colour) {
  const width = state.bin_seconds;
  const counts = names
    .map((name) => state.bins[name] || [])
    .reduce((sum, each) => each.map((count, index) => count + (sum[index] || 0)), []);
  const last = counts.length - 1;
  const soon = (index) => (index + 1) * width <= state.within + 1e-9;
  const words = counts.map((_, index) =>
    index === last
      ? `${seconds(last * width)} or more`
      : `${seconds(index * width)} to ${seconds((index + 1) * width)}`,
  );
  const part = (name, keep, tone, pattern) => ({
    type: "bar",
    name,
    x: counts.map((_, index) => (index + 0.5) * width),
    y: counts.map((count, index) => (keep(index) && count ? count : null)),
    width: width * 0.86,
    customdata: words,
    hovertemplate: `%{y} accepted in %{customdata}<extra></extra>`,
    marker: {
      color: colour[tone],
      pattern: {
        shape: pattern,
        fillmode: "replace",
        fgcolor: colour[tone],
        bgcolor: "rgba(0,0,0,0)",
        size: 7,
        solidity: 0.35,
      },
      line: { color: colour[tone], width: 1 },
    },
  });
  const most = Math.max(4, ...counts);
  const marks = [0, 0.5, 1, 1.5, 2, 2.5, 3].map((share) => share * state.within);
  const layout = sheet(colour, {
    barmode: "overlay",
    showlegend: false,
    bargap: 0,
    shapes: [
      {
        type: "line",
        x0: state.within,
        x1: state.within,
        y0: 0,
        y1: 1,
        yref: "paper",
        line: { color: colour.ink, width: 1.5, dash: "dash" },
      },
    ],
    annotations: [
      {
        x: state.within,
        y: 1,
        yref: "paper",
        xanchor: "left",
        yanchor: "top",
        xshift: 5,
        showarrow: false,
        text: `service level: ${seconds(state.within)}`,
        font: { ...colour.font, color: colour.ink },
      },
    ],
    xaxis: axis(colour, {
      range: [-width * 0.4, (last + 1.3) * width],
      tickvals: marks,
      ticktext: marks.map((mark, index) => (index === 6 ? `${seconds(mark)} +` : seconds(mark))),
      showgrid: false,
    }),
    yaxis: axis(colour, {
      range: [0, most * 1.12],
      tickformat: "d",
      nticks: 5,
      title: { text: "Tasks", font: colour.font, standoff: 8 },
    }),
  });
  return [[part("in time", soon, "green", ""), part("later", (index) => !soon(index), "amber", "/")], layout];
}

function createRow(queue, wire, focus) {
  const name = el("button", {
    type: "button",
    class: "lk-queue-name",
    "aria-pressed": "false",
    title: "Show this TaskQueue alone in the plots",
    on: { click: () => focus(queue.name) },
  });
  const longest = el("span");
  const late = el("span", { class: "lk-late", hidden: true }, light("amber", "longer than the service level"));
  const meter = el("span", { class: "lk-meter", "aria-hidden": "true" }, el("span", { class: "lk-meter-bar" }));
  const level = el("span");
  const why = whyButton(wire, () => node.oldest, { hidden: true, title: "Why does this Task wait?" });
  const cells = [
    el("td", { class: "lk-number" }),
    el("td", {}, late, longest, why),
    el("td"),
    el("td", {}, meter, level),
    el("td"),
  ];
  const node = el("tr", {}, el("th", { scope: "row" }, name), ...cells);
  node.lk = { name, longest, late, why, meter, level, waiting: cells[0], workers: cells[2], accept: cells[4] };
  return node;
}

function updateRow(node, queue, { focused, now, state }) {
  const { name, waiting, longest, late, why, workers, meter, level, accept } = node.lk;
  const ms = queue.oldest === null ? null : now - queue.oldest;
  node.dataset.name = queue.name;
  setText(name, queue.name);
  setAttribute(name, "aria-pressed", String(focused === queue.name));
  setText(waiting, queue.waiting);
  setText(longest, ms === null ? "–" : howLong(ms));
  setAttribute(longest, "title", queue.oldest && `Task ${queue.oldest_task}, waiting since ${exactly(queue.oldest)}`);
  node.oldest = queue.oldest_task;
  why.hidden = !queue.oldest_task;
  late.hidden = ms === null || ms <= state.within * 1000;
  setText(workers, queue.eligible === null ? "…" : `${queue.available} of ${queue.eligible} eligible`);
  meter.hidden = !queue.accepted;
  meter.firstChild.style.width = queue.accepted ? `${(100 * queue.within) / queue.accepted}%` : "0";
  setText(
    level,
    queue.accepted
      ? `${percent(queue.within, queue.accepted)} · ${queue.within} of ${queue.accepted}`
      : "nothing accepted yet",
  );
  setText(accept, queue.accepted ? `half in ${seconds(queue.median)} · 90 % in ${seconds(queue.slowest)}` : "–");
}

function plotBox(title, about) {
  const words = el("figcaption", {}, el("strong", { text: title }), el("span", { class: "lk-soft", text: about }));
  const sheetBox = el("div", { class: "lk-plot", role: "img", "aria-label": title });
  return { root: el("figure", {}, words, sheetBox), about: words.lastChild, sheet: sheetBox };
}

function render({ model, el: host }) {
  const view = frame(host, "queues", "Queues");
  let [focused, visible, stopped, drawnAt, timer] = [null, true, false, 0, null];
  const limit = el("input", {
    type: "number",
    min: "0.1",
    step: "any",
    "aria-label": "Service level: accepted within so many seconds",
    on: { change: () => setLimit() },
  });
  view.aside.append(
    el(
      "label",
      { class: "lk-limit" },
      el("span", { text: "Service level: accepted within" }),
      limit,
      el("span", { text: "s" }),
    ),
  );
  const body = el("tbody");
  const table = el(
    "table",
    {},
    el("caption", { class: "lk-sr", text: "TaskQueues now" }),
    el("thead", {}, el("tr", {}, ...COLUMNS.map((text) => el("th", { scope: "col", text })))),
    body,
  );
  const waiting = plotBox("Waiting", "");
  const accept = plotBox("Time to accept", "");
  const empty = emptyState(
    "No TaskQueue yet",
    "A Workspace has at least one; it appears here as soon as TaskRouter is asked.",
  );
  const trouble = el("div", { class: "lk-problem", role: "status" });
  view.body.append(
    el("div", { class: "lk-table", role: "group", tabindex: "0", "aria-label": "TaskQueues" }, table),
    empty,
    trouble,
    el("div", { class: "lk-plots" }, waiting.root, accept.root),
  );

  const setLimit = async () => {
    const answer = await wire.ask("within", { seconds: Number.parseFloat(limit.value) });
    if (answer.ok) setText(trouble, "");
    else setText(trouble, answer.text);
    if (!answer.ok) limit.value = model.get("state").within;
  };
  const focus = (name) => {
    focused = focused === name ? null : name;
    draw(model.get("state"));
    plots();
  };
  const draw = (state) => {
    const queues = state.queues || [];
    if (focused !== null && !queues.some((queue) => queue.name === focused)) focused = null;
    empty.hidden = queues.length > 0;
    table.hidden = !queues.length;
    if (document.activeElement !== limit) limit.value = state.within;
    setText(trouble, state.trouble);
    keyed(
      body,
      queues,
      (queue) => queue.name,
      (queue) => createRow(queue, wire, focus),
      (node, queue) => updateRow(node, queue, { focused, now: wire.now(), state }),
    );
    soon();
  };
  const plots = () => {
    if (stopped || !visible || !waiting.sheet.clientWidth) return;
    plotly ??= plotlyLibrary();
    drawnAt = Date.now();
    const state = model.get("state");
    const now = wire.now();
    const names = (state.queues || []).map((queue) => queue.name);
    const shown = focused === null ? names : [focused];
    const colour = colours(view.body);
    const order = Object.fromEntries(names.map((name, index) => [name, index]));
    const [lines, lineSheet, minutes] = waitingPlot(state, names, now, colour);
    plotly.react(
      waiting.sheet,
      lines.filter((_, index) => shown.includes(names[index])),
      { ...lineSheet, width: waiting.sheet.clientWidth, height: waiting.sheet.clientHeight },
      CONFIG,
    );
    const [bars, barSheet] = acceptPlot(state, shown, colour);
    plotly.react(
      accept.sheet,
      bars,
      { ...barSheet, width: accept.sheet.clientWidth, height: accept.sheet.clientHeight },
      CONFIG,
    );
    const chosen = (state.queues || [])
      .filter((queue) => shown.includes(queue.name))
      .sort((a, b) => order[a.name] - order[b.name]);
    const accepted = chosen.reduce((sum, queue) => sum + queue.accepted, 0);
    const inTime = chosen.reduce((sum, queue) => sum + queue.within, 0);
    const about = focused === null ? "" : `${focused}, `;
    setText(waiting.about, `${about}last ${minutes} min`);
    setText(
      accept.about,
      `${about}${accepted ? `${inTime} of ${accepted} within ${seconds(state.within)}` : "nothing accepted yet"}, last ${state.minutes} min`,
    );
    setAttribute(
      waiting.sheet,
      "aria-label",
      `Waiting Tasks, last ${state.minutes} minutes. ${chosen.map((queue) => `${queue.name}: ${queue.waiting} now, at most ${Math.max(0, ...(state.series[queue.name] || []).map(([, count]) => count))}`).join("; ")}`,
    );
    setAttribute(
      accept.sheet,
      "aria-label",
      `Time to accept. ${accept.about.textContent}. ${chosen
        .filter((queue) => queue.accepted)
        .map(
          (queue) =>
            `${queue.name}: half within ${seconds(queue.median)}, nine of ten within ${seconds(queue.slowest)}`,
        )
        .join("; ")}`,
    );
  };
  /** Plots follow at once when it has been quiet, else a few times a second. */
  const soon = () => {
    if (timer !== null) return;
    timer = setTimeout(
      () => {
        timer = null;
        plots();
      },
      Math.max(30, drawnAt + 400 - Date.now()),
    );
  };

  const wire = connect(model, view, draw);
  const look = () => visible && !document.hidden && wire.ask("look");
  const seen = new IntersectionObserver((entries) => {
    const was = visible;
    visible = entries.at(-1).isIntersecting;
    if (visible && !was) {
      plots();
      look();
    }
  });
  const sized = new ResizeObserver(soon);
  const themed = new MutationObserver(() => requestAnimationFrame(plots));
  seen.observe(view.root);
  sized.observe(waiting.sheet);
  themed.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"] });
  wire.start();
  const endings = [
    every(LOOK_EVERY_MS, look),
    every(DRAW_EVERY_MS, () => !document.hidden && visible && draw(model.get("state"))),
    () => [seen, sized, themed].forEach((observer) => observer.disconnect()),
    () => clearTimeout(timer),
    () => [waiting, accept].forEach((plot) => plotly?.purge(plot.sheet)),
    wire.stop,
  ];
  return () => {
    stopped = true;
    endings.forEach((end) => end());
  };
}

export default { render };
