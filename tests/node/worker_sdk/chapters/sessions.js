// Several sessions of one Worker, sessions that close others, and a network that breaks.

const { SOCKET } = require("../place.js");
const { Relay } = require("../relay.js");

async function play(t) {
  const place = await t.place();
  const alice = await place.addWorker("Alice");
  await two(t, { place, alice });
  await whileLoading(t, place);
  await closing(t, place);
  await disconnecting(t, place);
  await broken(t, place);
  await garbage(t, place);
}

async function two(t, { place, alice }) {
  const token = await place.token(alice);
  const [first, second] = await Promise.all([0, 1].map(() => place.connect(alice, {}, { token })));
  await place.addTask();
  const [one, other] = await Promise.all(
    [first, second].map(async ({ ear }) => ear.listenTo(await ear.next("worker.reservationCreated"))),
  );
  t.is("two sessions are offered the same", one.sid, other.sid);
  await one.accept();
  await Promise.all([first.ear.next("reservation.accepted"), second.ear.next("reservation.accepted")]);
  t.is("what one does the other hears", [other.status, other.task.status], ["accepted", "assigned"]);
  await other.complete();
  await Promise.all([first.ear.next("task.completed"), second.ear.next("task.completed")]);
  t.is("and the other way round", [one.status, one.task.status], ["completed", "completed"]);
  t.is("with one version", first.me.version, second.me.version);
}

/** Nobody misses what happens while a session loads; and who comes to an Activity by connecting is offered what waits. */
async function whileLoading(t, place) {
  const frank = await place.addWorker("Frank", "Offline");
  const token = await place.token(frank);
  const begun = await Promise.all([0, 1, 2].map(() => place.begin(frank, {}, { token })));
  const { sid } = await place.addTask({}, { RoutingTarget: frank.sid });
  const seen = await Promise.all(
    begun.map(async ({ me, ear }) => {
      await ear.next("worker.ready");
      const [held] = me.reservations.values();
      return (held ?? (await ear.next("worker.reservationCreated"))).task.sid;
    }),
  );
  t.is("an offer that is made while three sessions load reaches each", seen, [sid, sid, sid]);

  const grace = await place.addWorker("Grace", "Offline");
  const only = await place.addQueue("Grace's", `sid == "${grace.sid}"`);
  const waiting = await place.addTask({}, { RoutingTarget: only.sid });
  const { ear } = await place.connect(grace, { connectActivitySid: place.activities.Available });
  const offered = await ear.next("worker.reservationCreated");
  t.is("connectActivitySid brings what waits", offered.task.sid, waiting.sid);
  const told = ["worker.ready", "worker.activityUpdated", "worker.reservationCreated"];
  t.is("after ready and the Activity", ear.order, told);
}

/** The one that was closed comes back by itself, and closes nobody. */
async function closing(t, place) {
  const bob = await place.addWorker("Bob", "Offline");
  const first = await place.connect(bob, { closeExistingSessions: true });
  const second = await place.connect(bob, { closeExistingSessions: true });
  const told = await first.ear.next("worker.disconnected");
  t.ok("closeExistingSessions closes the others", told.message.length > 0, told);
  await first.ear.next("worker.ready");
  await place.setActivity(bob, "Unavailable");
  await Promise.all([first.ear.next("worker.activityUpdated"), second.ear.next("worker.activityUpdated")]);
  t.is(
    "who was closed comes back beside them",
    [first.ear.count("worker.ready"), second.ear.count("worker.ready")],
    [2, 1],
  );
  t.is("and no one closes the other again", second.ear.count("worker.disconnected"), 0);
}

async function disconnecting(t, place) {
  const carol = await place.addWorker("Carol", "Offline");
  const [gone, stays] = [await place.connect(carol), await place.connect(carol)];
  gone.me.disconnect();
  const told = await gone.ear.next("worker.disconnected");
  t.is("disconnect is told at once", told.message, "SDK Disconnect");
  await place.setActivity(carol, "Unavailable");
  await stays.ear.next("worker.activityUpdated");
  t.is("who has disconnected hears nothing any more", gone.ear.order, ["worker.ready", "worker.disconnected"]);
}

async function broken(t, place) {
  const relay = await Relay.to(SOCKET);
  const dave = await place.addWorker("Dave", "Offline");
  const session = await place.connect(dave, { wsServer: relay.url });
  const { me, ear } = session;
  ear.clear();
  relay.cut();
  await ear.next("worker.disconnected");
  const missed = await place.addTask({}, { RoutingTarget: dave.sid });
  await ear.next("worker.ready");
  t.is(
    "a broken network: disconnected, then ready again",
    ear.order.filter((word) => word !== "worker.error").slice(0, 2),
    ["worker.disconnected", "worker.ready"],
  );
  const [held] = me.reservations.values();
  t.is("what was missed is loaded", [me.reservations.size, held.task.sid], [1, missed.sid]);
  ear.listenTo(held);
  await held.accept();
  await ear.next("reservation.accepted");
  t.is("and can be worked on", held.task.status, "assigned");
  relay.close();
  me.disconnect();
}

/** Whoever sends frames has no harm of it, and does none. */
async function garbage(t, place) {
  const erin = await place.addWorker("Erin", "Offline");
  const { me, ear } = await place.connect(erin);
  const { WebSocket } = require("ws");
  const socket = new WebSocket(
    `${SOCKET}?token=${await place.token(erin)}&closeExistingSessions=false&clientVersion=2.1.1`,
  );
  const first = await new Promise((resolve) => socket.on("message", (data) => resolve(JSON.parse(data))));
  t.is("the first message is init", [first.event_type, first.payload.channel_id], ["init", erin.sid]);
  const { account_sid: account, workspace_sid: workspace, token_lifetime: life } = first.payload;
  t.is("with its SIDs", [account, workspace], [process.env.LAB_ACCOUNT_SID, place.sid]);
  t.ok("and the milliseconds until the token ends", life > 3_500_000 && life <= 3_600_000, life);
  socket.send("nonsense");
  await me.setAttributes({ all: "well" });
  await ear.next("worker.attributesUpdated");
  t.is("nonsense from one session harms no other", me.attributes, { all: "well" });
  socket.terminate();
}

module.exports = { play };
