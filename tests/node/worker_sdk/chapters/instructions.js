// Instructions for a telephone, which is simulated, and what needs a conference where there is none.

const { Supervisor } = require("../place.js");

async function play(t) {
  const place = await t.place();
  const alice = await place.addWorker("Alice", "Available", { contact_uri: "+15551234567" });
  const session = await place.connect(alice);
  await called(t, { place, session });
  await dequeued(t, { place, session });
  await conference(t, { place, session, alice });
  await redirected(t, { place, session });
  await without(t, { place, session });
}

const CALL = { call_sid: `CA${"1".repeat(32)}`, from: "+15017122661", to: "+15550000000" };
const URL = "http://twimlets.com/echo";

async function done(session, reservation) {
  await reservation.task.complete("done");
  await session.ear.next("task.completed");
}

async function called(t, { place, session }) {
  const { reservation } = await place.offer(session);
  const answer = await reservation.call("+15017122661", URL, { accept: true, to: "+15551234567", timeout: 30 });
  t.is("call: the answer has it pending still", answer.status, "pending");
  await session.ear.next("reservation.accepted");
  t.is("until the Worker has answered", [reservation.status, reservation.task.status], ["accepted", "assigned"]);
  await done(session, reservation);
}

async function dequeued(t, { place, session }) {
  const { reservation } = await place.offer(session, CALL);
  const answer = await reservation.dequeue({ from: "+15017122661", timeout: 30 });
  t.is("dequeue: pending still", answer.status, "pending");
  await session.ear.next("reservation.accepted");
  t.is("then accepted", reservation.task.status, "assigned");
  await done(session, reservation);
}

async function conference(t, { place, session, alice }) {
  const { reservation } = await place.offer(session, CALL);
  const answer = await reservation.conference({
    to: "+15551234567",
    from: "+15017122661",
    beep: false,
    startConferenceOnEnter: true,
  });
  t.ok("conference: the answer is the Reservation", answer === reservation);
  await session.ear.next("reservation.accepted");
  t.is("accepted once they have met", reservation.task.status, "assigned");
  const sam = await place.connect(
    await place.addWorker("Sam", "Offline", { contact_uri: "+15553334444" }),
    {},
    {
      kind: Supervisor,
      role: "supervisor",
    },
  );
  t.is("a supervisor may listen", await sam.me.monitor(reservation.task.sid, reservation.sid, {}), undefined);
  t.ok("the Worker may be muted", (await reservation.updateParticipant({ mute: true })) === reservation);
  t.is(
    "the customer may be put on hold",
    (await reservation.task.updateParticipant({ hold: true })).sid,
    reservation.task.sid,
  );
  t.is("so may the Worker", (await reservation.task.hold(alice.sid, true, {})).sid, reservation.task.sid);
  t.is("and put out", (await reservation.task.kick(alice.sid)).sid, reservation.task.sid);
  await session.ear.next("reservation.wrapup");
  t.is("who has left is in wrap-up", reservation.status, "wrapping");
}

async function redirected(t, { place, session }) {
  const { reservation } = await place.offer(session, CALL, { TaskChannel: "chat" });
  const answer = await reservation.redirect(CALL.call_sid, URL, { accept: true });
  t.ok("redirect is taken", ["pending", "accepted"].includes(answer.status), answer.status);
  await session.ear.next("reservation.accepted");
  t.is("and accepts", reservation.task.status, "assigned");
}

async function without(t, { place, session }) {
  const { reservation } = await place.assign(session, {}, { TaskChannel: "sms" });
  const { task } = reservation;
  await t.refused("no conference, no mute", reservation.updateParticipant({ mute: true }), /status code 400\. ./);
  await t.refused("no conference, no hold", task.updateParticipant({ hold: true }), /status code 400\. ./);
  await t.refused("nor of the Worker", task.hold(session.me.sid, true, {}), /status code 400\. ./);
  await t.refused("no conference, nobody to put out", task.kick(session.me.sid), /status code 400\. ./);
}

module.exports = { play };
