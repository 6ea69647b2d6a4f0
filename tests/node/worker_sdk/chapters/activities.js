// The Worker's Activity and attributes: set here, set elsewhere, set again.

async function play(t) {
  const place = await t.place();
  const alice = await place.addWorker("Alice", "Offline");
  const session = await place.connect(alice);
  const { me, ear } = session;
  await setHere(t, { me, ear, place });
  await setAgain(t, { me, ear, place });
  await setElsewhere(t, { me, ear, place, alice });
  await attributes(t, { me, ear, place, alice });
  await rejectPending(t, { session, place });
  await connectActivity(t, { place, alice });
}

async function setHere(t, { me, ear, place }) {
  const [before, version] = [me.dateStatusChanged, me.version];
  const available = me.activities.get(place.activities.Available);
  const set = await available.setAsCurrent();
  ear.note("answer");
  t.is("the answer is the Activity", [set.sid, set.isCurrent, me.activity.name], [available.sid, true, "Available"]);
  const told = await ear.next("worker.activityUpdated");
  t.is("the event comes after the answer", ear.order.slice(-2), ["answer", "worker.activityUpdated"]);
  t.is("it tells of the Worker", [told.sid, told.activity.name, told.available], [me.sid, "Available", true]);
  t.is("one Activity is the current one", [...me.activities.values()].filter((each) => each.isCurrent).length, 1);
  t.is("a change of Activity is one version", Number(me.version) - Number(version), 1);
  t.ok("the Activity has a new date", me.dateStatusChanged >= before);
}

async function setAgain(t, { me, ear, place }) {
  const [since, version] = [me.dateStatusChanged, me.version];
  await me.activities.get(place.activities.Available).setAsCurrent();
  await ear.next("worker.activityUpdated");
  t.is("the same Activity set again is told, without a new version", me.version, version);
  t.is("and since when it is so stays", me.dateStatusChanged, since);
}

async function setElsewhere(t, { me, ear, place, alice }) {
  await place.setActivity(alice, "Unavailable");
  const told = await ear.next("worker.activityUpdated");
  t.is("an Activity that is set over REST is heard", [told.activity.name, told.available], ["Unavailable", false]);
  t.is("and is the Worker's", [me.activity.name, me.activity.isCurrent], ["Unavailable", true]);
}

async function attributes(t, { me, ear, place, alice }) {
  const version = Number(me.version);
  const given = { languages: ["en", "es"], level: { spoken: 3 }, ключ: null };
  await me.setAttributes(given);
  ear.note("answer");
  await ear.next("worker.attributesUpdated");
  t.is("attributes are set, and told after the answer", ear.order.slice(-2), ["answer", "worker.attributesUpdated"]);
  t.is("they are an object as it was given", me.attributes, given);
  t.is("they are one version", Number(me.version) - version, 1);
  const { attributes: stored, version: etag } = await place.get(`Workers/${alice.sid}`);
  t.is("REST has the same", [JSON.parse(stored), etag], [given, me.version]);
  await place.post(`Workers/${alice.sid}`, { Attributes: '{"seen":true}' });
  await ear.next("worker.attributesUpdated");
  t.is("attributes that are set over REST are heard", me.attributes, { seen: true });
  await me.fetchLatestVersion();
  t.is("the latest version is the one that was heard", Number(me.version) - version, 2);
}

async function rejectPending(t, { session, place }) {
  const { me, ear } = session;
  await me.activities.get(place.activities.Available).setAsCurrent();
  const offers = [await place.offer(session), await place.offer(session, {}, { TaskChannel: "chat" })];
  const held = offers.map(({ reservation }) => reservation);
  ear.clear();
  const options = { rejectPendingReservations: true };
  await me.activities.get(place.activities.Offline).setAsCurrent(options);
  await ear.next("reservation.rejected");
  await ear.next("reservation.rejected");
  t.is(
    "rejectPendingReservations rejects each",
    held.map(({ status, task }) => [status, task.status]),
    held.map(() => ["rejected", "pending"]),
  );
  const told = ear.order.filter((word) => word !== "task.updated");
  t.is("the Activity is told first", told, ["worker.activityUpdated", "reservation.rejected", "reservation.rejected"]);
  t.is("none is left", me.reservations.size, 0);
  for (const { task } of offers) {
    await place.remove(`Tasks/${task.sid}`);
  }
}

async function connectActivity(t, { place, alice }) {
  const { me, ear } = await place.connect(alice, { connectActivitySid: place.activities.Unavailable });
  await ear.next("worker.activityUpdated");
  t.is("connectActivitySid is set once all is loaded", me.activity.name, "Unavailable");
  t.is("ready comes before", ear.order, ["worker.ready", "worker.activityUpdated"]);
}

module.exports = { play };
