// What no client shows: preflights, heartbeats, other names of the host, and the same asked as version 3 of the SDK does.

const http = require("node:http");
const { WebSocket } = require("ws");
const { BRIDGE, SOCKET } = require("../place.js");

async function play(t) {
  const place = await t.place();
  const alice = await place.addWorker("Alice", "Offline");
  const token = await place.token(alice);
  const beating = heartbeat(t, token);
  await withoutToken(t, place);
  await preflight(t);
  await asVersion3(t, { place, alice, token });
  await byAnotherName(t, { place, alice, token });
  await graphQl(t);
  await beating;
}

const question = (place, alice, token) =>
  JSON.stringify({ url: `Workspaces/${place.sid}/Workers/${alice.sid}`, method: "GET", params: {}, token });

async function withoutToken(t, place) {
  const body = JSON.stringify({ url: `Workspaces/${place.sid}/Activities`, method: "GET", params: {} });
  const answer = await fetch(BRIDGE, { method: "POST", headers: { Origin: "http://page.test" }, body });
  const { message, code } = await answer.json();
  t.is("no token at all", [answer.status, typeof message, typeof code], [401, "string", "number"]);
  const allowed = answer.headers.get("Access-Control-Allow-Origin");
  t.ok("a page of another origin may read even that", ["*", "http://page.test"].includes(allowed), allowed);
}

async function preflight(t) {
  const headers = {
    Origin: "http://page.test",
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "apiversion,clientversion,content-type,if-match",
  };
  const answer = await fetch(BRIDGE, { method: "OPTIONS", headers });
  const allowed = (answer.headers.get("Access-Control-Allow-Headers") ?? "").toLowerCase();
  t.is("a browser's preflight needs no token", answer.status, 204);
  const all = ["apiversion", "clientversion", "content-type", "if-match"].every((name) => allowed.includes(name));
  t.ok("and may send all headers of the SDK", all, allowed);
}

async function asVersion3(t, { place, alice, token }) {
  const headers = { apiVersion: "v1", clientVersion: "3.0.0", "Content-Type": "text/plain;charset=UTF-8" };
  const answer = await fetch(BRIDGE, { method: "POST", headers, body: question(place, alice, token) });
  const { payload } = await answer.json();
  t.is("as plain text", [answer.status, payload.sid, payload.attributes], [200, alice.sid, "{}"]);
  t.ok("dates are whole seconds", Number.isInteger(payload.date_created), payload.date_created);
}

async function byAnotherName(t, { place, alice, token }) {
  const headers = { Host: "event-bridge.ie1.twilio.com", "X-Forwarded-Proto": "https" };
  const answer = await new Promise((resolve, reject) => {
    const asked = http.request(BRIDGE, { method: "POST", headers }, (response) => {
      response.on("data", (data) => resolve(JSON.parse(data)));
    });
    asked.on("error", reject).end(question(place, alice, token));
  });
  t.is("by the name that an unmodified program asks for", answer.payload.sid, alice.sid);
}

async function graphQl(t) {
  const answer = await fetch(BRIDGE.replace("v1/wschannels", "graphql-subscriptions"));
  t.is("there is no GraphQL mode", answer.status, 404);
}

async function heartbeat(t, token) {
  const socket = new WebSocket(`${SOCKET}?token=${token}&closeExistingSessions=false&clientVersion=2.1.1`);
  const begun = Date.now();
  const beat = await new Promise((resolve, reject) => {
    socket.on("error", reject).on("message", (data) => (data.toString().trim() === "" ? resolve(Date.now()) : null));
  });
  t.ok("a blank comes before the client takes silence for a break", beat - begun < 20_000, beat - begun);
  socket.terminate();
}

module.exports = { play };
