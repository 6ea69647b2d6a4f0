// @ts-check
// The line to Python: the state that comes, the questions that go, and the kernel's time.

import { uniqueId } from "./dom.js";
import { kernelFound, kernelLost } from "./reconnect.js";

const ANSWER_WITHIN_MS = 15000;
const LOST_AFTER_MS = 3000;
const SILENT =
  "The kernel is not answering; if it was restarted, run the first cell again, and this panel comes back by itself.";
const PAGE_SILENT =
  "Nobody answers this page any more: the desk was stopped, or the page was away for too long. Reload it.";

/**
 * What anywidget gives to a script: the state that Python has set, and a line for messages.
 *
 * @template State
 * @typedef {object} Model
 * @property {{ (name: "state"): State, (name: "notebook" | "panel_id"): string, (name: "made"): number, (name: "look_only"): boolean }} get
 * @property {(message: object) => void} send
 * @property {(event: string, listener: (message: any) => void) => void} on
 * @property {(event: string, listener: (message: any) => void) => void} off
 * @property {{ get_model: (id: string) => Promise<any>, create_view: (model: any) => Promise<{ el: Element }> }}
 *   [widget_manager] the page's, where it has one
 */
/**
 * What `render` is called with.
 *
 * @template State
 * @typedef {{ model: Model<State>, el: HTMLElement }} Shown
 */
/**
 * With every state and every answer: TaskRouter's time, how far that is ahead of the kernel's own, whether it is held, and
 * how many of its seconds pass in one of the computer's.
 *
 * @typedef {{ now?: number, ahead?: number, paused?: boolean, speed?: number }} KernelTime
 */
/**
 * The answer to a question. `text` is a sentence for people, empty where there is nothing to say.
 *
 * @template {object} Data what is in it when all went well
 * @typedef {({ ok: true } & Data | { ok: false } & Partial<Data>) & { text: string }} Answer
 */
/**
 * A panel's line to Python.
 *
 * @template {Record<string, object>} Answers by action, what its answer has
 * @typedef {object} Wire
 * @property {<Action extends keyof Answers & string>(action: Action, payload?: object, within?: number) =>
 *   Promise<Answer<Answers[Action]>>} ask always ends in an answer
 * @property {() => number} now TaskRouter's time in milliseconds; it stands still while that does
 * @property {() => boolean} paused
 * @property {() => void} start the first drawing
 * @property {() => void} stop
 */

/**
 * A panel's line to Python. `draw` is called with each state.
 *
 * @template {KernelTime} State
 * @template {Record<string, object>} Answers
 * @param {Model<State>} model
 * @param {{ warn: (text: string) => void, tellClock?: (ahead: number, paused: boolean, speed: number) => void }} view
 * @param {(state: State) => void} draw
 * @returns {Wire<Answers>}
 */
export function connect(model, view, draw) {
  const clock = kernelClock();
  /** @param {KernelTime} time */
  const heard = (time) => {
    clock.set(time);
    view.tellClock?.(time.ahead ?? 0, Boolean(time.paused), time.speed ?? 1);
    view.warn("");
  };
  const questions = openQuestions(model, heard, () => {
    view.warn(silence());
    kernelLost(model);
  });
  const onState = () => {
    heard(model.get("state"));
    draw(model.get("state"));
  };
  // The line to the kernel was cut or restored (a restart): find out which.
  const onLive = () => questions.ask("clock", {}, LOST_AFTER_MS);
  model.on("msg:custom", questions.onMessage);
  model.on("change:state", onState);
  model.on("comm_live_update", onLive);
  return {
    ask: questions.ask,
    now: clock.now,
    paused: clock.paused,
    // The state may be old by now (a page reload), so the kernel's time is asked for.
    start: () => {
      draw(model.get("state"));
      questions.ask("clock").then(() => draw(model.get("state")));
    },
    stop: () => {
      model.off("msg:custom", questions.onMessage);
      model.off("change:state", onState);
      model.off("comm_live_update", onLive);
      questions.close();
    },
  };
}

/** Whether this is a page of its own, under Voilà: it has no cells, and its kernel goes when the page is away. */
export const isPageOfItsOwn = () => globalThis.document?.body.dataset.voila !== undefined;

const silence = () => (isPageOfItsOwn() ? PAGE_SILENT : SILENT);

/** TaskRouter's time as the kernel last told it. */
export function kernelClock() {
  let told = 0;
  let at = 0;
  let runs = 1; // as fast as the computer's; a sandbox's can be held, and a simulation makes it faster
  return {
    /** @param {KernelTime} time */
    set: ({ now, paused, speed }) => {
      const known = now !== undefined && Number.isFinite(now);
      if (known) [told, at] = [now, Date.now()];
      runs = !known ? 1 : paused ? 0 : (speed ?? 1);
    },
    now: () => told + (Date.now() - at) * runs,
    paused: () => runs === 0,
  };
}

/**
 * The questions that wait for their answers; each ends in one, if only in that there is none.
 *
 * @param {Model<unknown>} model
 * @param {(time: KernelTime) => void} heard called with each answer, before whoever asked
 * @param {() => void} lost called when there was none
 */
function openQuestions(model, heard, lost) {
  /** @type {Map<string, (answer: any) => void>} */
  const waiting = new Map();
  /**
   * @param {string} action
   * @param {object} [payload]
   * @param {number} [within]
   * @returns {Promise<any>}
   */
  const ask = (action, payload = {}, within = ANSWER_WITHIN_MS) =>
    new Promise((resolve) => {
      const id = uniqueId(action);
      /** @param {object} answer */
      const finish = (answer) => {
        clearTimeout(timer);
        waiting.delete(id);
        resolve(answer);
      };
      const silent = () => {
        lost();
        finish({ ok: false, text: silence() });
      };
      const timer = setTimeout(silent, within);
      waiting.set(id, finish);
      try {
        model.send({ ...payload, id, action });
      } catch {
        silent(); // the kernel is known to be gone
      }
    });
  return {
    ask,
    /** @param {any} message */
    onMessage: (message) => {
      const finish = message && waiting.get(message.id);
      if (!finish) return;
      kernelFound(model);
      heard(message);
      finish(message);
    },
    close: () => {
      for (const finish of [...waiting.values()]) finish({ ok: false, text: "" });
    },
  };
}
