// @ts-check
// A panel that begins late hears all the same: anywidget gives its script two seconds and lets no message in after that.

/** @import { Model } from "./wire.js" */
/**
 * What is behind a model of anywidget's, for as much as another version of it is like this one.
 *
 * @typedef {object} Behind
 * @property {{ on_msg?: (listener: (message: object) => unknown) => void, send?: (data: object) => void }} [comm]
 * @property {Handler} [_handle_comm_msg]
 */
/** @typedef {(message: object) => Promise<unknown>} Handler */

const HANDLER = "_handle_comm_msg";
const NOTHING = { content: { data: { method: "nothing" } }, buffers: [] };

/**
 * Let this panel's messages in, if anywidget has given it up. Where anything is otherwise than here, nothing happens.
 *
 * @param {Model<any>} model
 */
export async function hearThoughLate(model) {
  try {
    const behind = await model.widget_manager?.get_model(model.get("panel_id"));
    if (behind && (await isDeaf(behind))) mend(behind);
  } catch {
    // then it is as if the panel had not tried
  }
}

/**
 * Whether each message is refused, whatever it says; known when anywidget knows it.
 *
 * @param {Behind} behind
 */
async function isDeaf(behind) {
  try {
    await behind[HANDLER]?.(NOTHING);
    return false;
  } catch {
    return true;
  }
}

/**
 * Have messages handled as widgets other than anywidget's handle them, without waiting; what was missed, is asked for.
 *
 * @param {Behind} behind
 */
function mend(behind) {
  const handler = inherited(behind);
  const { comm } = behind;
  if (!handler || !comm?.on_msg || !comm.send) return;
  comm.on_msg((message) => handler.call(behind, message));
  comm.send({ method: "request_state" });
}

/**
 * The handler that anywidget's own overrides.
 *
 * @param {Behind} behind
 * @returns {Handler | undefined}
 */
function inherited(behind) {
  let own = Object.getPrototypeOf(behind);
  while (own && !Object.hasOwn(own, HANDLER)) own = Object.getPrototypeOf(own);
  return own && Object.getPrototypeOf(own)[HANDLER];
}
