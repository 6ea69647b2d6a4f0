// A supervisor's page: a Worker of its own, who may change others.

const { Supervisor } = require("../place.js");

async function play(t) {
  const place = await t.place();
  const [alice, sam] = [await place.addWorker("Alice"), await place.addWorker("Sam", "Offline")];
  const session = await place.connect(alice);
  const { me, ear } = await place.connect(sam, {}, { kind: Supervisor, role: "supervisor" });
  t.is("a supervisor is a Worker too", [me.sid, me.name, me.channels.size], [sam.sid, "Sam", 5]);

  const changed = await me.setWorkerActivity(alice.sid, place.activities.Unavailable);
  t.is("an Activity of another, as it comes", [changed.sid, changed.activity_name], [alice.sid, "Unavailable"]);
  const told = await session.ear.next("worker.activityUpdated");
  t.is("which that one hears", [told.sid, told.activity.name], [alice.sid, "Unavailable"]);
  t.is("the supervisor's own stays, unheard", [me.activity.name, ear.count("worker.activityUpdated")], ["Offline", 0]);

  const described = await me.setWorkerAttributes(alice.sid, { level: 2 });
  t.is("attributes of another", JSON.parse(described.attributes), { level: 2 });
  await session.ear.next("worker.attributesUpdated");
  t.is("are heard as well", session.me.attributes, { level: 2 });

  const unknown = `WA${"0".repeat(32)}`;
  await t.refused(
    "an Activity that there is not",
    me.setWorkerActivity(alice.sid, unknown),
    new RegExp(`status code 400\\. .*${unknown}`),
  );
  await t.refused("an Activity of no form", me.setWorkerActivity(alice.sid, "Lunch"), /status code 400\. .*Lunch/);
  const nobody = `WK${"0".repeat(32)}`;
  await t.refused(
    "a Worker that there is not",
    me.setWorkerActivity(nobody, place.activities.Offline),
    /status code 404\. /,
  );
  await t.refused("nor their attributes", me.setWorkerAttributes(nobody, {}), /status code 404\. /);
  await pending(t, { place, session, me, alice });
}

async function pending(t, { place, session, me, alice }) {
  await me.setWorkerActivity(alice.sid, place.activities.Available);
  await session.ear.next("worker.activityUpdated");
  const { task, reservation } = await place.offer(session);
  const options = { rejectPendingReservations: true };
  await me.setWorkerActivity(alice.sid, place.activities.Offline, options);
  await session.ear.next("reservation.rejected");
  t.is("with rejectPendingReservations", [reservation.status, session.me.activity.name], ["rejected", "Offline"]);
  await t.refused("one who listens to no call", me.monitor(task.sid, reservation.sid, {}), /status code 400\. /);
}

module.exports = { play };
