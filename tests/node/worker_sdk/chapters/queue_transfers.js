// A Task is handed over to a TaskQueue: who rejects it passes it on, and somebody takes it.

async function play(t) {
  const place = await t.place();
  const skilled = await place.addQueue("Skilled", "skilled == true");
  const alice = await place.addWorker("Alice");
  const from = await place.connect(alice);
  const { task, reservation } = await place.assign(
    from,
    {},
    { RoutingTarget: alice.sid, TaskQueueSid: place.queue.sid },
  );
  const bob = await place.connect(await place.addWorker("Bob", "Available", { skilled: true }));

  await reservation.task.transfer(skilled.sid);
  const { outgoing } = reservation.task.transfers;
  from.ear.listen("transfer", outgoing);
  t.is("a transfer to a TaskQueue", [outgoing.type, outgoing.to, outgoing.mode], ["QUEUE", skilled.sid, "WARM"]);
  t.is("comes from the Task's own", outgoing.queueSid, place.queue.sid);
  await from.ear.next("task.transferInitiated");

  const first = bob.ear.listenTo(await bob.ear.next("worker.reservationCreated"));
  t.is("one of it is asked", [first.task.sid, first.task.queueName], [task.sid, "Skilled"]);
  t.is("and told from where", [first.transfer.sid, first.transfer.type], [outgoing.sid, "QUEUE"]);
  await first.reject({ activitySid: place.activities.Offline });
  await bob.ear.next("reservation.rejected");
  t.is("who rejects it passes it on", [first.status, first.transfer.status], ["rejected", "initiated"]);
  await from.ear.next("transfer.attemptFailed");
  const reason = "Transfer attempt failed on reservation reject because there are no more pending reservations";
  t.is("which is an attempt that failed", [outgoing.status, outgoing.transferFailedReason], ["initiated", reason]);
  await from.ear.next("task.updated");
  t.is("after which the Task waits", reservation.task.status, "pending");
  t.is("as over REST", (await place.get(`Tasks/${task.sid}`)).assignment_status, "pending");
  await t.refused("and cannot be wrapped up", reservation.task.wrapUp(), /status code 400\. /);

  const carol = await place.connect(await place.addWorker("Carol", "Available", { skilled: true }));
  const [held] = carol.me.reservations.values();
  const second = carol.ear.listenTo(held ?? (await carol.ear.next("worker.reservationCreated")));
  t.is("until somebody comes", [second.task.sid, second.transfer.sid], [task.sid, outgoing.sid]);
  await second.accept();
  await carol.ear.next("reservation.accepted");
  await from.ear.next("transfer.completed");
  t.is("and takes it", [outgoing.status, second.task.status], ["complete", "assigned"]);
  await second.complete();
  await carol.ear.next("reservation.completed");
  t.is("both are there until each has completed", (await place.get(`Tasks/${task.sid}`)).assignment_status, "assigned");
  await reservation.complete();
  await from.ear.next("task.completed");
  t.is("the last ends the Task", reservation.task.status, "completed");
  await canceledWhileNobodyIsThere(t, { place, from, alice, skilled });
}

async function canceledWhileNobodyIsThere(t, { place, from, alice, skilled }) {
  for (const { sid } of (await place.get("Workers?TargetWorkersExpression=skilled==true")).workers) {
    await place.setActivity({ sid }, "Offline");
  }
  const { task, reservation } = await place.assign(
    from,
    {},
    { RoutingTarget: alice.sid, TaskQueueSid: place.queue.sid },
  );
  await reservation.task.transfer(skilled.sid);
  const outgoing = from.ear.listen("transfer", reservation.task.transfers.outgoing);
  t.is("with nobody there the Task is pending", (await place.get(`Tasks/${task.sid}`)).assignment_status, "pending");
  await outgoing.cancel();
  await from.ear.next("transfer.canceled");
  t.is("a transfer that waits is canceled", outgoing.status, "canceled");
  t.is("and the Task is assigned", (await place.get(`Tasks/${task.sid}`)).assignment_status, "assigned");
}

module.exports = { play };
