// With enableVersionCheck each change says of which version it is: the client's count must be the sandbox's.

async function play(t) {
  const place = await t.place();
  const alice = await place.addWorker("Alice", "Offline");
  const session = await place.connect(alice, { enableVersionCheck: true });
  await wholeLife(t, { place, session });
  await offeredAtOnce(t, { place, session });
  await stale(t, { place, session, alice });
  await supervisors(t, { place, alice });
}

const activity = (session, place, name) => session.me.activities.get(place.activities[name]).setAsCurrent();

async function wholeLife(t, { place, session }) {
  const { me, ear } = session;
  await activity(session, place, "Available");
  await ear.next("worker.activityUpdated");
  const { reservation } = await place.offer(session);
  await me.setAttributes({ after: "the offer" });
  await ear.next("worker.attributesUpdated");
  await reservation.accept();
  await ear.next("reservation.accepted");
  await me.setAttributes({ after: "accepting" });
  await ear.next("worker.attributesUpdated");
  await reservation.task.setAttributes({ worked: "on" });
  await ear.next("task.updated");
  await reservation.wrap();
  await ear.next("task.wrapup");
  await reservation.task.complete("done");
  await ear.next("task.completed");
  await me.setAttributes({ after: "completing" });
  await ear.next("worker.attributesUpdated");
  t.is("a whole life without a version that is missed", me.attributes, { after: "completing" });
}

/** Coming to an Activity brings the waiting Task in the same step; the client hears of both, one after the other. */
async function offeredAtOnce(t, { place, session }) {
  const { me, ear } = session;
  await activity(session, place, "Offline");
  await ear.next("worker.activityUpdated");
  await place.addTask();
  await activity(session, place, "Available");
  const reservation = ear.listenTo(await ear.next("worker.reservationCreated"));
  t.is(
    "who is offered a Task at once is at REST's version",
    me.version,
    (await place.get(`Workers/${me.sid}`)).version,
  );
  await me.setAttributes({ still: "right" });
  await ear.next("worker.attributesUpdated");
  await reservation.reject({ activitySid: place.activities.Unavailable });
  await ear.next("worker.activityUpdated");
  await ear.next("worker.activityUpdated");
  await me.setAttributes({ still: "right after rejecting" });
  t.is("and stays there", me.attributes, { still: "right after rejecting" });
}

async function stale(t, { place, session, alice }) {
  const { me, ear } = session;
  await ear.next("worker.attributesUpdated");
  me.version = "0";
  await t.refused("an older version of the Worker is 412", me.setAttributes({ lost: true }), /status code 412\. /);
  await me.fetchLatestVersion();
  t.is("and changes nothing", me.attributes, { still: "right after rejecting" });
  await me.setAttributes({ found: true });
  t.is("after the latest is fetched it goes", me.attributes, { found: true });
  const { reservation } = await offerTo(place, session, alice);
  const { task } = reservation;
  task.version = "0";
  await t.refused("an older version of the Task is 412", task.setAttributes({}), /status code 412\. /);
  reservation.version = "77";
  await t.refused("another version of the Reservation is 412", reservation.accept(), /status code 412\. /);
  await reservation.fetchLatestVersion();
  t.is("which is pending still", reservation.status, "pending");
  await reservation.accept();
  await ear.next("reservation.accepted");
  t.is("and can be accepted then", reservation.task.status, "assigned");
}

const offerTo = (place, session, worker) => place.offer(session, {}, { RoutingTarget: worker.sid });

/** Their calls for another Worker carry their own version, which says nothing of that one. */
async function supervisors(t, { place, alice }) {
  const { Supervisor } = require("../place.js");
  const sam = await place.addWorker("Sam", "Offline");
  const options = { enableVersionCheck: true };
  const { me } = await place.connect(sam, options, { kind: Supervisor, role: "supervisor" });
  await me.setWorkerAttributes(alice.sid, { by: "Sam" });
  const { attributes } = await place.get(`Workers/${alice.sid}`);
  t.is("a supervisor's own version does not count for others", attributes, '{"by":"Sam"}');
}

module.exports = { play };
