// @ts-check
// Capacities cost a request for each Worker: they are asked for when somebody sees the row, some at a time.

import { setText } from "../js/dom.js";

/** @import { Board } from "./panel.js" */

const READS_AT_ONCE = 10;

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
  readOn(it);
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
