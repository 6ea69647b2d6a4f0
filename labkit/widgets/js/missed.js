// @ts-check
// A panel that JupyterLab has given up is drawn all the same: on a reload it looks for a panel's model for two seconds,
// and when the page was busy meanwhile it writes that there is none, although there is one by then.

import { uniqueId } from "./dom.js";
import { sendIfAlive } from "./send.js";
import { every } from "./timers.js";

/** @import { Model } from "./wire.js" */

const WORDS = "Error displaying widget: model not found";
const LOOK_EVERY_MS = 1000;
const FOR_MS = 60000;

/**
 * Draw this panel, for a minute, wherever the words stand instead of it: above a still of its own, which bears its name.
 * Its kernel is asked first: in a notebook that was closed and is opened again, the words are true of a kernel that ended.
 *
 * @param {Model<any>} model
 */
export function drawWhereMissed(model) {
  if (!model.widget_manager) return () => {};
  const id = model.get("panel_id");
  const question = uniqueId("missed");
  /** @param {any} message */
  const onMessage = (message) => {
    if (message?.id === question) for (const output of missed(id)) draw(model, output);
  };
  model.on("msg:custom", onMessage);
  const endLooking = every(LOOK_EVERY_MS, () => {
    if (missed(id).length > 0) sendIfAlive(model, { id: question, action: "clock" });
  });
  const stop = () => {
    clearTimeout(timer);
    endLooking();
    model.off("msg:custom", onMessage);
  };
  const timer = setTimeout(stop, FOR_MS);
  return stop;
}

/** @param {string} id */
function missed(id) {
  const stills = [...document.getElementsByClassName(`labkit-panel-${id}`)];
  return stills.flatMap((still) => {
    const above = still.closest(".jp-OutputArea-child")?.previousElementSibling;
    const output = above?.querySelector(".jp-OutputArea-output");
    return output?.textContent === WORDS ? [output] : [];
  });
}

/**
 * @param {Model<any>} model
 * @param {Element} output
 */
async function draw({ get, widget_manager: widgets }, output) {
  if (!widgets) return;
  output.replaceChildren(); // once
  try {
    const view = await widgets.create_view(await widgets.get_model(get("panel_id")));
    output.replaceChildren(view.el);
  } catch {
    output.replaceChildren(WORDS);
  }
}
