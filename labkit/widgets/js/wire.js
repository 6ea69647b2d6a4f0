// The line to Python: the state that comes, the questions that go, and the kernel's time.

import { uniqueId } from "./dom.js";

const ANSWER_WITHIN_MS = 15000;
const LOST_AFTER_MS = 3000;
const SILENT = "The kernel is not answering; if it was restarted, run the first cell again.";

/** A panel's line to Python: `ask` always ends in an answer, `now` is the kernel's time, `onState` draws. */
export function connect(model, view, draw) {
  const waiting = new Map();
  let offset = 0;
  let stands = null; // TaskRouter's time while it is held: the sandbox's clock can be
  const heard = ({ now: at, paused }) => {
    if (Number.isFinite(at)) offset = at - Date.now();
    stands = paused && Number.isFinite(at) ? at : null;
    view.warn("");
  };
  const onMessage = (message) => {
    const answer = message && waiting.get(message.id);
    if (!answer) return;
    heard(message);
    answer(message);
  };
  const onState = () => {
    heard(model.get("state"));
    draw(model.get("state"));
  };
  const ask = (action, payload = {}, within = ANSWER_WITHIN_MS) =>
    new Promise((resolve) => {
      const id = uniqueId(action);
      const send = (message) => {
        try {
          model.send(message);
        } catch {
          silent(); // the kernel is known to be gone
        }
      };
      const finish = (reply) => {
        clearTimeout(timer);
        waiting.delete(id);
        resolve(reply);
      };
      const silent = () => {
        view.warn(SILENT);
        finish({ ok: false, text: SILENT });
      };
      const timer = setTimeout(silent, within);
      waiting.set(id, finish);
      send({ ...payload, id, action });
    });
  // The line to the kernel was cut or restored (a restart): find out which.
  const onLive = () => ask("clock", {}, LOST_AFTER_MS);
  model.on("msg:custom", onMessage);
  model.on("change:state", onState);
  model.on("comm_live_update", onLive);
  return {
    ask,
    /** TaskRouter's time in milliseconds; it stands still while that does. */
    now: () => (stands === null ? Date.now() + offset : stands),
    paused: () => stands !== null,
    /** First drawing. The state may be old by now (a page reload), so the kernel's time is asked for. */
    start: () => {
      draw(model.get("state"));
      ask("clock").then(() => draw(model.get("state")));
    },
    stop: () => {
      model.off("msg:custom", onMessage);
      model.off("change:state", onState);
      model.off("comm_live_update", onLive);
      for (const finish of [...waiting.values()]) finish({ ok: false, text: "" });
    },
  };
}
