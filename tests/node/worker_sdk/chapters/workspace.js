// Lists and single resources of a Workspace, which need no socket.

async function play(t) {
  const place = await t.place();
  const people = [];
  for (const name of ["Zoe", "Adam", "Mia", "Ben", "Eve"]) {
    people.push(
      await place.addWorker(name, name === "Mia" ? "Available" : "Offline", { name, skilled: name !== "Eve" }),
    );
  }
  const [zoe] = people;
  const workspace = await place.workspace(zoe, {}, { pageSize: 2 });
  t.is("what the token says", [workspace.workspaceSid, workspace.workerSid], [place.sid, zoe.sid]);
  await workers(t, { place, workspace, people });
  await workersByFilter(t, { place, workspace, people });
  await queues(t, { place, workspace, people });
  await task(t, { place, workspace });
  await roles(t, { place, zoe });
}

const names = (found) => [...found.values()].map((each) => each.name);

async function workers(t, { place, workspace, people }) {
  const all = await workspace.fetchWorkersInfo();
  t.is("all Workers page by page, as they were made", names(all), ["Zoe", "Adam", "Mia", "Ben", "Eve"]);
  const found = await workspace.fetchWorkerInfo(people[2].sid);
  t.is(
    "one Worker",
    [found.sid, found.name, found.activityName, found.available],
    [people[2].sid, "Mia", "Available", true],
  );
  t.is("with attributes", found.attributes, { name: "Mia", skilled: true });
  t.is("by the older name too", (await workspace.fetchWorker(people[2].sid)).name, "Mia");
  t.is("so many at most", names(await workspace.fetchWorkersInfo({ MaxWorkers: 3 })), ["Zoe", "Adam", "Mia"]);
  t.is("after one of them", names(await workspace.fetchWorkers({ AfterSid: people[2].sid })), ["Ben", "Eve"]);
  const stranger = `WK${"0".repeat(32)}`;
  await t.refused("but not after a stranger", workspace.fetchWorkersInfo({ AfterSid: stranger }), /status code 400\. /);
  for (const [name, sid] of [
    ["unknown", stranger],
    ["too short", "WK0"],
    ["of another kind", place.queue.sid],
  ]) {
    await t.refused(`a Worker's SID that is ${name}`, workspace.fetchWorkerInfo(sid), /status code 404\. /);
  }
}

async function workersByFilter(t, { place, workspace, people }) {
  const by = async (filter) => names(await workspace.fetchWorkersInfo(filter));
  t.is("Workers by name", await by({ FriendlyName: "Ben" }), ["Ben"]);
  t.is("which must be whole", await by({ FriendlyName: "Be" }), []);
  t.is("by Activity", await by({ ActivitySid: place.activities.Available }), ["Mia"]);
  t.is("by its name", await by({ ActivityName: "Offline" }), ["Zoe", "Adam", "Ben", "Eve"]);
  t.is("by attributes", await by({ TargetWorkersExpression: "skilled == false" }), ["Eve"]);
  const chosen = `sid IN ['${people[3].sid}', '${people[0].sid}']`;
  t.is("by SIDs", await by({ TargetWorkersExpression: chosen }), ["Zoe", "Ben"]);
  await t.refused("an Activity of no form", by({ ActivitySid: "WA12" }), /status code 400\. /);
  await place.setActivity(people[4], "Unavailable");
  const newest = await by({ Ordering: "DateStatusChanged:desc" });
  t.is(
    "by the last change of Activity, all pages",
    [newest[0] ?? "", [...newest].sort()],
    ["Eve", ["Adam", "Ben", "Eve", "Mia", "Zoe"]],
  );
  const oldest = await by({ Ordering: "DateStatusChanged:asc" });
  t.is("the last change last", oldest.at(-1), "Eve");
}

async function queues(t, { place, workspace, people }) {
  const skilled = await place.addQueue("Skilled", "skilled == true", { MaxReservedWorkers: 3, TaskOrder: "LIFO" });
  await place.addQueue("Nobody", "1 == 2");
  const all = await workspace.fetchTaskQueues();
  t.is("all TaskQueues, as they were made", names(all), ["Everybody", "Skilled", "Nobody"]);
  const found = await workspace.fetchTaskQueue(skilled.sid);
  const { name, targetWorkers, maxReservedWorkers, taskOrder } = found;
  t.is(
    "one TaskQueue",
    [name, targetWorkers, maxReservedWorkers, taskOrder],
    ["Skilled", "skilled == true", 3, "LIFO"],
  );
  const activities = [found.assignmentActivitySid, found.reservationActivityName];
  t.is("without Activities of its own", activities, [null, null]);
  t.is("TaskQueues by name", names(await workspace.fetchTaskQueues({ FriendlyName: "Nobody" })), ["Nobody"]);
  t.is("those of a Worker", names(await workspace.fetchTaskQueues({ WorkerSid: people[4].sid })), ["Everybody"]);
  t.is("after one", names(await workspace.fetchTaskQueues({ AfterSid: skilled.sid })), ["Nobody"]);
  await place.post(`TaskQueues/${place.queue.sid}`, { MaxReservedWorkers: 2 });
  const newest = names(await workspace.fetchTaskQueues({ Ordering: "DateUpdated:desc" }));
  t.is("by the last change, all pages", [newest[0] ?? "", newest.length], ["Everybody", 3]);
  const ordered = names(await workspace.fetchTaskQueues({ Ordering: "DateUpdated:asc" }));
  t.is("and the other way round", [ordered.at(-1), ordered.length], ["Everybody", 3]);
  for (const [name, sid] of [
    ["unknown", `WQ${"0".repeat(32)}`],
    ["too short", "WQ0"],
    ["of another kind", place.sid],
  ]) {
    await t.refused(`a TaskQueue's SID that is ${name}`, workspace.fetchTaskQueue(sid), /status code 404\. /);
  }
  await t.refused(
    "after a stranger",
    workspace.fetchTaskQueues({ AfterSid: `WQ${"0".repeat(32)}` }),
    /status code 400\. /,
  );
}

async function task(t, { place, workspace }) {
  const made = await place.addTask({ kind: "mail" }, { Priority: 4 });
  const found = await workspace.fetchTask(made.sid);
  t.is("one Task", [found.sid, found.attributes, found.priority], [made.sid, { kind: "mail" }, 4]);
  for (const [name, wrong] of [
    ["unknown", `WT${"0".repeat(32)}`],
    ["too short", "WT0"],
    ["of another kind", place.sid],
  ]) {
    await t.refused(`a Task's SID that is ${name}`, workspace.fetchTask(wrong), /status code 404\. /);
  }
}

async function roles(t, { place, zoe }) {
  const admin = await place.workspace(null, { role: "admin" });
  t.is("an admin needs no Worker", [admin.workerSid, (await admin.fetchWorkersInfo()).size], [undefined, 5]);
  const socket = await place.begin(null, {}, { role: "admin" });
  t.is("nor has a session", (await socket.ear.next("worker.error")).name, "GATEWAY_CONNECTION_FAILED");
  socket.me.disconnect();
  admin.updateToken(await place.token(zoe, { role: "supervisor" }));
  t.is("a new token counts at once", [admin.workerSid, (await admin.fetchWorkerInfo(zoe.sid)).name], [zoe.sid, "Zoe"]);
}

module.exports = { play };
