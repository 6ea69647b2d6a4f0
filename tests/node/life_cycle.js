// One life of a Task, played through Twilio's official Node SDK, unmodified but for the host that it talks to.
// Prints one line of JSON: what the SDK made of the answers. Reads LAB_URL, LAB_ACCOUNT_SID and LAB_AUTH_TOKEN.

const { clientOf, tell } = require("./turned.js");

/** What the SDK rejects with, as {status, code, message}. */
async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    return { status: error.status, code: error.code, message: error.message, moreInfo: error.moreInfo };
  }
  return null;
}

async function furnish(taskrouter) {
  const { sid } = await taskrouter.workspaces.create({ friendlyName: "From Node" });
  const workspace = taskrouter.workspaces(sid);
  const available = await workspace.activities.create({ friendlyName: "At the desk", available: true });
  const queue = await workspace.taskQueues.create({ friendlyName: "Spanish", targetWorkers: 'languages HAS "es"' });
  const configuration = JSON.stringify({ task_routing: { default_filter: { queue: queue.sid } } });
  const workflow = await workspace.workflows.create({
    friendlyName: "Main",
    configuration,
    taskReservationTimeout: 30,
  });
  const attributes = JSON.stringify({ languages: ["es"] });
  const worker = await workspace.workers.create({ friendlyName: "Alice", activitySid: available.sid, attributes });
  return { sid, workspace, queue, workflow, worker };
}

/** What the log tells of a Task whose Workflow asks for one Worker: that Worker's SID. */
async function knownWorker(workspace, queue, worker) {
  const target = { queue: queue.sid, known_worker_sid: "task.agent" };
  const configuration = JSON.stringify({ task_routing: { filters: [{ expression: "1==1", targets: [target] }] } });
  const { sid: workflowSid } = await workspace.workflows.create({ friendlyName: "Known", configuration });
  await workspace.tasks.create({ workflowSid, attributes: JSON.stringify({ agent: worker.sid }) });
  const [entered] = await workspace.events.list({ eventType: "task-queue.entered", workflowSid });
  return entered.eventData.known_worker_sid;
}

async function play(client) {
  const taskrouter = client.taskrouter.v1;
  const { sid, workspace, queue, workflow, worker } = await furnish(taskrouter);
  const made = await workspace.tasks.create({
    workflowSid: workflow.sid,
    attributes: JSON.stringify({ kind: "call" }),
  });
  const task = workspace.tasks(made.sid);
  const [reservation] = await task.reservations.list();
  const accepted = await task.reservations(reservation.sid).update({ reservationStatus: "accepted" });
  const assigned = await task.fetch();
  const tooEarly = await refusal(task.update({ assignmentStatus: "canceled", reason: "not any more" }));
  const completed = await task.update({ assignmentStatus: "completed", reason: "done" });
  const [created] = await workspace.events.list({ eventType: "task.created", taskQueueSid: queue.sid });
  const [ended] = await workspace.events.list({ eventType: "task.completed", workerSid: worker.sid });

  for (let number = 0; number < 7; number += 1) {
    await workspace.tasks.create({ workflowSid: workflow.sid, priority: number });
  }
  const listed = await workspace.tasks.list({ ordering: "Priority:desc", pageSize: 3, assignmentStatus: ["pending"] });
  const page = await workspace.tasks.page({ pageSize: 3 });
  const next = await page.nextPage();
  const statistics = await workspace.taskQueues(queue.sid).realTimeStatistics().fetch();

  const found = {
    made: made.assignmentStatus,
    madeOn: made.dateCreated instanceof Date && !Number.isNaN(made.dateCreated.getTime()),
    accepted: accepted.reservationStatus,
    workerName: accepted.workerName,
    worker: worker.friendlyName,
    assigned: assigned.assignmentStatus,
    attributes: JSON.parse(assigned.attributes),
    tooEarly,
    completed: [completed.assignmentStatus, completed.reason],
    createdFor: [created.eventData.task_queue_name, created.eventData.task_queue_target_expression],
    endedBy: [ended.eventData.worker_name, ended.eventData.worker_activity_name],
    priorities: listed.map((each) => each.priority),
    pages: [page.instances.length, next.instances.length],
    waiting: statistics.totalTasks,
    known: (await knownWorker(workspace, queue, worker)) === worker.sid,
    unknown: await refusal(workspace.workers(`WK${"0".repeat(32)}`).fetch()),
    missing: await refusal(workspace.workers.create({ friendlyName: "" })),
    wrongVersion: await refusal(task.update({ ifMatch: '"99"', reason: "late" })),
    removed: await taskrouter.workspaces(sid).remove(),
    gone: await refusal(taskrouter.workspaces(sid).fetch()),
  };
  const { LAB_ACCOUNT_SID: account } = process.env;
  const stranger = clientOf(account, "wrong");
  return { ...found, stranger: await refusal(stranger.taskrouter.v1.workspaces.list()) };
}

tell(play(clientOf(process.env.LAB_ACCOUNT_SID, process.env.LAB_AUTH_TOKEN)));
