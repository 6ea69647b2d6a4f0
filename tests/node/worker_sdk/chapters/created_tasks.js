// Tasks that a Worker makes for themselves.

async function play(t) {
  const place = await t.place();
  const alice = await place.addWorker("Alice", "Offline");
  const { me, ear } = await place.connect(alice);
  const create = (options, workflow = place.workflow.sid, queue = place.queue.sid) =>
    me.createTask("+15017122661", "+15551234567", workflow, queue, options);

  const sid = await create({ attributes: { kind: "outbound" }, taskChannelUniqueName: "chat" });
  ear.note("answer");
  t.ok("the answer is the Task's SID", /^WT[0-9a-f]{32}$/.test(sid), sid);
  const reservation = ear.listenTo(await ear.next("worker.reservationCreated"));
  const { task } = reservation;
  t.is("the offer comes after the answer", ear.order.slice(-2), ["answer", "worker.reservationCreated"]);
  t.is("it is for oneself, though Offline", [task.sid, me.activity.name], [sid, "Offline"]);
  t.is("RoutingTarget and TaskQueue", [task.routingTarget, task.queueSid], [alice.sid, place.queue.sid]);
  t.is("attributes with both numbers", task.attributes, {
    kind: "outbound",
    outbound_to: "+15017122661",
    from: "+15551234567",
  });
  t.is("the channel by its name", task.taskChannelUniqueName, "chat");
  await reservation.accept();
  await ear.next("reservation.accepted");

  const { taskChannelSid } = task;
  const start = new Date("2026-01-02T03:04:05Z");
  const second = await create({ taskChannelSid, virtualStartTime: start });
  const more = await ear.next("worker.reservationCreated");
  t.is("another one, though the channel is full", [more.task.sid, more.task.taskChannelSid], [second, taskChannelSid]);
  t.is("with its virtual start", more.task.virtualStartTime, start);

  const account = process.env.LAB_ACCOUNT_SID;
  const told = `Value 'nonsense' provided for WorkflowSid as RoutingTarget has an invalid format. WorkspaceSid: ${place.sid}, AccountSid: ${account}`;
  await t.refused("a Workflow of a wrong form", create({}, "nonsense"), new RegExp(`status code 400\\. .*${told}`));
  await t.refused("a TaskQueue of a wrong form", create({}, undefined, "nonsense"), /status code 400\. /);
  const tomorrow = new Date(Date.now() + 86_400_000);
  await t.refused("a start in the future", create({ virtualStartTime: tomorrow }), /status code 400\. .*future/);
  await t.refused("a channel that there is not", create({ taskChannelUniqueName: "fax" }), /status code 400\. .*fax/);
}

module.exports = { play };
