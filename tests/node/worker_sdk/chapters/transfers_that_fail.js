// Transfers to a Worker that come to nothing: rejected, timed out, canceled; and those that are refused.

async function play(t) {
  const place = await t.place();
  const [alice, bob] = [await place.addWorker("Alice"), await place.addWorker("Bob", "Offline")];
  const carol = await place.addWorker("Carol", "Offline");
  const [from, to] = [await place.connect(alice), await place.connect(bob)];
  const more = { RoutingTarget: alice.sid, TaskQueueSid: place.queue.sid };
  const { reservation } = await place.assign(from, {}, more);
  const people = { place, from, to, bob, carol, alice, reservation };
  await refused(t, people);
  await place.setActivity(bob, "Available");
  await to.ear.next("worker.activityUpdated");
  await rejected(t, people);
  await canceled(t, people);
  await timedOut(t, people);
  await taskCanceled(t, people);
}

/** Hands the Task over to Bob; both sides of it. */
async function begin({ from, to, bob, reservation }) {
  from.ear.clear();
  await reservation.task.transfer(bob.sid, { mode: "WARM" });
  const outgoing = from.ear.listen("transfer", reservation.task.transfers.outgoing);
  await from.ear.next("task.transferInitiated");
  const second = to.ear.listenTo(await to.ear.next("worker.reservationCreated"));
  return { outgoing, second };
}

async function refused(t, { reservation, carol, place }) {
  const { task } = reservation;
  await t.refused("to one who is Offline", task.transfer(carol.sid), /status code 400\. .*Carol/);
  await t.refused("to what is no SID", task.transfer("Bob"), /status code 400\. /);
  await t.refused("to a Worker that there is not", task.transfer(`WK${"0".repeat(32)}`), /status code 400\. /);
  const status = (await place.get(`Tasks/${task.sid}`)).assignment_status;
  t.is("a refused transfer changes nothing", [status, task.transfers.outgoing], ["assigned", null]);
}

async function rejected(t, people) {
  const { from, to, reservation } = people;
  const { outgoing, second } = await begin(people);
  await second.reject();
  await to.ear.next("reservation.rejected");
  t.is("the other rejects", [second.status, second.transfer.status], ["rejected", "failed"]);
  await from.ear.next("transfer.failed");
  const reason = "Transfer failed because the reservation was rejected";
  t.is("the transfer has failed", [outgoing.status, outgoing.transferFailedReason], ["failed", reason]);
  await from.ear.next("task.updated");
  t.is("and the Task is assigned again", [reservation.task.status, reservation.status], ["assigned", "accepted"]);
  people.failed = outgoing.sid;
}

async function canceled(t, people) {
  const { from, to, reservation } = people;
  const { outgoing, second } = await begin(people);
  t.ok("a second transfer has a SID of its own", outgoing.sid !== people.failed);
  from.ear.clear();
  await outgoing.cancel();
  from.ear.note("answer");
  t.is("the answer to cancel", outgoing.status, "canceled");
  await from.ear.next("transfer.canceled");
  t.is("is before the event", from.ear.order.slice(0, 2), ["answer", "transfer.canceled"]);
  await to.ear.next("reservation.canceled");
  t.is("the other's Reservation is canceled", [second.status, second.transfer.status], ["canceled", "canceled"]);
  t.is("and shows the Task assigned", second.task.status, "assigned");
  await from.ear.next("task.updated");
  t.is("to whom it was before", [reservation.task.status, reservation.status], ["assigned", "accepted"]);
  const text = `^Request failed with status code 400\\. Transfer ${outgoing.sid} is already canceled \\. Cannot cancel transfer\\.$`;
  await t.refused("canceling twice is refused", outgoing.cancel(), new RegExp(text));
}

async function timedOut(t, people) {
  const { place, from, to, reservation } = people;
  await place.post(`Workflows/${place.workflow.sid}`, { TaskReservationTimeout: 1 });
  const { outgoing, second } = await begin(people);
  await to.ear.next("reservation.timeout");
  t.is("the other lets it pass", [second.status, second.transfer.status], ["timeout", "failed"]);
  await from.ear.next("transfer.failed");
  const reason = "Transfer failed because the reservation timed out";
  t.is("which is a failure too", [outgoing.status, outgoing.transferFailedReason], ["failed", reason]);
  await from.ear.next("task.updated");
  t.is("after which the Task is assigned", reservation.task.status, "assigned");
  await place.post(`Workflows/${place.workflow.sid}`, { TaskReservationTimeout: 60 });
  await to.ear.next("worker.activityUpdated");
}

/** The customer is gone meanwhile. */
async function taskCanceled(t, people) {
  const { place, from, to, bob, reservation } = people;
  await place.setActivity(bob, "Available");
  await to.ear.next("worker.activityUpdated");
  const { outgoing, second } = await begin(people);
  await place.remove(`Tasks/${reservation.task.sid}`);
  await to.ear.next("reservation.canceled");
  await from.ear.next("reservation.completed");
  t.is("a Task that is deleted ends both", [reservation.status, second.status], ["completed", "canceled"]);
  t.ok("and the transfer", ["failed", "initiated"].includes(outgoing.status), outgoing.status);
}

module.exports = { play };
