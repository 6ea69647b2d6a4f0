// WorkerBoard: a row for each Worker: who, in which Activity, with how much room, busy with what.

import { button } from "../js/buttons.js";
import { el, keyed, setAttribute, setText } from "../js/dom.js";
import { exactly, howLong, shortSid } from "../js/format.js";
import { emptyState, frame } from "../js/frame.js";
import { badge, light, setBadge } from "../js/lights.js";
import { setRestCall } from "../js/rest_call.js";
import { every } from "../js/timers.js";
import { whyButton } from "../js/why.js";
import { connect } from "../js/wire.js";
import { openAdd, openDelete, openEdit } from "./form.js";

const ROWS = 30;
const SLOTS = 10; // more places than these are drawn as one bar
const READS_AT_ONCE = 10;
const FIND_FROM = 8;

const foundOf = new WeakMap(); // what is looked for, kept when JupyterLab draws the same panel anew

// --- a row ------------------------------------------------------------------------------------------------------------

function createRow(worker, it) {
  const parts = {
    name: el("div", { class: "lk-worker-name" }),
    chips: el("ul", { class: "lk-chips", role: "list" }),
    select: el("select", { on: { change: () => switchActivity(node, it) } }),
    availability: el("div", { class: "lk-worker-availability" }),
    since: el("span", { class: "lk-soft lk-worker-since" }),
    channels: el("ul", { class: "lk-channels", role: "list" }),
    all: button("", "quiet", () => showAll(node, it), { hidden: true }),
    unread: el("div", { class: "lk-soft" }),
    again: button("Read the capacities", "quiet", () => readAgain(node, it), { hidden: true }),
    tasks: el("ul", { class: "lk-worker-tasks", role: "list" }),
    idle: el("span", { class: "lk-soft", text: "no Task" }),
    edit: button("Edit", "quiet", () => openEdit(node, it)),
    remove: button("Delete", "quiet", () => openDelete(node, it)),
    said: el("div", { class: "lk-worker-said lk-problem", role: "status" }),
    below: el("div", { class: "lk-worker-below", hidden: true }),
  };
  const node = el(
    "li",
    { class: "lk-worker", tabindex: "-1", data: { sid: worker.sid } },
    el("div", { class: "lk-worker-who" }, parts.name, parts.chips),
    el(
      "div",
      { class: "lk-worker-activity" },
      parts.select,
      el("div", { class: "lk-worker-state" }, parts.availability, parts.since),
    ),
    el("div", { class: "lk-worker-room" }, parts.channels, parts.unread, parts.all, parts.again),
    el("div", { class: "lk-worker-doing" }, parts.tasks, parts.idle),
    el("div", { class: "lk-worker-change" }, parts.edit, parts.remove),
    parts.below,
    parts.said,
  );
  node.lk = parts;
  it.seen.observe(node);
  return node;
}

function updateRow(node, worker, it) {
  const written = JSON.stringify([worker, it.activities]);
  if (node.written === written) return;
  node.written = written;
  node.worker = worker;
  const { lk } = node;
  const name = worker.name || shortSid(worker.sid);
  Object.assign(node.dataset, { name: worker.name, status: worker.activity, available: worker.available });
  setText(lk.name, name);
  setAttribute(lk.name, "title", worker.sid);
  setAttribute(lk.edit, "aria-label", `Edit ${name}`);
  setAttribute(lk.remove, "aria-label", `Delete ${name}`);
  updateAvailability(lk.availability, worker.available);
  updateActivities(lk.select, worker, it.activities);
  updateChips(lk.chips, worker);
  updateChannels(node, it);
  updateTasks(lk, worker, it);
}

function updateAvailability(node, available) {
  if (node.dataset.available === String(available)) return;
  node.dataset.available = available;
  node.replaceChildren(
    light(available ? "green" : "grey"),
    el("span", { text: available ? "takes Tasks" : "takes no Tasks" }),
  );
}

function updateActivities(select, worker, activities) {
  const listed = activities.some((activity) => activity.sid === worker.activity_sid);
  const unlisted = { sid: worker.activity_sid || "", name: worker.activity || "unknown" };
  const options = listed ? activities : [unlisted, ...activities];
  keyed(
    select,
    options,
    (activity) => activity.sid,
    (activity) => el("option", { value: activity.sid }),
    (option, activity) => setText(option, activity.name),
  );
  select.setAttribute("aria-label", `Activity of ${worker.name}`);
  if (!select.disabled) select.value = worker.activity_sid || "";
}

/** Skills first, as Flex keeps them; then everything else that is known of the Worker. */
function updateChips(list, worker) {
  const skills = worker.skills.map(([name, level]) => ({
    key: `skill ${name}`,
    name: "",
    value: level ? `${name} ${level}` : name,
    skill: true,
  }));
  const others = worker.chips.map(([name, value]) => ({ key: name, name, value }));
  keyed(
    list,
    [...skills, ...others],
    (chip) => chip.key,
    (chip) =>
      el(
        "li",
        { class: "lk-chip", data: { skill: Boolean(chip.skill) } },
        el("span", { class: "lk-soft" }),
        el("span"),
      ),
    (node, chip) => {
      setText(node.firstChild, chip.skill ? "skill" : chip.name);
      setText(node.lastChild, chip.value);
    },
  );
}

function updateTasks(lk, worker, it) {
  lk.idle.hidden = worker.tasks.length > 0;
  const more = worker.more_tasks ? [{ sid: "more", more: worker.more_tasks }] : [];
  keyed(
    lk.tasks,
    [...worker.tasks, ...more],
    (task) => task.sid,
    (task) =>
      task.more
        ? el("li", { class: "lk-soft" })
        : el(
            "li",
            { title: task.sid },
            badge(task.status),
            el("span", { class: "lk-mono", text: shortSid(task.sid) }),
            el("span", { class: "lk-soft lk-worker-hint" }),
            whyButton(it.wire, task.sid, { "aria-label": `Why? Task ${shortSid(task.sid)}` }),
          ),
    (item, task) => {
      if (task.more) return setText(item, `and ${task.more} more`);
      setBadge(item.firstChild, task.status);
      setText(item.children[2], task.hint);
      setAttribute(item.children[2], "title", task.hint);
    },
  );
}

function updateSince(node, now) {
  const { worker, lk } = node;
  if (lk.select.disabled) return;
  setText(lk.since, worker.since ? `for ${howLong(now - worker.since)}` : "");
  lk.since.title = worker.since ? `In this Activity since ${exactly(worker.since)}` : "";
}

async function switchActivity(node, it) {
  const { lk, worker } = node;
  const wanted = lk.select.value;
  const focused = document.activeElement === lk.select;
  lk.select.disabled = true;
  setText(lk.said, "");
  setText(lk.since, "switching…");
  const answer = await it.wire.ask("set_activity", { worker: worker.sid, activity: wanted });
  lk.select.disabled = false;
  if (focused && lk.select.isConnected) lk.select.focus();
  lk.select.value = answer.ok ? wanted : node.worker.activity_sid;
  updateSince(node, it.wire.now());
  setText(lk.said, answer.ok ? "" : answer.text);
}

// --- room on each channel ---------------------------------------------------------------------------------------------

/** Those that say something: the default one, used ones, and what differs from one Task at once. Once shown, it stays. */
function updateChannels(node, it) {
  const { lk, worker } = node;
  const channels = worker.channels || [];
  const shown = it.channels.get(worker.sid) || new Set();
  it.channels.set(worker.sid, shown);
  for (const { name, capacity, available, assigned, reserved } of channels) {
    if (name === "default" || assigned + reserved || capacity !== 1 || !available || channels.length < 3)
      shown.add(name);
  }
  const rows = channels.filter(({ name }) => shown.has(name) || shown.has("*"));
  keyed(
    lk.channels,
    rows,
    ({ name }) => name,
    (channel) => createChannel(channel, node, it),
    (item, channel) => updateChannel(item, channel, worker, it),
  );
  setText(lk.unread, worker.channels ? "" : "capacity is being read…");
  lk.unread.hidden = Boolean(worker.channels) || !lk.again.hidden;
  lk.all.hidden = rows.length === channels.length;
  setText(lk.all, `all ${channels.length} channels`);
  if (!worker.channels && node.isSeen) it.read(worker.sid);
}

function createChannel(channel, node, it) {
  const change = (step) => changeCapacity(item, node, it, step);
  const parts = {
    places: el("span", { class: "lk-places", role: "img" }),
    told: el("span", { class: "lk-channel-told" }),
  };
  parts.less = button("−", "step", () => change(-1));
  parts.more = button("+", "step", () => change(1));
  const item = el(
    "li",
    { class: "lk-channel", data: { channel: channel.name } },
    el("span", { class: "lk-channel-name", text: channel.name, title: channel.name }),
    parts.places,
    el("span", { class: "lk-stepper" }, parts.less, parts.told, parts.more),
  );
  item.lk = parts;
  return item;
}

function updateChannel(item, channel, worker, it) {
  const { lk } = item;
  const { name, capacity, assigned, reserved, available } = channel;
  item.channel = channel;
  const free = Math.max(0, capacity - assigned - reserved);
  const words = `${name}: ${assigned} assigned, ${reserved} reserved, ${free} free of ${capacity}${available ? "" : ", switched off"}`;
  setAttribute(lk.places, "aria-label", words);
  setAttribute(lk.places, "title", words);
  setText(lk.told, available ? `${assigned + reserved}/${capacity}` : "off");
  setAttribute(lk.less, "aria-label", `Let ${worker.name} take one Task less at once on ${name}, now ${capacity}`);
  setAttribute(lk.more, "aria-label", `Let ${worker.name} take one Task more at once on ${name}, now ${capacity}`);
  if (!item.hasAttribute("aria-busy")) {
    lk.less.disabled = capacity <= 0;
    lk.more.disabled = capacity >= it.most;
  }
  const uses = [
    ["assigned", assigned],
    ["reserved", reserved],
    ["free", free],
  ];
  const asBar = assigned + reserved + free > SLOTS;
  lk.places.dataset.bar = asBar;
  const drawn = asBar
    ? uses.filter(([, count]) => count)
    : uses.flatMap(([use, count]) => Array.from({ length: count }, () => [use, 1]));
  const key = JSON.stringify(drawn);
  if (lk.drawn === key) return;
  lk.drawn = key;
  lk.places.replaceChildren(
    ...drawn.map(([use, count]) => el("span", { class: "lk-place", data: { use }, style: `flex-grow: ${count}` })),
  );
}

async function changeCapacity(item, node, it, step) {
  const { lk, channel } = item;
  const pressed = step < 0 ? lk.less : lk.more;
  const focused = document.activeElement === pressed;
  item.setAttribute("aria-busy", "true");
  lk.less.disabled = lk.more.disabled = true;
  setText(node.lk.said, "");
  const answer = await it.wire.ask("set_capacity", {
    worker: node.worker.sid,
    channel: channel.name,
    capacity: channel.capacity + step,
  });
  item.removeAttribute("aria-busy");
  updateChannel(item, item.channel, node.worker, it);
  if (focused && pressed.isConnected && document.activeElement === document.body)
    (pressed.disabled ? lk.more : pressed).focus();
  if (!answer.ok) setText(node.lk.said, answer.text);
  it.view.say(answer.text);
}

function showAll(node, it) {
  it.channels.get(node.worker.sid).add("*");
  updateChannels(node, it);
  node.focus({ preventScroll: true });
}

function readAgain(node, it) {
  node.lk.again.hidden = true;
  setText(node.lk.said, "");
  it.unreadable.delete(node.worker.sid);
  updateChannels(node, it);
}

/** Capacities cost a request for each Worker: they are asked for when somebody sees the row, some at a time. */
function createReader(it) {
  const wanted = new Set();
  let isReading = false;
  const readOn = async () => {
    if (isReading || !wanted.size) return;
    isReading = true;
    const workers = [...wanted].slice(0, READS_AT_ONCE);
    const answer = await it.wire.ask("channels", { workers });
    isReading = false;
    for (const sid of workers) {
      wanted.delete(sid);
      if (!answer.ok) cannotRead(it, sid, answer.text);
    }
    readOn();
  };
  return (sid) => {
    if (it.unreadable.has(sid) || wanted.has(sid)) return;
    wanted.add(sid);
    setTimeout(readOn);
  };
}

function cannotRead(it, sid, text) {
  it.unreadable.add(sid);
  const node = rowOf(it, sid);
  if (!node || node.worker.channels) return;
  setText(node.lk.said, text);
  node.lk.again.hidden = false;
  node.lk.unread.hidden = true;
}

// --- drawing ----------------------------------------------------------------------------------------------------------

const rowOf = (it, sid) => [...it.list.children].find((node) => node.dataset.sid === sid);

function found(it, workers) {
  const words = it.found.text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return workers;
  return workers.filter((worker) => {
    const all = [worker.name, worker.activity, worker.sid, ...worker.skills.flat(), ...worker.chips.flat()]
      .join(" ")
      .toLowerCase();
    return words.every((word) => all.includes(word));
  });
}

function draw(it, state) {
  const workers = state.workers || [];
  it.activities = state.activities || [];
  it.most = state.most;
  const fitting = found(it, workers);
  const shown = fitting.slice(0, it.limit);
  const focused = it.list.contains(document.activeElement);
  const now = it.wire.now();
  keyed(
    it.list,
    shown,
    (worker) => worker.sid,
    (worker) => createRow(worker, it),
    (node, worker) => {
      updateRow(node, worker, it);
      updateSince(node, now);
    },
  );
  if (focused && !it.list.contains(document.activeElement)) it.list.focus({ preventScroll: true });
  it.find.hidden = workers.length < FIND_FROM && !it.found.text;
  it.empty.hidden = shown.length > 0;
  setText(it.empty.firstChild, workers.length ? "No Worker fits" : "No Workers yet");
  setText(
    it.empty.lastChild,
    workers.length
      ? `None of ${workers.length} has all of these words in name, Activity or attributes.`
      : "Add one with the button above: a name is enough; attributes decide which TaskQueues it serves.",
  );
  it.more.hidden = fitting.length <= shown.length && !state.more;
  it.more.firstChild.hidden = fitting.length <= shown.length;
  setText(it.more.firstChild, `Show ${Math.min(ROWS, fitting.length - shown.length)} more`);
  setText(
    it.more.lastChild,
    `${shown.length} of ${fitting.length}${state.more ? `; ${state.more} more are not listed here` : ""}`,
  );
  it.foot.hidden = !workers.length;
  setText(it.count, workers.length ? `${state.available} of ${workers.length + (state.more || 0)} take Tasks` : "");
  setRestCall(it.rest, "Sent", state.call);
  if (!state.call) setText(it.rest, "What you change here is shown as the REST call that it makes.");
}

function buildFrame(it) {
  const redraw = () => draw(it, it.model.get("state"));
  it.count = el("span");
  it.add = button("Add a Worker", "secondary", () => openAdd(it));
  it.find = el("input", {
    type: "search",
    class: "lk-worker-find",
    placeholder: "Find by name, Activity or attribute",
    "aria-label": "Find Workers",
    hidden: true,
  });
  it.find.value = it.found.text;
  it.find.addEventListener("input", () => {
    it.found.text = it.find.value;
    it.limit = ROWS;
    redraw();
  });
  it.adding = el("div", { class: "lk-worker-adding" });
  it.list = el("ul", { class: "lk-worker-list", role: "list", tabindex: "-1", "aria-label": "Workers" });
  it.empty = emptyState("", "");
  it.more = el(
    "div",
    { class: "lk-worker-more lk-soft", hidden: true },
    button("", "secondary", () => {
      it.limit += ROWS;
      redraw();
    }),
    el("span"),
  );
  it.rest = el("div", { class: "lk-rest" });
  const legend = [
    ["assigned", "assigned"],
    ["reserved", "reserved"],
    ["free", "free"],
  ].map(([use, text]) =>
    el("span", { class: "lk-legend" }, el("span", { class: "lk-place", data: { use } }), el("span", { text })),
  );
  it.foot = el("div", { class: "lk-worker-foot" }, it.rest, el("div", { class: "lk-legends lk-soft" }, ...legend));
  it.view.aside.append(it.count, it.add);
  it.view.body.append(it.adding, it.find, it.empty, it.list, it.more, it.foot);
}

function render({ model, el: host }) {
  const view = frame(host, "workers", "Workers");
  if (!foundOf.has(model)) foundOf.set(model, { text: "" });
  const it = {
    model,
    view,
    activities: [],
    most: 0,
    found: foundOf.get(model),
    limit: ROWS,
    channels: new Map(),
    unreadable: new Set(),
  };
  it.read = createReader(it);
  it.seen = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      target.isSeen = isIntersecting;
      if (isIntersecting && target.worker && !target.worker.channels) it.read(target.worker.sid);
    }
  });
  buildFrame(it);
  it.wire = connect(model, view, (state) => draw(it, state));
  it.wire.start();
  const endTicking = every(1000, () => {
    if (!view.root.isConnected) return;
    for (const node of it.list.children) updateSince(node, it.wire.now());
  });
  return () => {
    endTicking();
    it.seen.disconnect();
    it.wire.stop();
  };
}

export default { render };
