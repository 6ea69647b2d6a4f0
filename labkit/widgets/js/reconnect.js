// @ts-check
// A panel whose kernel is gone comes back by itself: when another one of its kind is made for the same notebook, as
// after a restart of the kernel, it is drawn from that one, in its old place.

import { uniqueId } from "./dom.js";
import { hearThoughLate } from "./hearing.js";
import { drawWhereMissed } from "./missed.js";
import { sendIfAlive } from "./send.js";

/**
 * @import { Model } from "./wire.js"
 */
/** @typedef {{ name: string, model: Model<any> }} Made a panel that was made, with its model */
/** @typedef {{ meet: (made: Made) => void }} Waiting a panel that waits for another of its kind */
/**
 * What `render` is called with; a desk gets more.
 *
 * @typedef {{ model: Model<any>, el: HTMLElement }} Place
 */

/** What all panels of a page share: each has this module for itself. @type {{ made: Set<Made>, waiting: Set<Waiting> }} */
const PAGE = shared();

/** Each panel that is drawn, by its model: for whoever finds out that its kernel does not answer. */
const drawnFrom = new WeakMap();

function shared() {
  const page = /** @type {any} */ (globalThis);
  const key = Symbol.for("labkit.panels");
  page[key] = page[key] ?? { made: new Set(), waiting: new Set() };
  return page[key];
}

/**
 * A panel's script, as anywidget takes it.
 *
 * @template {Place} Shown
 * @param {string} name of the panel, as the lab calls it
 * @param {(shown: Shown) => () => void} render draws it; returns what ends that
 */
export function panelScript(name, render) {
  return {
    /** @param {{ model: Model<any> }} made */
    initialize: ({ model }) => {
      const made = { name, model };
      PAGE.made.add(made);
      for (const each of [...PAGE.waiting]) each.meet(made);
      hearThoughLate(model);
      const endLooking = drawWhereMissed(model);
      return () => {
        endLooking();
        PAGE.made.delete(made);
      };
    },
    /** @param {Shown} shown */
    render: (shown) => drawnPanel(name, shown, render).stop,
  };
}

/**
 * One place on a page where a panel is drawn, from one model or, later, from its successor.
 *
 * @template {Place} Shown
 * @param {string} name
 * @param {Shown} shown
 * @param {(shown: Shown) => () => void} render
 */
function drawnPanel(name, shown, render) {
  let model = shown.model;
  const notebook = model.get("notebook");
  const it = {
    /** @param {Made} made */
    meet: (made) => {
      if (made.model.get("notebook") !== notebook || !isYounger(made.model, model)) return;
      if (made.name === name) succeed({ ...made.model });
      // By a panel of its that is there already, the kernel is asked to make one.
      else sendIfAlive(made.model, { id: uniqueId("panel"), action: "panel", name });
    },
    lost: () => {
      PAGE.waiting.add(it);
      for (const made of [...PAGE.made]) if (PAGE.waiting.has(it)) it.meet(made);
    },
    found: () => PAGE.waiting.delete(it),
    stop: () => {
      PAGE.waiting.delete(it);
      end();
    },
  };
  /** @param {Model<any>} from */
  const draw = (from) => {
    model = from;
    drawnFrom.set(model, it);
    shown.el.classList.toggle("lk-look-only", Boolean(from.get("look_only"))); // base.css hides what acts
    return render({ ...shown, model });
  };
  /** @param {Model<any>} next */
  const succeed = (next) => {
    PAGE.waiting.delete(it);
    end();
    shown.el.replaceChildren();
    end = draw(next);
  };
  let end = draw(model);
  return it;
}

/**
 * The kernel behind this model does not answer: a panel that is younger may take its place.
 *
 * @param {Model<any>} model
 */
export function kernelLost(model) {
  drawnFrom.get(model)?.lost();
}

/**
 * The kernel behind this model answers.
 *
 * @param {Model<any>} model
 */
export function kernelFound(model) {
  drawnFrom.get(model)?.found();
}

/**
 * @param {Model<any>} one
 * @param {Model<any>} other
 */
function isYounger(one, other) {
  return (one.get("made") ?? 0) > (other.get("made") ?? 0);
}
