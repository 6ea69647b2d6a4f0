// @ts-check
// The pointer on the timeline: the wheel zooms and moves in time, dragging moves, and what is below it is told.

import { move } from "./navigate.js";

/** @import { Timeline } from "./panel.js" */
/** @typedef {{ dragged: number | null, last: string }} Pointer where a drag has come, and where the pointer was last */

const NEAR_PX = 6;
const DRAG_PX = 2;

/**
 * Listen to the pointer; returns what ends it.
 *
 * @param {Timeline} it
 */
export function listenToPointer(it) {
  const { scroller, tip } = it;
  /** @type {Pointer} */
  const pointer = { dragged: null, last: "" };
  const drop = () => {
    pointer.dragged = null;
  };
  scroller.addEventListener("wheel", (event) => onWheel(it, event), { passive: false });
  scroller.addEventListener("pointerdown", (event) => {
    if (event.button === 0 && plotAt(event)) pointer.dragged = event.clientX;
  });
  scroller.addEventListener("pointermove", (event) => onMove(it, pointer, event));
  scroller.addEventListener("pointerleave", tip.hide);
  scroller.addEventListener("blur", tip.hide);
  window.addEventListener("pointerup", drop);
  return () => window.removeEventListener("pointerup", drop);
}

/**
 * The drawing of a lane that is below the pointer.
 *
 * @param {PointerEvent} event
 */
const plotAt = ({ target }) => /** @type {Element} */ (target).closest(".lk-lane-plot");

/**
 * @param {Timeline} it
 * @param {WheelEvent} event
 */
function onWheel(it, event) {
  const { view, scroller } = it;
  const zooms = event.ctrlKey || event.metaKey;
  const sideways = event.deltaX || (event.shiftKey ? event.deltaY : 0);
  if (!zooms && !sideways) return;
  event.preventDefault();
  const x = event.clientX - scroller.getBoundingClientRect().right + view.look.wide;
  if (zooms) move(it, (now) => view.zoom(Math.exp(Math.sign(event.deltaY) * 0.18), view.at(x, now)));
  else move(it, (now) => view.pan(view.duration(sideways), now));
}

/**
 * @param {Timeline} it
 * @param {Pointer} pointer
 * @param {PointerEvent} event
 */
function onMove(it, pointer, event) {
  // What is drawn anew below a resting pointer counts as a move; it must not take the keyboard's tooltip away.
  const here = `${event.clientX},${event.clientY}`;
  if (pointer.last === here) return;
  pointer.last = here;
  if (pointer.dragged !== null && Math.abs(event.clientX - pointer.dragged) > DRAG_PX) {
    const by = pointer.dragged - event.clientX;
    pointer.dragged = event.clientX;
    move(it, (now) => it.view.pan(it.view.duration(by), now));
    return;
  }
  tellBelow(it, event);
}

/**
 * @param {Timeline} it
 * @param {PointerEvent} event
 */
function tellBelow(it, event) {
  const plot = plotAt(event);
  const { sid } = /** @type {HTMLElement | null} */ (plot?.closest(".lk-lane"))?.dataset ?? {};
  const lane = sid && it.lanes.find((each) => each.sid === sid);
  if (!plot || !lane) {
    it.tip.hide();
    return;
  }
  const now = it.wire.now();
  const at = it.view.at(event.clientX - plot.getBoundingClientRect().left, now);
  const near = it.view.duration(NEAR_PX);
  it.tip.show(lane, { at: Math.min(at, now), now, near }, [event.clientX, event.clientY]);
}
