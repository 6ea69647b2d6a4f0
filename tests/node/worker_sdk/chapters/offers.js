// An offer, and how it is accepted, wrapped up and completed: the order of answers and events, and what they hold.

async function play(t) {
  const place = await t.place();
  const alice = await place.addWorker("Alice");
  const session = await place.connect(alice);
  const { reservation } = await offered(t, { place, session, alice });
  await whileReserved(t, { place, session, reservation });
  await accepted(t, { place, session, reservation, alice });
  await theTask(t, { place, session, reservation });
  await wrappedUp(t, { session, reservation });
  await completed(t, { session, reservation });
  await byTheTask(t, { place, session });
  await acceptedBeforeListening(t, { place, session });
}

async function offered(t, { place, session, alice }) {
  const { me, ear } = session;
  const version = Number(me.version);
  const task = await place.addTask({ selected_language: "es" }, { Priority: 3, Timeout: 600 });
  const reservation = ear.listenTo(await ear.next("worker.reservationCreated"));
  const { status, timeout, workerSid, task: held } = reservation;
  t.is("an offer", [status, timeout, workerSid], ["pending", 60, alice.sid]);
  t.is("has its Task", [held.sid, held.status, held.attributes], [task.sid, "reserved", { selected_language: "es" }]);
  t.is("and where it came from", [held.queueName, held.workflowName], ["Everybody", "Main"]);
  t.is("and its numbers", [held.priority, held.timeout, held.version], [3, 600, (await fetched(place, task)).version]);
  t.ok("a virtual start", Math.abs(held.virtualStartTime - held.dateCreated) < 1000, held.virtualStartTime);
  t.ok("it stands among the Worker's", me.reservations.get(reservation.sid) === reservation);
  t.is("an offer is one version of the Worker", Number(me.version) - version, 1);
  t.is("which REST has as well", me.version, (await place.get(`Workers/${alice.sid}`)).version);
  return { reservation };
}

const fetched = (place, task) => place.get(`Tasks/${task.sid}`);

async function whileReserved(t, { place, session, reservation }) {
  const { ear } = session;
  await place.post(`Tasks/${reservation.task.sid}`, { Attributes: '{"seen":1}', Priority: 9 });
  await ear.next("task.updated");
  const { task } = reservation;
  t.is("a Task that changes while it is offered", [task.attributes, task.priority], [{ seen: 1 }, 9]);
  t.is("is still reserved", task.status, "reserved");
}

async function accepted(t, { place, session, reservation, alice }) {
  const { me, ear } = session;
  const versions = [Number(me.version), Number(reservation.version)];
  ear.clear();
  const answer = await reservation.accept();
  ear.note("answer");
  t.is("the answer to accept is the Reservation", [answer === reservation, answer.status], [true, "accepted"]);
  t.is("its Task is reserved until the event", reservation.task.status, "reserved");
  await ear.next("reservation.accepted");
  t.is("which comes after the answer", ear.order, ["answer", "reservation.accepted"]);
  t.is("and has the Task assigned", reservation.task.status, "assigned");
  t.is("accepting is one version of the Reservation", Number(reservation.version) - versions[1], 1);
  const etag = (await place.get(`Workers/${alice.sid}/Reservations/${reservation.sid}`)).version;
  t.is("as over REST", reservation.version, etag);
  t.is("and none of the Worker", (await place.get(`Workers/${alice.sid}`)).version, String(versions[0]));
  await t.refused(
    "accepting twice is refused",
    reservation.accept(),
    /^Request failed with status code 400\. Reservation WR/,
  );
}

async function theTask(t, { place, session, reservation }) {
  const { ear } = session;
  const { task } = reservation;
  const version = Number(task.version);
  await task.setAttributes({ notes: ["a", "b"], nested: { deep: true } });
  await ear.next("task.updated");
  t.is("a Task's attributes are set", task.attributes, { notes: ["a", "b"], nested: { deep: true } });
  t.is("that is one version of the Task", Number(task.version) - version, 1);
  const start = new Date("2026-01-02T03:04:05Z");
  await task.setVirtualStartTime(start);
  await ear.next("task.updated");
  t.is("its virtual start is set", task.virtualStartTime, start);
  await t.refused(
    "but not in the future",
    task.setVirtualStartTime(new Date(Date.now() + 86_400_000)),
    /status code 400\. .*future/,
  );
  await place.post(`Tasks/${task.sid}`, { Priority: 11 });
  await ear.next("task.updated");
  t.is("what REST changes is heard", [task.priority, task.status], [11, "assigned"]);
  await task.fetchLatestVersion();
  t.is("the latest version of the Task", task.version, (await place.get(`Tasks/${task.sid}`)).version);
  await reservation.fetchLatestVersion();
  t.is("and of the Reservation, with its Task", [reservation.status, reservation.timeout], ["accepted", 60]);
}

async function wrappedUp(t, { session, reservation }) {
  const { ear } = session;
  ear.clear();
  const version = Number(reservation.version);
  await reservation.wrap();
  ear.note("answer");
  t.is(
    "the answer to wrap, one version more",
    [reservation.status, reservation.version],
    ["wrapping", `${version + 1}`],
  );
  await ear.next("task.wrapup");
  t.is("the Reservation's event is first, then the Task's", ear.order, ["answer", "reservation.wrapup", "task.wrapup"]);
  t.is("both are in wrap-up", [reservation.status, reservation.task.status], ["wrapping", "wrapping"]);
}

async function completed(t, { session, reservation }) {
  const { me, ear } = session;
  ear.clear();
  const version = Number(reservation.version);
  await reservation.complete();
  ear.note("answer");
  t.is("the answer to complete, one more", [reservation.status, reservation.version], ["completed", `${version + 1}`]);
  await ear.next("task.completed");
  t.is("completing: answer, Reservation, Task", ear.order, ["answer", "reservation.completed", "task.completed"]);
  t.is("both are completed", [reservation.status, reservation.task.status], ["completed", "completed"]);
  t.is("with the reason", reservation.task.reason, "All reservations were completed");
  t.is("the Reservation has left", me.reservations.has(reservation.sid), false);
}

async function byTheTask(t, { place, session }) {
  const { ear } = session;
  const { reservation } = await place.assign(session);
  const { task } = reservation;
  ear.clear();
  await task.wrapUp({ reason: "hung up" });
  ear.note("answer");
  t.is("a Task is wrapped up with a reason", [task.status, task.reason], ["wrapping", "hung up"]);
  await ear.next("task.wrapup");
  t.is("which both are told", ear.order, ["answer", "reservation.wrapup", "task.wrapup"]);
  t.is("and the reason stays", [reservation.status, task.reason], ["wrapping", "hung up"]);
  await t.refused("wrapping up twice is refused", task.wrapUp(), /status code 400\. .*WT/);
  ear.clear();
  await task.complete("solved");
  ear.note("answer");
  await ear.next("task.completed");
  t.is("a Task is completed", [task.status, task.reason], ["completed", "solved"]);
  t.is("in the same order", ear.order, ["answer", "reservation.completed", "task.completed"]);
  t.is("the Reservation with it", reservation.status, "completed");
}

/** The critical pair: who listens only after `accept` has been answered hears the event all the same. */
async function acceptedBeforeListening(t, { place, session }) {
  const { reservation } = await place.offer(session);
  session.ear.clear();
  await reservation.accept();
  const before = session.ear.count("reservation.accepted");
  const heard = new Promise((resolve) => reservation.on("accepted", resolve));
  t.is("who listens after the answer is in time", [before, (await heard).sid], [0, reservation.sid]);
  await reservation.complete();
  await session.ear.next("task.completed");
}

module.exports = { play };
