// @ts-check
// The instructor's wall: who is where, the queues, and the buttons. What comes from participants is text alone.
//
//   rows.js     who is where, and in which lesson
//   queues.js   the TaskQueues and their times
//   actions.js  what the buttons do
//   asking.js   requests to the room
//   part.js     an element of the page

import { setText } from "../../../labkit/widgets/js/dom.js";
import { timeOfDay } from "../../../labkit/widgets/js/format.js";
import { connectButtons, showCallers, showNames } from "./actions.js";
import { pageToken } from "./asking.js";
import { part } from "./part.js";
import { showQueues } from "./queues.js";
import { showPeople } from "./rows.js";

/** @typedef {import("./types.js").WallState} WallState */

const TICK_MS = 1_000;

/** @type {WallState | null} */ let state = null;
/** How far the room's clock is ahead of this browser's, in milliseconds. */
let ahead = 0;
/** When the state came, by this browser's clock. */
let cameAt = 0;

/** @param {string} text @param {"good" | "wait" | "bad"} look */
function showConnection(text, look) {
  setText(part("connection"), text);
  part("connection").dataset.look = look;
}

function show() {
  const now = Date.now() + ahead;
  setText(part("clock"), `${timeOfDay(now)} UTC`);
  if (state === null) return;
  showPeople(state, now, part("only-stuck").checked);
  // Waits are TaskRouter's time, which a sandbox's instructor may move, hold or speed up.
  const { at, speed } = state.taskrouter;
  showQueues(state, at + (Date.now() - cameAt) * speed);
}

/** @param {WallState} news */
function takeIn(news) {
  state = news;
  cameAt = Date.now();
  ahead = news.at - cameAt;
  showCallers(news);
  showNames(news);
  show();
}

function listen() {
  const source = new EventSource(`wall/stream?_xsrf=${encodeURIComponent(pageToken())}`);
  source.addEventListener("open", () => showConnection("live", "good"));
  source.addEventListener("message", (event) => takeIn(JSON.parse(event.data)));
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) {
      showConnection("signed out, or the room is closed: reload this page", "bad");
    } else showConnection("the room does not answer; trying again", "wait");
  });
}

export default function start() {
  part("only-stuck").addEventListener("change", show);
  connectButtons();
  listen();
  setInterval(show, TICK_MS);
}
