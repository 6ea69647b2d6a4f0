// @ts-check
// What is sent where nothing depends on it: the kernel may be known to be gone, and then nobody need be told.

/** @import { Model } from "./wire.js" */

/**
 * @param {Model<any>} model
 * @param {{ id: string, action: string } & Record<string, unknown>} message
 */
export function sendIfAlive(model, message) {
  try {
    model.send(message);
  } catch {
    // the kernel is gone
  }
}
