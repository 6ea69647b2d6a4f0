// Capacity and availability of a channel, which only REST can set.

async function play(t) {
  const place = await t.place();
  const alice = await place.addWorker("Alice");
  const session = await place.connect(alice);
  const { me, ear } = session;
  const chat = [...me.channels.values()].find((each) => each.taskChannelUniqueName === "chat");
  ear.listen("channel", chat);
  const etag = async () => (await place.get(`Workers/${alice.sid}`)).version;

  await place.post(`Workers/${alice.sid}/Channels/chat`, { Capacity: 4 });
  const told = await ear.next("channel.capacityUpdated");
  t.is("a new capacity is heard", [told.sid, chat.capacity, chat.availableCapacityPercentage], [chat.sid, 4, 100]);
  t.is("and counted", me.version, await etag());

  await place.post(`Workers/${alice.sid}/Channels/chat`, { Available: "false" });
  await ear.next("channel.availabilityUpdated");
  t.is("so is whether it is available", chat.available, false);
  t.is("which is counted too", me.version, await etag());

  await place.post(`Workers/${alice.sid}/Channels/chat`, { Available: "true", Capacity: 2 });
  await ear.next("channel.availabilityUpdated");
  t.is("both at once", [chat.capacity, chat.available], [2, true]);
  t.is("count twice", me.version, await etag());

  await place.assign(session, {}, { TaskChannel: "chat" });
  await place.post(`Workers/${alice.sid}/Channels/chat`, { Capacity: 5 });
  await ear.next("channel.capacityUpdated");
  t.is("the load is in it", [chat.assignedTasks, chat.availableCapacityPercentage], [1, 80]);
  t.ok("and when it was last reserved", Math.abs(chat.lastReservedTime - Date.now()) < 60_000, chat.lastReservedTime);
  t.is("after all of it the version is REST's", me.version, await etag());
}

module.exports = { play };
