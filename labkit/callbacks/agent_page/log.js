// @ts-check
// What this page calls and hears, newest first, on TaskRouter's clock as far as the page can know it.

const MOST_LINES = 200;
/** @typedef {{ milliseconds: number, paused: boolean }} Clock since 1970; a sandbox's can be moved and held */

let ahead = 0; // of this computer's clock, in milliseconds
/** @type {number | null} */ let held = null;

/** TaskRouter's time, in milliseconds since 1970. */
export const now = () => held ?? Date.now() + ahead;

/** TaskRouter told its time. @param {Clock} clock */
export function setClock({ milliseconds, paused }) {
  ahead = milliseconds - Date.now();
  held = paused ? milliseconds : null;
}

/** Something bears this date, so it is at least as late. @param {Date} date */
export function clockIsPast(date) {
  if (date.getTime() > now()) setClock({ milliseconds: date.getTime(), paused: held !== null });
}

/**
 * @param {"call" | "event" | "answer" | "problem"} kind
 * @param {string} code
 * @param {string} [said]
 */
export function log(kind, code, said = "") {
  const line = document.createElement("li");
  line.dataset.kind = kind;
  line.append(
    element("time", "", new Date(now()).toISOString().slice(11, 19)),
    element("span", "mark", kind === "call" ? "→" : "←"),
    element("code", "", code),
  );
  if (said) line.append(element("span", "said", said));
  const list = /** @type {HTMLElement} */ (document.getElementById("log"));
  list.prepend(line);
  while (list.childElementCount > MOST_LINES) list.lastElementChild?.remove();
}

/**
 * Call the SDK, with the call and what becomes of it in the log.
 *
 * @template Result
 * @param {string} code
 * @param {() => Promise<Result>} run
 */
export async function call(code, run) {
  log("call", code);
  try {
    const result = await run();
    log("answer", code, "done");
    return result;
  } catch (error) {
    log("problem", code, /** @type {Error} */ (error).message);
    throw error;
  }
}

/** @param {string} tag @param {string} look @param {string} text shown as it is, whoever wrote it */
function element(tag, look, text) {
  const node = document.createElement(tag);
  if (look) node.className = look;
  node.textContent = text;
  return node;
}

/** A SID for the eye. @param {string} sid */
export const short = (sid) => (sid.length > 8 ? `${sid.slice(0, 2)}…${sid.slice(-4)}` : sid);
