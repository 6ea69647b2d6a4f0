// @ts-check
// Capacities cost a request for each Worker: they are asked for when somebody sees the row, some at a time.

import { setText } from "../js/dom.js";

/** @import { Board } from "./panel.js" */

const READS_AT_ONCE = 10;
const LOOK_AGAIN_MS = 1000;

/**
 * Have the capacities of a Worker read, soon and together with others.
 *
 * @param {Board} it
 * @param {string} sid
 */
export function read(it, sid) {
  if (it.unreadable.has(sid) || it.wanted.has(sid)) return;
  it.wanted.add(sid);
  setTimeout(() => readOn(it));
}

/** @param {Board} it */
async function readOn(it) {
  if (it.isReading || !it.wanted.size) return;
  it.isReading = true;
  const workers = [...it.wanted].slice(0, READS_AT_ONCE);
  const answer = await it.wire.ask("channels", { workers });
  it.isReading = false;
  for (const sid of workers) {
    it.wanted.delete(sid);
    if (!answer.ok) cannotRead(it, sid, answer.text);
  }
  setTimeout(() => readWhatIsMissing(it, workers), LOOK_AGAIN_MS);
  readOn(it);
}

/**
 * What was read may be void before all of it was: somebody changed a capacity, or read the Workspace anew.
 *
 * @param {Board} it
 * @param {string[]} workers
 */
function readWhatIsMissing(it, workers) {
  for (const sid of workers) {
    const row = it.rows.get(sid);
    if (row?.isSeen && row.root.isConnected && !row.worker.channels) read(it, sid);
  }
}

/**
 * @param {Board} it
 * @param {string} sid
 * @param {string} text
 */
function cannotRead(it, sid, text) {
  it.unreadable.add(sid);
  const row = it.rows.get(sid);
  if (!row || row.worker.channels) return;
  setText(row.said, text);
  row.again.hidden = false;
  row.unread.hidden = true;
}
