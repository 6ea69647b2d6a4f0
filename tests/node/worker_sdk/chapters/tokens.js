// Tokens that end, are renewed, or should never have been made.

const { LAB_AUTH_TOKEN, until } = require("../place.js");

const LIFE_SECONDS = 8;

async function play(t) {
  const place = await t.place();
  const alice = await place.addWorker("Alice", "Offline");
  const bob = await place.addWorker("Bob", "Offline");
  await Promise.all([
    ending(t, { place, alice, bob }),
    refused(t, { place, alice }),
    foreign(t, { place, alice, bob }),
  ]);
}

/** One who renews goes on and comes back when the old token's session is closed; one who does not stays away. */
async function ending(t, { place, alice, bob }) {
  const renewed = await place.begin(alice, {}, { ttl: LIFE_SECONDS });
  await place.setActivity(bob, "Available");
  const lapsed = await place.begin(bob, { setWorkerOfflineIfDisconnected: true }, { ttl: LIFE_SECONDS });
  let fresh = 0;
  renewed.me.on("tokenExpired", async () => {
    fresh += 1;
    renewed.me.updateToken(await place.token(alice, { ttl: 3600 + fresh }));
  });
  await Promise.all([renewed.ear.next("worker.ready"), lapsed.ear.next("worker.ready")]);
  await renewed.ear.next("worker.tokenUpdated");
  t.ok("tokenExpired comes before the end, and the token is renewed", fresh > 0);
  await lapsed.ear.next("worker.tokenExpired");
  await renewed.me.setAttributes({ with: "the new one" });
  await renewed.ear.next("worker.attributesUpdated");
  t.is("the session goes on with the new token", renewed.me.attributes, { with: "the new one" });

  const told = await lapsed.ear.next("worker.disconnected", 25);
  t.ok("a token that ended ends its session", told.message.length > 0, told);
  const offline = async () => (await place.get(`Workers/${bob.sid}`)).activity_name === "Offline";
  t.ok("and the Worker is gone, if so asked", await until(offline, 3));
  await t.refused("and is refused", lapsed.me.setAttributes({}), /^Request failed with status code 401\. ./);
  await renewed.ear.next("worker.disconnected");
  await renewed.ear.next("worker.ready");
  t.ok("who has a new one comes back", renewed.ear.count("worker.ready") >= 2); // the SDK may connect twice at once
  t.is("who has none does not", lapsed.ear.count("worker.ready"), 1);
  lapsed.me.updateToken(await place.token(bob));
  await lapsed.ear.next("worker.ready");
  t.is("until there is one", lapsed.ear.count("worker.ready"), 2);
}

async function refused(t, { place, alice }) {
  const forged = await place.begin(alice, {}, { secret: LAB_AUTH_TOKEN });
  const error = await forged.ear.next("worker.error");
  t.is("a forged token cannot connect", error.name, "GATEWAY_CONNECTION_FAILED");
  t.is("in the SDK's words", error.message, "Could not connect to Twilio's servers.");
  const told = await forged.ear.next("worker.disconnected");
  t.ok("and is told so", /1006/.test(told.message), told.message);
  forged.me.disconnect();
  const cases = {
    "an expired token": [{ ttl: -10 }, /status code 401\. ./],
    "a forged one": [{ secret: LAB_AUTH_TOKEN }, /status code 401\. ./],
    "one of another account": [{ account: `AC${"0".repeat(32)}` }, /status code 40[13]\. ./],
    "one for a Workspace that there is not": [{ workspaceSid: `WS${"0".repeat(32)}` }, /status code 403\. ./],
  };
  for (const [name, [ofToken, pattern]] of Object.entries(cases)) {
    const workspace = await place.workspace(alice, ofToken);
    await t.refused(`${name} is refused`, workspace.fetchWorkerInfo(alice.sid), pattern);
  }
}

/** What a Worker's token allows. */
async function foreign(t, { place, alice, bob }) {
  const { Supervisor } = require("../place.js");
  const { me } = await place.connect(alice, {}, { kind: Supervisor, role: "worker" });
  await t.refused(
    "a Worker's token changes no other",
    me.setWorkerAttributes(bob.sid, { seen: 1 }),
    /status code 403\. ./,
  );
  const { attributes } = await place.get(`Workers/${bob.sid}`);
  t.is("indeed", attributes, "{}");
  const other = await t.place();
  const there = await other.addWorker("Alice", "Offline");
  const workspace = await place.workspace(alice, {}, {});
  await t.refused("and sees no other Workspace", workspace.fetchWorkerInfo(there.sid), /status code 404\. ./);
}

module.exports = { play };
