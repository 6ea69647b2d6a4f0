// @ts-check
// All that happened in a lane, in words.

import { button, copyButton } from "../js/buttons.js";
import { el, keyed, setText } from "../js/dom.js";
import { whyButton } from "../js/why.js";
import { exactTime, laneWords, lasted } from "./lanes.js";

/**
 * @import { AskWhy } from "../js/why.js"
 * @import { Lane, Mark } from "./lanes.js"
 */
/** @typedef {ReturnType<typeof laneDetails>} LaneDetails */

/**
 * @param {{ ask: AskWhy }} wire
 * @param {() => void} onClose
 */
export function laneDetails(wire, onClose) {
  const heading = el("strong", { class: "lk-mono" });
  const summary = el("div", { class: "lk-soft" });
  const rows = el("tbody");
  let sid = "";
  const why = whyButton(wire, () => sid);
  const copy = copyButton("Copy the SID", () => sid);
  const columns = ["Time", "After", "What happened"].map((text) => el("th", { scope: "col", text }));
  const table = el("table", {}, el("thead", {}, el("tr", {}, ...columns)), rows);
  const shut = button("Close", "secondary", onClose);
  const root = el(
    "section",
    { class: "lk-lane-details", hidden: true, "aria-label": "All events of this lane" },
    el("div", { class: "lk-lane-head" }, heading, copy, el("span", { class: "lk-space" }), why, shut),
    summary,
    el("div", { class: "lk-lane-table", tabindex: "0", role: "group", "aria-label": "Events" }, table),
  );
  return {
    root,
    /**
     * @param {Lane | null} lane
     * @param {number} now
     */
    show: (lane, now) => {
      root.hidden = !lane;
      if (!lane) return;
      sid = lane.sid;
      why.hidden = Boolean(lane.activities);
      setText(heading, lane.sid);
      setText(summary, laneWords(lane, now));
      drawMarks(rows, lane.marks);
    },
  };
}

/**
 * @param {Element} rows
 * @param {Mark[]} marks
 */
function drawMarks(rows, marks) {
  keyed(
    rows,
    marks.map((mark, index) => ({ mark, index, before: marks[index - 1] })),
    ({ index }) => index,
    () => {
      const [time, after, what] = [el("td"), el("td"), el("td")];
      return { root: el("tr", {}, time, after, what), time, after, what };
    },
    (row, { mark: [kind, at, text], before }) => {
      row.root.dataset.kind = kind;
      setText(row.time, exactTime(at));
      setText(row.after, before && at > before[1] ? `+${lasted(at - before[1])}` : "");
      setText(row.what, text);
    },
  );
}
