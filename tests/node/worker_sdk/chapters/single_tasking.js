// A Workspace of the older kind: a Reservation takes the Worker to an Activity, and accepting it to another.

async function play(t) {
  const place = await t.place({ singleTasking: true });
  const alice = await place.addWorker("Alice", "Available");
  const session = await place.connect(alice, { enableVersionCheck: true });
  const { me, ear } = session;
  const etag = async () => (await place.get(`Workers/${alice.sid}`)).version;

  const { reservation } = await place.offer(session);
  await ear.next("worker.activityUpdated");
  t.is("an offer, and the Activity of it", [me.activity.name, me.available], ["Reserved", false]);
  t.is("are two versions, as over REST", me.version, await etag());
  await reservation.accept();
  await ear.next("worker.activityUpdated");
  t.is("accepting has an Activity too", [reservation.status, me.activity.name], ["accepted", "Busy"]);
  t.is("which is a version", me.version, await etag());
  await reservation.task.complete("done");
  await ear.next("task.completed");
  t.is("and stays when the Task is completed", me.activity.name, "Busy");

  await me.activities.get(place.activities.Available).setAsCurrent();
  await ear.next("worker.activityUpdated");
  const again = await place.offer(session);
  await ear.next("worker.activityUpdated");
  await place.post(`Tasks/${again.task.sid}`, { AssignmentStatus: "canceled", Reason: "gone" });
  await ear.next("worker.activityUpdated");
  t.is(
    "an offer that comes to nothing leads back",
    [again.reservation.status, me.activity.name],
    ["canceled", "Available"],
  );
}

module.exports = { play };
