// @ts-check
// How much room a Worker has on each TaskChannel, and two buttons to change it.

import { button } from "../js/buttons.js";
import { el, keyed, setAttribute, setText } from "../js/dom.js";
import { read } from "./reading.js";

/**
 * @import { Board } from "./panel.js"
 * @import { Row } from "./row.js"
 */
/**
 * A WorkerChannel, and how much of it is used.
 *
 * @typedef {object} Channel
 * @property {string} name
 * @property {number} capacity
 * @property {boolean} available
 * @property {number} assigned
 * @property {number} wrapping
 * @property {number} reserved
 */
/** @typedef {ReturnType<typeof createChannel>} ChannelRow */

const SLOTS = 10; // more places than these are drawn as one bar
const ALL = "*";

/**
 * Those that say something, or have said something, or all if somebody wants that.
 *
 * @param {Row} row
 * @param {Board} it
 */
export function updateChannels(row, it) {
  const { worker } = row;
  const channels = worker.channels || [];
  const shown = it.channels.get(worker.sid) ?? new Set();
  it.channels.set(worker.sid, shown);
  for (const channel of channels) if (saysSomething(channel, channels.length)) shown.add(channel.name);
  const rows = channels.filter(({ name }) => shown.has(name) || shown.has(ALL));
  keyed(
    row.channels,
    rows,
    ({ name }) => name,
    (channel) => createChannel(channel, row, it),
    (item, channel) => updateChannel(item, channel, row, it),
  );
  setText(row.unread, worker.channels ? "" : "capacity is being read…");
  row.unread.hidden = Boolean(worker.channels) || !row.again.hidden;
  row.all.hidden = rows.length === channels.length;
  setText(row.all, `all ${channels.length} channels`);
  if (!worker.channels && row.isSeen) read(it, worker.sid);
}

/**
 * The default one, used ones, and what differs from one Task at once; all where there are few.
 *
 * @param {Channel} channel
 * @param {number} count of all
 */
export const saysSomething = (channel, count) =>
  channel.name === "default" || usedOf(channel) > 0 || channel.capacity !== 1 || !channel.available || count < 3;

/**
 * @param {Channel} channel
 * @param {Row} row
 * @param {Board} it
 */
function createChannel(channel, row, it) {
  const parts = {
    places: el("span", { class: "lk-places", role: "img" }),
    told: el("span", { class: "lk-channel-told" }),
    less: stepButton("−", () => {
      changeCapacity(item, row, it, -1);
    }),
    more: stepButton("+", () => {
      changeCapacity(item, row, it, 1);
    }),
  };
  const root = el(
    "li",
    { class: "lk-channel", data: { channel: channel.name } },
    el("span", { class: "lk-channel-name", text: channel.name, title: channel.name }),
    parts.places,
    el("span", { class: "lk-stepper" }, parts.less, parts.told, parts.more),
  );
  const item = { root, ...parts, channel, drawn: "" };
  return item;
}

/**
 * @param {string} label
 * @param {() => unknown} onClick
 */
const stepButton = (label, onClick) => button(label, "step", onClick, { data: { acts: "owner" } });

/**
 * @param {ChannelRow} item
 * @param {Channel} channel
 * @param {Row} row
 * @param {Board} it
 */
function updateChannel(item, channel, { worker }, it) {
  const { name, capacity, assigned, wrapping, reserved, available } = channel;
  item.channel = channel;
  const off = available ? "" : ", switched off";
  const held = [tasks(assigned, "assigned"), wrapping && tasks(wrapping, "wrapping"), tasks(reserved, "reserved")];
  const words = `${name}: ${held.filter(Boolean).join(", ")}, ${freeOf(channel)} free of ${capacity}${off}`;
  setAttribute(item.places, "aria-label", words);
  setAttribute(item.places, "title", words);
  setText(item.told, available ? `${usedOf(channel)}/${capacity}` : "off");
  setAttribute(item.less, "aria-label", `Let ${worker.name} take one Task less at once on ${name}, now ${capacity}`);
  setAttribute(item.more, "aria-label", `Let ${worker.name} take one Task more at once on ${name}, now ${capacity}`);
  if (!item.root.hasAttribute("aria-busy")) {
    item.less.disabled = capacity <= 0;
    item.more.disabled = capacity >= it.most;
  }
  const { asBar, drawn } = placesOf(channel);
  item.places.dataset.bar = String(asBar);
  const key = JSON.stringify(drawn);
  if (item.drawn === key) return;
  item.drawn = key;
  const places = drawn.map(([use, count]) => ({ class: "lk-place", data: { use }, style: `flex-grow: ${count}` }));
  item.places.replaceChildren(...places.map((place) => el("span", place)));
}

/**
 * @param {number} count
 * @param {string} status
 */
const tasks = (count, status) => `${count} Task${count === 1 ? "" : "s"} ${status}`;

/** @param {Channel} channel */
const usedOf = ({ assigned, wrapping, reserved }) => assigned + wrapping + reserved;

/** @param {Channel} channel */
const freeOf = (channel) => Math.max(0, channel.capacity - usedOf(channel));

/**
 * The places of a channel as they are drawn: one by one, or, where there are many, a bar with one part for each use.
 *
 * @param {Channel} channel
 * @returns {{ asBar: boolean, drawn: [use: string, width: number][] }}
 */
export function placesOf(channel) {
  /** @type {[use: string, count: number][]} */
  const uses = [
    ["assigned", channel.assigned],
    ["wrapping", channel.wrapping],
    ["reserved", channel.reserved],
    ["free", freeOf(channel)],
  ];
  const asBar = uses.reduce((sum, [, count]) => sum + count, 0) > SLOTS;
  if (asBar) return { asBar, drawn: uses.filter(([, count]) => count) };
  return { asBar, drawn: uses.flatMap(([use, count]) => Array(count).fill([use, 1])) };
}

/**
 * @param {ChannelRow} item
 * @param {Row} row
 * @param {Board} it
 * @param {number} step
 */
async function changeCapacity(item, row, it, step) {
  const { channel } = item;
  const pressed = step < 0 ? item.less : item.more;
  const focused = document.activeElement === pressed;
  item.root.setAttribute("aria-busy", "true");
  item.less.disabled = true;
  item.more.disabled = true;
  setText(row.said, "");
  const answer = await it.wire.ask("set_capacity", {
    worker: row.worker.sid,
    channel: channel.name,
    capacity: channel.capacity + step,
  });
  item.root.removeAttribute("aria-busy");
  updateChannel(item, item.channel, row, it);
  if (focused && pressed.isConnected && document.activeElement === document.body)
    (pressed.disabled ? item.more : pressed).focus();
  if (!answer.ok) setText(row.said, answer.text);
  it.view.say(answer.text);
}

/**
 * @param {Row} row
 * @param {Board} it
 */
export function showAll(row, it) {
  it.channels.get(row.worker.sid)?.add(ALL);
  updateChannels(row, it);
  row.root.focus({ preventScroll: true });
}

/**
 * Once more, after it could not be read.
 *
 * @param {Row} row
 * @param {Board} it
 */
export function readAgain(row, it) {
  row.again.hidden = true;
  setText(row.said, "");
  it.unreadable.delete(row.worker.sid);
  updateChannels(row, it);
}
