// Every other end of a Reservation: rejected, canceled, deleted, timed out, rescinded.

async function play(t) {
  const place = await t.place();
  const alice = await place.addWorker("Alice");
  const session = await place.connect(alice);
  await rejected(t, { place, session });
  await canceled(t, { place, session });
  await deletedWhileAssigned(t, { place, session });
  await deletedWhileReserved(t, { place, session });
  await byRest(t, { place, session, alice });
  await timedOut(t, { place, session });
  await rescinded(t);
}

async function rejected(t, { place, session }) {
  const { me, ear } = session;
  const { task, reservation } = await place.offer(session);
  const versions = [me.version, Number(reservation.version)];
  ear.clear();
  await reservation.reject({ activitySid: place.activities.Unavailable });
  ear.note("answer");
  t.is("the answer to reject", reservation.status, "rejected");
  t.is(
    "is one version of the Reservation and none of the Worker",
    [me.version, Number(reservation.version)],
    [versions[0], versions[1] + 1],
  );
  await ear.next("worker.activityUpdated");
  const told = ear.order.filter((word) => word !== "task.updated");
  t.is("rejecting with an Activity", told, ["answer", "reservation.rejected", "worker.activityUpdated"]);
  t.is("goes there", me.activity.name, "Unavailable");
  t.is("and the Task is pending again", reservation.task.status, "pending");
  t.is("the Reservation has left", me.reservations.size, 0);
  await t.refused("rejecting twice is refused", reservation.reject(), /status code 400\. /);
  await place.remove(`Tasks/${task.sid}`);
  await place.setActivity(me, "Available");
  await ear.next("worker.activityUpdated");
}

async function canceled(t, { place, session }) {
  const { ear } = session;
  const { task, reservation } = await place.offer(session);
  ear.clear();
  await place.post(`Tasks/${task.sid}`, { AssignmentStatus: "canceled", Reason: "gave up" });
  await ear.next("task.canceled");
  t.is("a Task that is canceled: Reservation, then Task", ear.order, ["reservation.canceled", "task.canceled"]);
  t.is("both are", [reservation.status, reservation.task.status], ["canceled", "canceled"]);
  t.is(
    "with the reason, and without a code",
    [reservation.task.reason, reservation.canceledReasonCode],
    ["gave up", undefined],
  );
}

async function deletedWhileAssigned(t, { place, session }) {
  const { ear } = session;
  const { task, reservation } = await place.assign(session, { kept: true });
  await place.remove(`Tasks/${task.sid}`);
  const told = await ear.next("reservation.completed");
  t.is("deleting an assigned Task completes its Reservation", [told.sid, told.status], [reservation.sid, "completed"]);
  t.is("with the Task as it last was", [told.task.sid, told.task.attributes], [task.sid, { kept: true }]);
}

async function deletedWhileReserved(t, { place, session }) {
  const { ear } = session;
  const { task, reservation } = await place.offer(session);
  await place.remove(`Tasks/${task.sid}`);
  await ear.next("reservation.canceled");
  t.is("deleting a reserved one cancels it", reservation.status, "canceled");
}

async function byRest(t, { place, session, alice }) {
  const { ear } = session;
  const { task, reservation } = await place.offer(session);
  const path = `Workers/${alice.sid}/Reservations/${reservation.sid}`;
  await place.post(path, { ReservationStatus: "accepted" });
  await ear.next("reservation.accepted");
  t.is("accepted over REST", [reservation.status, reservation.task.status], ["accepted", "assigned"]);
  await place.post(path, { ReservationStatus: "wrapping" });
  await ear.next("task.wrapup");
  t.is("wrapped up over REST", [reservation.status, reservation.task.status], ["wrapping", "wrapping"]);
  await place.post(`Tasks/${task.sid}`, { AssignmentStatus: "completed", Reason: "done" });
  await ear.next("task.completed");
  t.is("completed over REST", [reservation.status, reservation.task.reason], ["completed", "done"]);
}

async function timedOut(t, { place, session }) {
  const { me, ear } = session;
  await place.post(`Workflows/${place.workflow.sid}`, { TaskReservationTimeout: 1 });
  const { reservation } = await place.offer(session);
  t.is("a Reservation's time", reservation.timeout, 1);
  await ear.next("worker.activityUpdated");
  t.is("that passes", ear.order.slice(-2), ["reservation.timeout", "worker.activityUpdated"]);
  t.is("leads to the timeout Activity", [reservation.status, me.activity.name], ["timeout", "Offline"]);
  t.is("from which the Task is pending again", reservation.task.status, "pending");
}

async function rescinded(t) {
  const place = await t.place({ maxReserved: 2 });
  const sessions = [];
  for (const name of ["Bob", "Carol"]) {
    sessions.push(await place.connect(await place.addWorker(name)));
  }
  await place.addTask();
  const [quick, slow] = await Promise.all(
    sessions.map(async ({ ear }) => ear.listenTo(await ear.next("worker.reservationCreated"))),
  );
  await quick.accept();
  await sessions[1].ear.next("reservation.rescinded");
  t.is(
    "the slower of two Workers",
    [slow.status, slow.task.status, slow.task.sid],
    ["rescinded", "assigned", quick.task.sid],
  );
  await t.refused("cannot accept any more", slow.accept(), /status code 4(00|10)\. /);
}

module.exports = { play };
