// @ts-check
// The websocket of TaskRouter's event bridge: what happens comes in here. It comes back by itself after every break.

import { CLIENT_VERSION } from "./bridge.js";
import { Emitter } from "./emitter.js";

const LOOK_EVERY_MS = 30_000; // a heartbeat comes each 15 s
const BEFORE_THE_END_MS = 5_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * How long to wait before the next try: longer with each one that failed, and never as long as everybody else.
 *
 * @param {number} attempt 1 for the first
 * @param {number} chance from 0 to 1
 */
export function waitSeconds(attempt, chance) {
  const shortest = 0.8;
  return shortest + chance * (Math.min(30, 2 ** attempt - 1) - shortest);
}

/**
 * Events: `connected`; `disconnected` ({message}); `message` (event_type, payload); `tokenExpired`; `error`.
 */
export class Socket extends Emitter {
  /** @type {WebSocket | null} */ #webSocket = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #retry;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #expiry;
  /** @type {ReturnType<typeof setInterval> | undefined} */ #look;
  #attempt = 1;
  #comesBack = true;
  #heard = false;

  /**
   * @param {import("./bridge.js").Bridge} bridge has the address and the token of the moment
   * @param {import("./bridge.js").Options} options
   */
  constructor(bridge, options) {
    super();
    this.bridge = bridge;
    this.options = options;
  }

  /** Open it; the next one too, after a break. */
  open() {
    clearTimeout(this.#retry);
    const webSocket = new WebSocket(this.#address());
    this.#webSocket = webSocket;
    webSocket.onopen = () => this.#begun();
    webSocket.onmessage = (message) => this.#take(message.data);
    webSocket.onclose = (close) => this.#broken(close.reason || `Websocket closed with errorCode=${close.code}`);
    webSocket.onerror = () => this.emit("error", new Error("Could not connect to Twilio's servers."));
  }

  /** Close it, and stay away. */
  disconnect() {
    this.#comesBack = false;
    this.#broken("SDK Disconnect");
  }

  /** There is a new token: whoever stayed away for the want of one comes back. */
  tokenUpdated() {
    this.#comesBack = true;
    if (this.#webSocket === null) this.open();
  }

  #address() {
    const { closeExistingSessions = false, setWorkerOfflineIfDisconnected: offline } = this.options;
    const query = `token=${this.bridge.token}&closeExistingSessions=${closeExistingSessions}`;
    const whenLeft = offline === undefined ? "" : `&setWorkerOfflineIfDisconnected=${offline}`;
    return `${this.bridge.socketUrl}?${query}&clientVersion=${CLIENT_VERSION}${whenLeft}`;
  }

  #begun() {
    this.#attempt = 1;
    this.#heard = true;
    clearInterval(this.#look);
    this.#look = setInterval(() => this.#listen(), LOOK_EVERY_MS);
    this.emit("connected");
  }

  #listen() {
    if (!this.#heard) this.#broken("Connection lost");
    this.#heard = false;
  }

  /** @param {string} text */
  #take(text) {
    this.#heard = true;
    if (text.trim() === "") return; // a heartbeat
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      this.emit("error", new Error("A message from TaskRouter is not JSON."));
      return;
    }
    if (message.event_type === "init") this.#keepToken(message.payload.token_lifetime);
    this.emit("message", message.event_type, message.payload);
  }

  /** @param {number} milliseconds for which the token is still good */
  #keepToken(milliseconds) {
    clearTimeout(this.#expiry);
    const expire = () => {
      this.#comesBack = false;
      this.emit("tokenExpired");
    };
    this.#expiry = setTimeout(expire, Math.min(milliseconds - BEFORE_THE_END_MS, LONGEST_TIMER_MS));
  }

  /** @param {string} message */
  #broken(message) {
    const webSocket = this.#webSocket;
    if (webSocket === null) return;
    this.#webSocket = null;
    webSocket.onopen = webSocket.onmessage = webSocket.onclose = webSocket.onerror = null;
    webSocket.close();
    clearInterval(this.#look);
    if (this.#comesBack) this.#retry = setTimeout(() => this.open(), this.#nextWait());
    else clearTimeout(this.#retry);
    this.emit("disconnected", { message });
  }

  #nextWait() {
    const seconds = waitSeconds(this.#attempt, Math.random());
    this.#attempt += 1;
    return seconds * 1000;
  }
}
