// @ts-check
// The second plot: how many Tasks were accepted in so long, and which of them in time.

import { binSums, seconds } from "./figures.js";
import { axis, sheet, tasksAxis } from "./plot_style.js";

/**
 * @import { Content } from "./figures.js"
 * @import { Colours, Tone } from "./plot_style.js"
 */

/**
 * @param {Content} content
 * @param {{ shown: string[], colour: Colours }} how
 */
export function acceptPlot(content, { shown, colour }) {
  const { bin_seconds: width, within } = content;
  const counts = binSums(content.bins, shown);
  /** @param {number} index */
  const inTime = (index) => (index + 1) * width <= within + 1e-9;
  const bars = { counts, width, colour };
  const traces = [
    trace(bars, { name: "in time", keeps: inTime, tone: "green", pattern: "" }),
    trace(bars, { name: "later", keeps: (index) => !inTime(index), tone: "amber", pattern: "/" }),
  ];
  const marks = [0, 0.5, 1, 1.5, 2, 2.5, 3].map((share) => share * within);
  const layout = sheet(colour, {
    barmode: "overlay",
    showlegend: false,
    bargap: 0,
    ...limitLine(within, colour),
    xaxis: axis(colour, {
      range: [-width * 0.4, (counts.length + 0.3) * width],
      tickvals: marks,
      ticktext: marks.map((mark, index) => (index === 6 ? `${seconds(mark)} +` : seconds(mark))),
      showgrid: false,
    }),
    yaxis: tasksAxis(colour, counts),
  });
  return { traces, layout };
}

/**
 * @param {{ counts: number[], width: number, colour: Colours }} bars
 * @param {{ name: string, keeps: (index: number) => boolean, tone: Tone, pattern: string }} how
 */
function trace({ counts, width, colour }, { name, keeps, tone, pattern }) {
  return {
    type: "bar",
    name,
    x: counts.map((_, index) => (index + 0.5) * width),
    y: counts.map((count, index) => (keeps(index) && count ? count : null)),
    width: width * 0.86,
    customdata: binWords(counts.length, width),
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
  };
}

/**
 * What each bar stands for; the last for all that took longer.
 *
 * @param {number} count of bars
 * @param {number} width in seconds
 */
export const binWords = (count, width) =>
  Array.from({ length: count }, (_, index) =>
    index === count - 1
      ? `${seconds(index * width)} or more`
      : `${seconds(index * width)} to ${seconds((index + 1) * width)}`,
  );

/**
 * The service level's limit as a line with its words.
 *
 * @param {number} within
 * @param {Colours} colour
 */
const limitLine = (within, colour) => ({
  shapes: [
    {
      type: "line",
      x0: within,
      x1: within,
      y0: 0,
      y1: 1,
      yref: "paper",
      line: { color: colour.ink, width: 1.5, dash: "dash" },
    },
  ],
  annotations: [
    {
      x: within,
      y: 1,
      yref: "paper",
      xanchor: "left",
      yanchor: "top",
      xshift: 5,
      showarrow: false,
      text: `service level: ${seconds(within)}`,
      font: { ...colour.font, color: colour.ink },
    },
  ],
});
