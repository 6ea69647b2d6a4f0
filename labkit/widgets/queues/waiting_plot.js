// @ts-check
// The first plot: how many Tasks waited in each TaskQueue, as time went on.

import { axis, plainly, sheet, tasksAxis } from "./plot_style.js";

/**
 * @import { Content } from "./figures.js"
 * @import { Colours, Tone } from "./plot_style.js"
 */

const SHORTEST_MS = 120e3; // of the time that is shown, until there is more to show
/** @type {[tone: Tone, dash: string][]} */
const LINES = [
  ["accent", "solid"],
  ["violet", "6px,2px"],
  ["green", "2px,2px"],
  ["amber", "9px,2px,2px,2px"],
  ["red", "12px,3px"],
  ["grey", "4px,4px"],
];

/**
 * From when on the plot shows what waited: not long before the first Task did.
 *
 * @param {Content} content
 * @param {string[]} names
 * @param {number} now
 */
export function shownFrom({ series, minutes }, names, now) {
  const begun = Math.min(now, ...names.map((name) => series[name]?.[1]?.[0] ?? now));
  return now - Math.min(minutes * 60e3, Math.max(SHORTEST_MS, (now - begun) * 1.15));
}

/**
 * @param {Content} content
 * @param {{ names: string[], shown: string[], now: number, colour: Colours }} how `names` of all TaskQueues, so that
 *   each keeps its colour, and which of them are `shown`
 */
export function waitingPlot(content, { names, shown, now, colour }) {
  const from = shownFrom(content, names, now);
  const traces = names.map((name, index) => trace(content, { name, index, now, colour }));
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
      range: [from, now].map(moment),
      tickformat: now - from < 360e3 ? "%H:%M:%S" : "%H:%M",
      nticks: 6,
    }),
    yaxis: tasksAxis(
      colour,
      traces.flatMap((each) => each.y),
    ),
  });
  const minutes = Math.round((now - from) / 60e3);
  return { traces: traces.filter((_, index) => shown.includes(names[index])), layout, minutes };
}

/**
 * A moment for plotly, which shows a number or a Date in the browser's zone, and a text as it stands: in UTC.
 *
 * @param {number} ms since 1970
 */
const moment = (ms) => new Date(ms).toISOString();

/**
 * @param {Content} content
 * @param {{ name: string, index: number, now: number, colour: Colours }} how
 */
function trace({ series }, { name, index, now, colour }) {
  const [tone, dash] = LINES[index % LINES.length];
  const points = series[name] ?? [];
  const steps = [...points, [now, points.at(-1)?.[1] ?? 0]];
  return {
    type: "scatter",
    mode: "lines",
    name: plainly(name),
    x: steps.map(([at]) => moment(at)),
    y: steps.map(([, count]) => count),
    line: { color: colour[tone], width: 2.2, dash, shape: "hv" },
    hovertemplate: `%{y} waiting<extra>${plainly(name)}</extra>`,
  };
}
