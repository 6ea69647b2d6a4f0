// WorkerBoard: a row for each Worker, with the switch for its Activity.

function createRow(worker, wire) {
  const parts = {
    name: el("div", { class: "lk-worker-name" }),
    availability: el("div", { class: "lk-worker-availability" }),
    attributes: el("dl", { class: "lk-pairs lk-worker-attributes" }),
    select: el("select", { on: { change: () => switchActivity(node, wire) } }),
    since: el("div", { class: "lk-soft lk-worker-since" }),
    tasks: el("ul", { class: "lk-worker-tasks" }),
    idle: el("span", { class: "lk-soft", text: "no Task" }),
    said: el("div", { class: "lk-worker-said", role: "status" }),
  };
  const node = el(
    "li", { class: "lk-worker", data: { sid: worker.sid } },
    el("div", { class: "lk-worker-who" }, parts.name, parts.availability),
    parts.attributes,
    el("div", { class: "lk-worker-activity" }, parts.select, parts.since),
    el("div", { class: "lk-worker-doing" }, parts.tasks, parts.idle),
    parts.said,
  );
  node.lk = parts;
  return node;
}

function updateRow(node, worker, activities) {
  const { lk } = node;
  node.worker = worker;
  node.dataset.name = worker.name;
  node.dataset.status = worker.activity;
  node.dataset.available = worker.available;
  setText(lk.name, worker.name || shortSid(worker.sid));
  lk.name.title = worker.sid;
  if (lk.availability.dataset.available !== String(worker.available)) {
    lk.availability.dataset.available = worker.available;
    const words = worker.available ? "takes Tasks" : "takes no Tasks";
    lk.availability.replaceChildren(light(worker.available ? "green" : "grey"), el("span", { text: words }));
  }
  pairs(lk.attributes, worker.attributes.length ? worker.attributes : [["attributes", "none"]]);
  updateChoices(lk.select, worker, activities);
  lk.idle.hidden = worker.tasks.length > 0;
  keyed(lk.tasks, worker.tasks, (task) => task.sid, createTask, (item, task) => setBadge(item.lastChild, task.status));
}

function createTask(task) {
  return el("li", { title: task.sid }, el("span", { class: "lk-mono", text: shortSid(task.sid) }), badge(task.status));
}

function updateChoices(select, worker, activities) {
  const listed = activities.some((activity) => activity.sid === worker.activity_sid);
  const unlisted = { sid: worker.activity_sid || "", name: worker.activity || "unknown" };
  const choices = listed ? activities : [unlisted, ...activities];
  keyed(
    select, choices, (activity) => activity.sid,
    (activity) => el("option", { value: activity.sid }),
    (option, activity) => setText(option, activity.name),
  );
  select.setAttribute("aria-label", `Activity of ${worker.name}`);
  if (!select.disabled) select.value = worker.activity_sid || "";
}

function updateSince(node, now) {
  const { worker, lk } = node;
  if (lk.select.disabled) return;
  setText(lk.since, worker.since ? `for ${howLong(now - worker.since)}` : "");
  lk.since.title = exactly(worker.since) || "";
}

async function switchActivity(node, wire) {
  const { lk, worker } = node;
  const wanted = lk.select.value;
  const focused = document.activeElement === lk.select;
  lk.select.disabled = true;
  setText(lk.said, "");
  setText(lk.since, "Switching…");
  const answer = await wire.ask("set_activity", { worker: worker.sid, activity: wanted });
  lk.select.disabled = false;
  if (focused && lk.select.isConnected) lk.select.focus();
  lk.select.value = answer.ok ? wanted : node.worker.activity_sid;
  updateSince(node, wire.now());
  setText(lk.said, answer.ok ? "" : answer.text);
}

function render({ model, el: host }) {
  const view = frame(host, "workers", "Workers");
  const list = el("ul", { class: "lk-worker-list" });
  const empty = emptyState("No Workers yet", "The Workers of the Workspace appear here as soon as TaskRouter has told of them.");
  view.body.append(empty, list);
  const draw = (state) => {
    const workers = state.workers || [];
    keyed(list, workers, (worker) => worker.sid, (worker) => createRow(worker, wire), (node, worker) => {
      updateRow(node, worker, state.activities || []);
      updateSince(node, wire.now());
    });
    empty.hidden = workers.length > 0;
    setText(view.aside, workers.length ? `${workers.filter((w) => w.available).length} of ${workers.length} take Tasks` : "");
  };
  const wire = connect(model, view, draw);
  wire.start();
  const endTicking = every(1000, () => {
    for (const node of list.children) updateSince(node, wire.now());
  });
  return () => {
    endTicking();
    wire.stop();
  };
}

export default { render };
