// @ts-check
// The agent page: signs in as one Worker, and shows what Twilio's Worker SDK tells and what it can be asked.
//
//   link.js           the link is changed for a token
//   cards.js          a Reservation, with the calls that can be made
//   transfer_form.js  to whom a Task can be handed over
//   log.js            every call and every event

import { Card } from "./cards.js";
import { bridgeOptions, fetchTime, renew, signIn } from "./link.js";
import { call, clockIsPast, log, setClock, short } from "./log.js";

/** @typedef {import("./small_client/worker.js").Worker} Worker */
/** @typedef {import("./small_client/workspace.js").Workspace} Workspace */

const SDKS = /** @type {Record<string, string>} */ ({
  twilio: "runs Twilio's SDK, twilio-taskrouter 2.1.1",
  small: "runs the lab's own small client; make agent-sdk gets Twilio's SDK",
  missing: "needs Twilio's SDK",
});

const TICK_MS = 500;
const LEARN_TIME_MS = 3_000;
const MEANWHILE =
  "The SDK tries again by itself, and loads everything once it is back. If it stays away, reload this page, or open a " +
  "new link from the notebook.";

/** The SDK's two entrances: Twilio's own, or those of the lab's small client. @type {any} */
const { TaskRouter } = globalThis;

/** @type {Worker} */ let worker;
/** @type {Workspace} */ let workspace;
/** @type {Map<string, Card>} */ const cards = new Map();
let token = "";
let options = {};
let left = false;

/** @param {string} id @returns {any} */
const part = (id) => document.getElementById(id);

// --- signing in ------------------------------------------------------------------------------------------------------

async function start() {
  const sdk = document.documentElement.dataset.sdk ?? "";
  part("sdk").textContent = SDKS[sdk];
  if (sdk === "missing") {
    return refuse(
      new Error(
        "With a real account this page runs Twilio's SDK. Run make agent-sdk (in a workshop the instructor runs " +
          "make workshop-setup), and reload the page.",
      ),
    );
  }
  try {
    const signedIn = await signIn();
    setClock(signedIn.clock);
    token = signedIn.token;
    options = bridgeOptions(signedIn.bridge);
    show(signedIn.worker.name);
    connect();
  } catch (error) {
    refuse(/** @type {Error} */ (error));
  }
}

/** @param {string} name */
function show(name) {
  document.title = `${name}: agent page`;
  part("worker").textContent = name;
  document.body.dataset.state = "signed-in";
  for (const id of ["presence", "work", "history"]) part(id).hidden = false;
  part("leave").addEventListener("click", leave);
  part("return").addEventListener("click", connect);
  setInterval(() => {
    for (const card of cards.values()) card.tick();
  }, TICK_MS);
  setInterval(() => void learnTime(), LEARN_TIME_MS);
}

/** While something is counted down: a sandbox's clock can be moved and held. */
async function learnTime() {
  if (![...cards.values()].some(({ reservation }) => reservation.status === "pending")) return;
  const clock = await fetchTime();
  if (clock) setClock(clock);
}

/** @param {Error} error */
function refuse(error) {
  connection("not signed in", "bad");
  trouble(error.message);
}

// --- the Worker ------------------------------------------------------------------------------------------------------

function connect() {
  left = false;
  log("call", "new TaskRouter.Worker(token, options)");
  connection("connecting", "wait");
  workspace = new TaskRouter.Workspace(token, options);
  worker = new TaskRouter.Worker(token, options);
  worker.on("ready", ready);
  worker.on("disconnected", disconnected);
  worker.on("error", (/** @type {Error} */ error) => log("problem", 'worker.on("error")', error.message));
  worker.on("tokenExpired", renewToken);
  worker.on("tokenUpdated", () => log("event", 'worker.on("tokenUpdated")'));
  worker.on("activityUpdated", () => {
    log("event", 'worker.on("activityUpdated")', worker.activity?.name);
    drawActivities();
  });
  worker.on("attributesUpdated", () => log("event", 'worker.on("attributesUpdated")'));
  worker.on("reservationCreated", reserved);
}

/** Everything is loaded; after a break it is loaded anew, and what was shown may be over. */
function ready() {
  log("event", 'worker.on("ready")', `${worker.name}, ${worker.reservations.size} open Reservations`);
  connection("connected", "good");
  trouble("");
  for (const card of cards.values()) card.root.remove();
  cards.clear();
  const open = [...worker.reservations.values()];
  const isPending = (/** @type {{ status: string }} */ { status }) => Number(status === "pending");
  for (const reservation of open.sort((one, other) => isPending(one) - isPending(other))) add(reservation);
  drawActivities();
  drawWork();
}

/** @param {{ message: string }} why */
function disconnected({ message }) {
  log("event", 'worker.on("disconnected")', message);
  connection("offline", left ? "" : "bad");
  if (!left) trouble(`Offline: ${message}. ${MEANWHILE}`, "wait");
  drawActivities();
}

function leave() {
  left = true;
  log("call", "worker.disconnect()");
  worker.disconnect();
  trouble("Disconnected. What is offered meanwhile is here once you connect again, unless it timed out.", "wait");
}

async function renewToken() {
  log("event", 'worker.on("tokenExpired")');
  try {
    token = (await renew()).token;
  } catch (error) {
    trouble(`The token ends, and there is no new one. ${/** @type {Error} */ (error).message}`);
    return;
  }
  log("call", "worker.updateToken(newToken)");
  worker.updateToken(token);
  workspace.updateToken(token);
}

// --- Activity --------------------------------------------------------------------------------------------------------

function drawActivities() {
  const here = part("connection").dataset.look === "good";
  const place = part("activities");
  const focused = place.querySelector(":focus")?.value;
  place.replaceChildren(...[...worker.activities.values()].map(activityButton));
  for (const button of place.children) button.disabled = !here;
  if (focused) place.querySelector(`[value="${focused}"]`)?.focus();
  part("leave").parentElement.hidden = left;
  for (const each of part("return").parentElement.children) each.hidden = !left;
}

/** @param {import("./small_client/records.js").Activity} activity */
function activityButton(activity) {
  const button = document.createElement("button");
  button.type = "button";
  button.value = activity.sid;
  button.textContent = activity.name;
  button.setAttribute("aria-pressed", String(activity.isCurrent));
  button.addEventListener("click", async () => {
    const code = `worker.activities.get("${short(activity.sid)}").setAsCurrent()`;
    await call(code, () => activity.setAsCurrent()).then(
      () => trouble(""),
      (error) => trouble(error.message),
    );
    drawActivities();
  });
  return button;
}

// --- Reservations ----------------------------------------------------------------------------------------------------

/** @param {import("./small_client/records.js").Reservation} reservation */
function reserved(reservation) {
  clockIsPast(reservation.dateCreated);
  const { sid, task, timeout } = reservation;
  log("event", 'worker.on("reservationCreated")', `${short(sid)} for ${short(task.sid)}`);
  part("spoken").textContent = `A Reservation from ${task.queueName}, ${timeout} seconds to answer.`;
  cards.get(sid)?.root.remove();
  add(reservation);
  drawWork();
}

/** @param {import("./small_client/records.js").Reservation} reservation */
function add(reservation) {
  const card = new Card(reservation, workspace);
  cards.set(reservation.sid, card);
  part("reservations").prepend(card.root);
  for (const name of ["rejected", "completed", "canceled", "timeout", "rescinded"]) {
    reservation.on(name, () => {
      part("spoken").textContent = `The Reservation is ${reservation.status}.`;
      cards.delete(reservation.sid);
      card.leave();
      drawWork();
    });
  }
}

function drawWork() {
  part("nothing").hidden = cards.size > 0;
}

// --- what is said at the top -----------------------------------------------------------------------------------------

/** @param {string} text @param {string} look */
function connection(text, look) {
  part("connection").textContent = text;
  part("connection").dataset.look = look;
}

/** @param {string} text @param {string} [look] */
function trouble(text, look = "bad") {
  part("trouble").textContent = text;
  part("trouble").dataset.look = look;
  part("trouble").hidden = text === "";
}

void start();
