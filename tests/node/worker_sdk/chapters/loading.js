// What a session knows once it is ready: the Worker, the Activities, the channels, what is held already.

async function play(t) {
  const place = await t.place({ timeout: 45 });
  const begun = Date.now();
  const alice = await place.addWorker("Alice", "Offline", { languages: ["es"], wörter: "ñ" });
  const lunch = await place.post("Activities", { FriendlyName: "Lunch", Available: "false" });
  const held = await place.addTask({ waiting: true }, { RoutingTarget: alice.sid, Priority: 7 });
  const { me, ear } = await place.connect(alice);

  worker(t, { me, alice, place, begun });
  activities(t, { me, lunch, place });
  channels(t, me);
  reservation(t, { me, held, place, alice });

  await place.post(`Workers/${alice.sid}`, { FriendlyName: "Alicia", Attributes: "{}" });
  await ear.next("worker.attributesUpdated");
  t.is("what is held already is not told as new", ear.count("worker.reservationCreated"), 0);
  t.is("a new name comes with the attributes", [me.name, me.attributes], ["Alicia", {}]);
  t.is("ready is said once, and no error", [ear.count("worker.ready"), ear.count("worker.error")], [1, 0]);
}

function worker(t, { me, alice, place, begun }) {
  const account = process.env.LAB_ACCOUNT_SID;
  t.is("the SIDs are the Worker's", [me.sid, me.accountSid, me.workspaceSid], [alice.sid, account, place.sid]);
  t.is("name and attributes", [me.name, me.attributes], ["Alice", { languages: ["es"], wörter: "ñ" }]);
  t.ok("the version is a number as text", /^\d+$/.test(me.version), me.version);
  const dates = [me.dateCreated, me.dateUpdated, me.dateStatusChanged];
  const near = dates.every((date) => Math.abs(date.getTime() - begun) < 60_000);
  t.ok("dates are of this minute", near, dates);
  t.is("the Activity is the Worker's", [me.activity.name, me.activity.isCurrent], ["Offline", true]);
}

function activities(t, { me, lunch, place }) {
  const names = [...me.activities.values()].map((each) => each.name);
  const made = Object.keys(place.activities);
  t.is("all Activities, in the order in which they were made", names, [...made, "Lunch"]);
  const found = me.activities.get(lunch.sid);
  t.is("an Activity's fields", [found.available, found.workspaceSid], [false, place.sid]);
}

function channels(t, me) {
  const all = [...me.channels.values()];
  t.is("five channels", all.length, 5);
  t.is(
    "each with room for one, and available",
    all.map((each) => [each.capacity, each.available]),
    all.map(() => [1, true]),
  );
  const unused = all.filter((each) => each.taskChannelUniqueName !== "default");
  t.is(
    "those that are not used have all of it",
    unused.map((each) => [each.assignedTasks, each.availableCapacityPercentage]),
    unused.map(() => [0, 100]),
  );
  const near = unused.every((each) => Math.abs(each.lastReservedTime - each.dateCreated) < 1000);
  t.ok("one that was never used was last reserved when it was made", near);
  const used = all.find((each) => each.taskChannelUniqueName === "default");
  t.ok("one that is used was reserved since", used.lastReservedTime >= used.dateCreated, used.lastReservedTime);
  t.is("of which nothing is left", used.availableCapacityPercentage, 0);
}

function reservation(t, { me, held, place, alice }) {
  const [found] = me.reservations.values();
  const { task } = found;
  t.is("what is held already is there", [me.reservations.size, found.status, found.timeout], [1, "pending", 45]);
  t.is("with its Task", [task.sid, task.status, task.attributes], [held.sid, "reserved", { waiting: true }]);
  t.is("its Workflow and its target", [task.workflowName, task.routingTarget], ["Main", alice.sid]);
  t.is("its numbers", [task.priority, task.timeout, task.age < 60], [7, 86400, true]);
  t.is("no add-ons, no reason", [task.addOns, task.reason], [{}, null]);
  t.is("its channel", [task.taskChannelUniqueName, task.taskChannelSid.slice(0, 2)], ["default", "TC"]);
  const ids = [found.accountSid, found.workspaceSid, found.workerSid];
  t.is("whose it is", ids, [process.env.LAB_ACCOUNT_SID, place.sid, alice.sid]);
  t.is(
    "no transfer anywhere",
    [task.transfers.incoming, task.transfers.outgoing, found.transfer],
    [null, null, undefined],
  );
}

module.exports = { play };
