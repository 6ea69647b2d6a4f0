// @ts-check
// The Workspace of a token: whom there is to hand a Task over to.

import { Bridge } from "./bridge.js";
import { attributesOf } from "./records.js";

/** @typedef {import("./bridge.js").Payload} Payload */

export class Workspace {
  /**
   * @param {string} token
   * @param {import("./bridge.js").Options} [options]
   */
  constructor(token, options = {}) {
    this.bridge = new Bridge(token, options);
    this.workspaceSid = claims(token).grants.task_router.workspace_sid;
  }

  /** @param {string} token in place of the one before */
  updateToken(token) {
    this.bridge.token = token;
  }

  /** All Workers, by SID. @param {Payload} [params] such as `ActivityName` */
  async fetchWorkersInfo(params = {}) {
    const found = await this.bridge.list(`Workspaces/${this.workspaceSid}/Workers`, params);
    return new Map(found.map((each) => [String(each.sid), workerInfo(each)]));
  }

  /** All TaskQueues, by SID. @param {Payload} [params] such as `WorkerSid` */
  async fetchTaskQueues(params = {}) {
    const found = await this.bridge.list(`Workspaces/${this.workspaceSid}/TaskQueues`, params);
    return new Map(
      found.map((each) => [String(each.sid), { sid: String(each.sid), name: String(each.friendly_name) }]),
    );
  }
}

/** @param {Payload} payload */
const workerInfo = (payload) => ({
  sid: String(payload.sid),
  name: String(payload.friendly_name),
  activityName: String(payload.activity_name),
  available: Boolean(payload.available),
  attributes: attributesOf(payload.attributes),
});

/** What a token says of itself; whoever it is for looks at its signature. @param {string} token */
export function claims(token) {
  const encoded = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(encoded), (each) => each.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}
