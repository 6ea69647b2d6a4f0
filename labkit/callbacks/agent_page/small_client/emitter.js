// @ts-check
// What has events: on(), once(), off(), and emit() for whoever owns it.

/** @typedef {(...details: any[]) => unknown} Listener */

export class Emitter {
  /** @type {Map<string, Listener[]>} */
  #listeners = new Map();

  /**
   * Call a function at each event of this name.
   *
   * @param {string} name
   * @param {Listener} listener
   */
  on(name, listener) {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
    return this;
  }

  /**
   * Call a function at the next event of this name, and at no other.
   *
   * @param {string} name
   * @param {Listener} listener
   */
  once(name, listener) {
    /** @type {Listener} */
    const first = (...details) => {
      this.off(name, first);
      listener(...details);
    };
    return this.on(name, first);
  }

  /**
   * Call a function no more.
   *
   * @param {string} name
   * @param {Listener} listener
   */
  off(name, listener) {
    const left = (this.#listeners.get(name) ?? []).filter((each) => each !== listener);
    this.#listeners.set(name, left);
    return this;
  }

  /**
   * Tell whoever listens, in the order in which they began to; whether anybody did.
   *
   * @param {string} name
   * @param {...unknown} details
   */
  emit(name, ...details) {
    const listeners = this.#listeners.get(name) ?? [];
    for (const listener of listeners) listener(...details);
    return listeners.length > 0;
  }
}
