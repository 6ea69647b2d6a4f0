// @ts-check
// The HTTP side of TaskRouter's event bridge: each request is a POST, with what is asked and the token in its body.

export const HOST = "event-bridge.twilio.com";
export const CLIENT_VERSION = "2.1.1";
const PATH = "/v1/wschannels";
const PATIENCE_MS = 15_000;
const PAGE_SIZE = 1000;

/**
 * @typedef {object} Options as Twilio's SDK takes them
 * @property {string} [ebServer] the bridge's address
 * @property {string} [wsServer] the websocket's address
 * @property {string} [region] where at Twilio, such as `ie1`; the two above win
 * @property {boolean} [closeExistingSessions]
 * @property {boolean} [setWorkerOfflineIfDisconnected]
 * @property {string} [connectActivitySid]
 */
/** @typedef {Record<string, any>} Payload a resource as the bridge writes it */

/** What the bridge did not do, by the names that Twilio's SDK has for it. */
export class BridgeError extends Error {
  /**
   * @param {string} name such as `REQUEST_INVALID`
   * @param {string} message
   */
  constructor(name, message) {
    super(message);
    this.name = name;
  }
}

export class Bridge {
  /**
   * @param {string} token
   * @param {Options} [options]
   */
  constructor(token, options = {}) {
    const region = options.region && options.region !== "us1" ? `.${options.region}` : "";
    const host = HOST.replace(".", `${region}.`);
    this.token = token;
    this.url = options.ebServer ?? `https://${host}${PATH}`;
    this.socketUrl = options.wsServer ?? `wss://${host}${PATH}`;
  }

  /**
   * What stands at a path, such as `Workspaces/WS…/Activities`.
   *
   * @param {string} path
   * @param {Payload} [params]
   * @param {"v1" | "v2"} [version] of the resources in the answer
   */
  get(path, params = {}, version = "v1") {
    return this.#ask("GET", path, params, version);
  }

  /**
   * Change what stands at a path, or make something below it.
   *
   * @param {string} path
   * @param {Payload} params
   * @param {"v1" | "v2"} [version]
   */
  post(path, params, version = "v1") {
    return this.#ask("POST", path, params, version);
  }

  /**
   * Every member of a list, a page after the other.
   *
   * @param {string} path
   * @param {Payload} [params]
   * @param {"v1" | "v2"} [version]
   * @returns {Promise<Payload[]>}
   */
  async list(path, params = {}, version = "v1") {
    /** @type {Payload[]} */
    const found = [];
    let after = {};
    for (;;) {
      const page = await this.get(path, { PageSize: PAGE_SIZE, ...params, ...after }, version);
      found.push(...page.contents);
      if (!page.after_sid) return found;
      after = { AfterSid: page.after_sid };
    }
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {Payload} params
   * @param {string} version
   * @returns {Promise<any>}
   */
  async #ask(method, path, params, version) {
    const body = JSON.stringify({ url: path, method, params, token: this.token });
    const headers = { apiVersion: version, clientVersion: CLIENT_VERSION };
    const signal = AbortSignal.timeout(PATIENCE_MS);
    let response;
    try {
      response = await fetch(this.url, { method: "POST", headers, body, signal });
    } catch (error) {
      throw new BridgeError("NETWORK_ERROR", `Network error has occurred. ${/** @type {Error} */ (error).message}`);
    }
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw refused(response.status, answer.message);
    return answer.payload;
  }
}

/**
 * @param {number} status
 * @param {string | undefined} message
 */
function refused(status, message) {
  const said = message ?? "It did not say why.";
  return status < 500
    ? new BridgeError("REQUEST_INVALID", `Request failed with status code ${status}. ${said}`)
    : new BridgeError("SERVER_ERROR", `Server responded with status code ${status}. ${said}`);
}
