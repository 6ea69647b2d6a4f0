// A Task is handed over to another Worker: warm, then cold; and both go on with it.

async function play(t) {
  const place = await t.place();
  const [alice, bob] = [await place.addWorker("Alice"), await place.addWorker("Bob", "Unavailable")];
  const [from, to] = [await place.connect(alice), await place.connect(bob)];
  await place.setActivity(bob, "Available");
  await to.ear.next("worker.activityUpdated");
  const people = { place, from, to, alice, bob };
  const begun = await warm(t, people);
  await accepted(t, people, begun);
  await bothComplete(t, people, begun);
  await cold(t, people);
}

/** A Task that Alice has, and nobody else could have been offered. */
async function assigned({ place, from, alice }, attributes = {}) {
  return place.assign(from, attributes, { RoutingTarget: alice.sid, TaskQueueSid: place.queue.sid });
}

async function warm(t, people) {
  const { place, from, to, alice, bob } = people;
  const { task, reservation } = await assigned(people, { conference: { sid: "CF00000000000000000000000000000000" } });
  from.ear.clear();
  const answer = await reservation.task.transfer(bob.sid, {
    mode: "WARM",
    attributes: { handed: "over" },
    priority: 5,
  });
  from.ear.note("answer");
  t.is("the answer to transfer is the Task", answer.sid, task.sid);
  const { outgoing } = reservation.task.transfers;
  t.ok("a transfer has a SID", /^TT[0-9a-f]{32}$/.test(outgoing.sid), outgoing.sid);
  t.is("how and to whom", [outgoing.mode, outgoing.type, outgoing.to], ["WARM", "WORKER", bob.sid]);
  t.is("from whom", [outgoing.workerSid, outgoing.reservationSid], [alice.sid, reservation.sid]);
  t.is("it is begun", outgoing.status, "initiated");
  from.ear.listen("transfer", outgoing);
  const told = await from.ear.next("task.transferInitiated");
  t.is(
    "which is told after the answer",
    [told.sid, from.ear.order],
    [outgoing.sid, ["answer", "task.transferInitiated"]],
  );

  const second = to.ear.listenTo(await to.ear.next("worker.reservationCreated"));
  t.is("the other is offered the same Task", [second.task.sid, second.status], [task.sid, "pending"]);
  t.is("as a transfer", [second.transfer.sid, second.transfer.status], [outgoing.sid, "initiated"]);
  const { incoming } = second.task.transfers;
  t.is("which is incoming there", [incoming.mode, incoming.to, incoming.workerSid], ["WARM", bob.sid, alice.sid]);
  t.is("with new attributes and priority", [second.task.attributes, second.task.priority], [{ handed: "over" }, 5]);
  t.is(
    "the Task is reserved",
    [second.task.status, (await place.get(`Tasks/${task.sid}`)).assignment_status],
    ["reserved", "reserved"],
  );
  t.is("the first Reservation stays accepted", reservation.status, "accepted");
  const early = reservation.task.complete("too early");
  await t.refused(
    "who handed it over cannot complete it meanwhile",
    early,
    /status code 400\. .*not currently assigned/,
  );
  const again = reservation.task.transfer(bob.sid);
  await t.refused("nor hand it over twice", again, /status code 400\. /);
  return { task, reservation, second, outgoing };
}

async function accepted(t, { from, to }, { reservation, second, outgoing }) {
  to.ear.clear();
  await second.accept();
  to.ear.note("answer");
  await to.ear.next("reservation.accepted");
  t.is("the other accepts", [second.status, second.task.status], ["accepted", "assigned"]);
  t.is("in the usual order", to.ear.order, ["answer", "reservation.accepted"]);
  const told = await from.ear.next("transfer.completed");
  t.is("the transfer is complete", [told.sid, outgoing.status], [outgoing.sid, "complete"]);
  t.is("and both have the Task", [reservation.status, second.status], ["accepted", "accepted"]);
}

async function bothComplete(t, { place, from, to }, { task, reservation, second }) {
  await reservation.complete();
  await from.ear.next("reservation.completed");
  const { assignment_status: status } = await place.get(`Tasks/${task.sid}`);
  t.is("one completes, and the Task goes on", [reservation.status, status], ["completed", "assigned"]);
  await second.wrap();
  await to.ear.next("reservation.wrapup");
  await second.complete();
  await to.ear.next("task.completed");
  t.is("with the last one it is completed", [second.status, second.task.status], ["completed", "completed"]);
}

async function cold(t, people) {
  const { from, to, bob, place } = people;
  const { task, reservation } = await assigned(people);
  from.ear.clear();
  await reservation.task.transfer(bob.sid, { mode: "COLD" });
  await from.ear.next("reservation.wrapup");
  t.is("a cold transfer leaves wrap-up behind", reservation.status, "wrapping");
  await from.ear.next("task.transferInitiated");
  t.is("and says so", reservation.task.transfers.outgoing.mode, "COLD");
  await reservation.complete();
  await from.ear.next("reservation.completed");
  const second = to.ear.listenTo(await to.ear.next("worker.reservationCreated"));
  t.is("the other is offered it", [second.task.sid, second.transfer.mode], [task.sid, "COLD"]);
  await second.accept();
  await to.ear.next("reservation.accepted");
  t.is("and has it alone", (await place.get(`Tasks/${task.sid}`)).assignment_status, "assigned");
  await second.complete();
  await to.ear.next("task.completed");
  t.is("until it is completed", second.task.status, "completed");
}

module.exports = { play };
