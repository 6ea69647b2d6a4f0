// @ts-check
// A panel that JupyterLab has given up is drawn all the same: on a reload it looks for a panel's model for two seconds,
// and when the page was busy meanwhile it writes that there is none, although there is one by then.

import { every } from "./timers.js";

/** @import { Model } from "./wire.js" */

const WORDS = "Error displaying widget: model not found";
const LOOK_EVERY_MS = 1000;
const FOR_MS = 60000;

/**
 * Draw this panel, for a minute, wherever the words stand instead of it: above a still of its own, which bears its name.
 *
 * @param {Model<any>} model
 */
export function drawWhereMissed(model) {
  if (!model.widget_manager) return () => {};
  const id = model.get("panel_id");
  const stop = every(LOOK_EVERY_MS, () => {
    for (const output of missed(id)) draw(model, output);
  });
  const timer = setTimeout(stop, FOR_MS);
  return () => {
    clearTimeout(timer);
    stop();
  };
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
