// Hears what emitters of the Worker SDK say, each word once and in order.

const LIMIT_SECONDS = 10;

const WORDS = {
  worker: [
    "activityUpdated",
    "attributesUpdated",
    "disconnected",
    "error",
    "ready",
    "reservationCreated",
    "reservationFailed",
    "tokenExpired",
    "tokenUpdated",
  ],
  channel: ["capacityUpdated", "availabilityUpdated"],
  reservation: ["accepted", "canceled", "completed", "rejected", "rescinded", "timeout", "wrapup"],
  task: ["canceled", "completed", "transferInitiated", "updated", "wrapup"],
  transfer: ["attemptFailed", "canceled", "completed", "failed"],
};

/** What was heard so far (`order`), and whoever waits for a word. */
class Ear {
  constructor() {
    /** @type {string[]} */
    this.order = [];
    this.kept = [];
    this.waiting = [];
  }

  /** Hears one emitter from now on; its words begin with its kind, such as `task.updated`. */
  listen(kind, emitter) {
    for (const word of WORDS[kind]) {
      emitter.on(word, (said) => this.hear(`${kind}.${word}`, said));
    }
    return emitter;
  }

  /** Hears a Reservation and its Task. */
  listenTo(reservation) {
    this.listen("reservation", reservation);
    this.listen("task", reservation.task);
    return reservation;
  }

  hear(word, said) {
    this.order.push(word);
    const index = this.waiting.findIndex((each) => each.word === word);
    if (index < 0) {
      this.kept.push({ word, said });
    } else {
      const [waiting] = this.waiting.splice(index, 1);
      waiting.resolve(said);
    }
  }

  /** What comes with the next such word, be it said already or not; each is given once. */
  next(word, seconds = LIMIT_SECONDS) {
    const index = this.kept.findIndex((each) => each.word === word);
    if (index >= 0) {
      return Promise.resolve(this.kept.splice(index, 1)[0].said);
    }
    return new Promise((resolve, reject) => {
      const late = () => reject(new Error(`${word} was not heard within ${seconds} s, but ${this.order.join(", ")}`));
      const timer = setTimeout(late, seconds * 1000);
      const heard = (said) => {
        clearTimeout(timer);
        resolve(said);
      };
      this.waiting.push({ word, resolve: heard });
    });
  }

  /** Notes something else in the order. */
  note(word) {
    this.order.push(word);
  }

  /** How often a word was heard. */
  count(word) {
    return this.order.filter((each) => each === word).length;
  }

  /** Forgets the order and what nobody has asked for. */
  clear() {
    this.order.length = 0;
    this.kept.length = 0;
  }
}

module.exports = { Ear, LIMIT_SECONDS };
