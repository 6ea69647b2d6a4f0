// @ts-check
// The keys of the timeline.

import { followNow, move, showAll, stepEvent, stepLane, zoomIn, zoomOut } from "./navigate.js";

/** @import { Timeline } from "./panel.js" */

/** @type {Record<string, (it: Timeline) => void>} */
const KEYS = {
  "+": zoomIn,
  "=": zoomIn,
  "-": zoomOut,
  0: showAll,
  n: followNow,
  ArrowUp: (it) => stepLane(it, -1),
  ArrowDown: (it) => stepLane(it, 1),
  ArrowLeft: (it) => stepEvent(it, (all, at) => all.findLast((each) => each < at)),
  ArrowRight: (it) => stepEvent(it, (all, at) => all.find((each) => each > at)),
  Home: (it) => stepEvent(it, (all) => all[0]),
  End: (it) => stepEvent(it, (all) => all.at(-1)),
  Enter: (it) => it.picked && it.open(it.picked.sid),
  Escape: (it) =>
    move(it, () => {
      it.picked = null;
    }),
};

/** @type {Record<string, number>} */
const SIDEWAYS = { ArrowLeft: -0.25, ArrowRight: 0.25 }; // of the stretch in view

/**
 * @param {Timeline} it
 * @param {KeyboardEvent} event
 */
export function onKey(it, event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target !== it.scroller) return;
  const sideways = event.shiftKey && SIDEWAYS[event.key];
  if (!sideways && !Object.hasOwn(KEYS, event.key)) return;
  if (event.key === "Escape" && !it.picked) return; // nothing to leave but the panel
  event.preventDefault();
  event.stopPropagation();
  if (sideways) move(it, (now) => it.view.pan(it.view.look.span * sideways, now));
  else KEYS[event.key](it);
}
