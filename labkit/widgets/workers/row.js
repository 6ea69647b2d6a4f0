// @ts-check
// A row of WorkerBoard: who, in which Activity, with how much room, busy with what.

import { button } from "../js/buttons.js";
import { offerChoices } from "../js/choices.js";
import { el, keyed, setAttribute, setText } from "../js/dom.js";
import { exactly, howLong, shortSid } from "../js/format.js";
import { light } from "../js/lights.js";
import { setStatus, statusBadge } from "../js/status.js";
import { whyButton } from "../js/why.js";
import { readAgain, showAll, updateChannels } from "./channels.js";
import { openDelete, openEdit } from "./form.js";

/**
 * @import { Channel } from "./channels.js"
 * @import { Board } from "./panel.js"
 */
/** @typedef {{ sid: string, name: string, available: boolean }} Activity */
/** @typedef {{ sid: string, status: string, hint: string }} Task `status` is of the Reservation */
/**
 * What Python tells of a Worker.
 *
 * @typedef {object} Worker
 * @property {string} sid
 * @property {string} name
 * @property {string} activity
 * @property {string} activity_sid
 * @property {boolean} available
 * @property {number | null} since when it is in this Activity, in milliseconds since 1970
 * @property {[name: string, level: string][]} skills
 * @property {[name: string, value: string][]} chips the other attributes
 * @property {Task[]} tasks
 * @property {number} more_tasks
 * @property {Channel[] | null} channels null while they have not been read
 */
/** @typedef {ReturnType<typeof createRow>} Row */

/**
 * @param {Worker} worker
 * @param {Board} it
 */
export function createRow(worker, it) {
  const parts = {
    name: el("div", { class: "lk-worker-name" }),
    chips: el("ul", { class: "lk-chips", role: "list" }),
    select: el("select", { data: { acts: true } }),
    activity: el("div", { class: "lk-worker-activity-name lk-instead" }),
    availability: el("div", { class: "lk-worker-availability" }),
    since: el("span", { class: "lk-soft lk-worker-since" }),
    channels: el("ul", { class: "lk-channels", role: "list" }),
    all: button(
      "",
      "quiet",
      () => {
        showAll(row, it);
      },
      { hidden: true },
    ),
    unread: el("div", { class: "lk-soft" }),
    again: button(
      "Read the capacities",
      "quiet",
      () => {
        readAgain(row, it);
      },
      { hidden: true },
    ),
    tasks: el("ul", { class: "lk-worker-tasks", role: "list" }),
    idle: el("span", { class: "lk-soft", text: "no Task" }),
    edit: button("Edit", "quiet", () => {
      openEdit(row, it);
    }),
    remove: button("Delete", "quiet", () => {
      openDelete(row, it);
    }),
    said: el("div", { class: "lk-worker-said lk-problem", role: "status" }),
    below: el("div", { class: "lk-worker-below", hidden: true }),
  };
  parts.select.addEventListener("change", () => switchActivity(row, it));
  const state = el("div", { class: "lk-worker-state" }, parts.availability, parts.since);
  const root = el(
    "li",
    { class: "lk-worker", tabindex: "-1", data: { sid: worker.sid } },
    el("div", { class: "lk-worker-who" }, parts.name, parts.chips),
    el("div", { class: "lk-worker-activity" }, parts.select, parts.activity, state),
    el("div", { class: "lk-worker-room" }, parts.channels, parts.unread, parts.all, parts.again),
    el("div", { class: "lk-worker-doing" }, parts.tasks, parts.idle),
    el("div", { class: "lk-worker-change", data: { acts: "owner" } }, parts.edit, parts.remove),
    parts.below,
    parts.said,
  );
  const row = { root, ...parts, worker, drawn: "", isSeen: false };
  it.seen.observe(root);
  return row;
}

/**
 * @param {Row} row
 * @param {Worker} worker
 * @param {Board} it
 */
export function updateRow(row, worker, it) {
  const wanted = JSON.stringify([worker, it.activities]);
  if (row.drawn === wanted) return;
  row.drawn = wanted;
  row.worker = worker;
  const isOther = it.own !== null && it.own !== worker.sid;
  row.root.toggleAttribute("data-others", isOther);
  const name = worker.name || shortSid(worker.sid);
  Object.assign(row.root.dataset, { name: worker.name, status: worker.activity, available: worker.available });
  setText(row.name, name);
  setAttribute(row.name, "title", worker.sid);
  setAttribute(row.edit, "aria-label", `Edit ${name}`);
  setAttribute(row.remove, "aria-label", `Delete ${name}`);
  updateAvailability(row.availability, worker.available);
  setText(row.activity, worker.activity || "unknown");
  updateActivities(row.select, worker, it.activities);
  updateChips(row.chips, worker);
  updateChannels(row, it);
  updateTasks(row, worker, it);
  row.idle.hidden = isOther || worker.tasks.length > 0; // nobody in a room is told of others' Tasks
}

/**
 * @param {HTMLElement} node
 * @param {boolean} available
 */
function updateAvailability(node, available) {
  if (node.dataset.available === String(available)) return;
  node.dataset.available = String(available);
  const words = available ? "takes Tasks" : "takes no Tasks";
  node.replaceChildren(light(available ? "green" : "grey"), el("span", { text: words }));
}

/**
 * @param {HTMLSelectElement} select
 * @param {Worker} worker
 * @param {Activity[]} activities
 */
function updateActivities(select, worker, activities) {
  const listed = activities.some((activity) => activity.sid === worker.activity_sid);
  const unlisted = { sid: worker.activity_sid || "", name: worker.activity || "unknown" };
  const offered = listed ? activities : [unlisted, ...activities];
  offerChoices(
    select,
    offered.map(({ sid, name }) => ({ value: sid, text: name })),
  );
  select.setAttribute("aria-label", `Activity of ${worker.name}`);
  if (!select.disabled) select.value = worker.activity_sid || "";
}

/**
 * Skills first, as Flex keeps them; then everything else that is known of the Worker.
 *
 * @param {Element} list
 * @param {Worker} worker
 */
function updateChips(list, worker) {
  const skills = worker.skills.map(([name, level]) => ({
    key: `skill ${name}`,
    name: "skill",
    value: level ? `${name} ${level}` : name,
    skill: true,
  }));
  const others = worker.chips.map(([name, value]) => ({ key: name, name, value, skill: false }));
  keyed(
    list,
    [...skills, ...others],
    (chip) => chip.key,
    ({ skill }) => {
      const [name, value] = [el("span", { class: "lk-soft" }), el("span")];
      return { root: el("li", { class: "lk-chip", data: { skill } }, name, value), name, value };
    },
    (row, chip) => {
      setText(row.name, chip.name);
      setText(row.value, chip.value);
    },
  );
}

/**
 * @param {Row} row
 * @param {Worker} worker
 * @param {Board} it
 */
function updateTasks(row, worker, it) {
  const more = worker.more_tasks ? [{ sid: "more", more: worker.more_tasks }] : [];
  keyed(
    row.tasks,
    [...worker.tasks, ...more],
    (task) => task.sid,
    (task) => ("more" in task ? { root: el("li", { class: "lk-soft" }) } : createTask(task, it)),
    (item, task) => {
      if ("more" in task) setText(item.root, `and ${task.more} more`);
      else if ("status" in item) updateTask(item, task);
    },
  );
}

/**
 * @param {Task} task
 * @param {Board} it
 */
function createTask(task, it) {
  const sid = shortSid(task.sid);
  const parts = {
    status: statusBadge("reservation", task.status),
    hint: el("span", { class: "lk-soft lk-worker-hint" }),
  };
  const why = whyButton(it.wire, task.sid, { "aria-label": `Why? Task ${sid}` });
  const name = el("span", {}, "for ", el("span", { class: "lk-mono", text: sid }));
  return { root: el("li", { title: task.sid }, parts.status, name, parts.hint, why), ...parts };
}

/**
 * @param {ReturnType<typeof createTask>} item
 * @param {Task} task
 */
function updateTask(item, task) {
  setStatus(item.status, task.status);
  setText(item.hint, task.hint);
  setAttribute(item.hint, "title", task.hint);
}

/**
 * @param {Row} row
 * @param {number} now
 */
export function updateSince({ worker, select, since }, now) {
  if (select.disabled) return;
  setText(since, worker.since ? `for ${howLong(now - worker.since)}` : "");
  since.title = worker.since ? `In this Activity since ${exactly(worker.since)}` : "";
}

/**
 * @param {Row} row
 * @param {Board} it
 */
async function switchActivity(row, it) {
  const { select, worker } = row;
  const wanted = select.value;
  const focused = document.activeElement === select;
  select.disabled = true;
  setText(row.said, "");
  setText(row.since, "switching…");
  const answer = await it.wire.ask("set_activity", { worker: worker.sid, activity: wanted });
  select.disabled = false;
  if (focused && select.isConnected) select.focus();
  select.value = answer.ok ? wanted : row.worker.activity_sid;
  updateSince(row, it.wire.now());
  setText(row.said, answer.ok ? "" : answer.text);
}
