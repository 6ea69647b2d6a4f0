// @ts-check
// The list: of thousands of exchanges, those in sight are on the page.

import { el, keyed, uniqueId } from "../js/dom.js";
import { exactly, shortSid, timeOfDay } from "../js/format.js";
import { light } from "../js/lights.js";
import { answered, isError, shortPath, took } from "./exchanges.js";

/** @import { Exchange } from "./exchanges.js" */
/**
 * @typedef {object} List
 * @property {HTMLElement} root
 * @property {HTMLElement} inner as high as all rows
 * @property {Exchange[]} rows
 * @property {number | null} chosen the place of one
 * @property {number} frame that was asked for, or 0
 * @property {(row: Exchange | null) => void} onChoose
 */

const OVERSCAN = 8;

/**
 * The list. `draw` keeps what is in sight where it is, `drop` chooses none.
 *
 * @param {(row: Exchange | null) => void} onChoose
 */
export function windowedList(onChoose) {
  const inner = el("div", { class: "lk-exchanges-inner", role: "presentation" });
  const given = { class: "lk-exchanges", role: "listbox", tabindex: "0", "aria-label": "Exchanges, newest first" };
  const root = el("div", given, inner);
  /** @type {List} */
  const it = { root, inner, rows: [], chosen: null, frame: 0, onChoose };
  root.addEventListener("scroll", () => layoutSoon(it), { passive: true });
  root.addEventListener("keydown", (event) => onKey(it, event));
  const resized = new ResizeObserver(() => layoutSoon(it));
  resized.observe(root);
  return {
    root,
    /**
     * @param {Exchange[]} rows
     * @param {boolean} anchored
     */
    draw: (rows, anchored) => exchangeRows(it, rows, anchored),
    drop: () => choose(it, null),
    stop: () => {
      resized.disconnect();
      cancelAnimationFrame(it.frame);
    },
  };
}

/** @param {List} it */
const heightOf = ({ root }) => parseFloat(getComputedStyle(root).getPropertyValue("--lk-row")) || 34;

/** @param {List} it */
function layoutSoon(it) {
  it.frame ||= requestAnimationFrame(() => layout(it));
}

/** @param {List} it */
function layout(it) {
  const { root, inner, rows } = it;
  it.frame = 0;
  const each = heightOf(it);
  inner.style.height = `${rows.length * each}px`;
  const from = Math.max(0, Math.floor(root.scrollTop / each) - OVERSCAN);
  const seen = rows.slice(from, Math.ceil((root.scrollTop + root.clientHeight) / each) + OVERSCAN);
  root.removeAttribute("aria-activedescendant");
  keyed(
    inner,
    seen.map((row, index) => ({ row, index: from + index })),
    ({ row }) => row.place,
    ({ row }) => createRow(row, () => choose(it, row)),
    (node, { row, index }) => {
      node.style.transform = `translateY(${index * each}px)`;
      node.setAttribute("aria-posinset", String(index + 1));
      node.setAttribute("aria-setsize", String(rows.length));
      node.setAttribute("aria-selected", String(row.place === it.chosen));
      if (row.place === it.chosen) root.setAttribute("aria-activedescendant", node.id);
    },
  );
}

/**
 * @param {List} it
 * @param {Exchange[]} rows
 * @param {boolean} anchored whether what is in sight stays where it is; else the list begins at its top
 */
function exchangeRows(it, rows, anchored) {
  const { root, inner } = it;
  const each = heightOf(it);
  const top = it.rows[Math.floor(root.scrollTop / each)];
  const within = root.scrollTop % each;
  it.rows = rows;
  if (!anchored) root.scrollTop = 0;
  else if (root.scrollTop > 0 && top) {
    const index = rows.findIndex((row) => row.place <= top.place);
    inner.style.height = `${rows.length * each}px`;
    if (index >= 0) root.scrollTop = index * each + within;
  }
  layoutSoon(it);
}

/**
 * @param {List} it
 * @param {Exchange | null} row
 */
function choose(it, row) {
  it.chosen = row ? row.place : null;
  layoutSoon(it);
  it.onChoose(row);
}

/**
 * Choose the row of this index, or the nearest that there is, and bring it into sight.
 *
 * @param {List} it
 * @param {number} to
 */
function step(it, to) {
  const { root, rows } = it;
  if (!rows.length) return;
  const index = Math.min(rows.length - 1, Math.max(0, to));
  const each = heightOf(it);
  if (index * each < root.scrollTop) root.scrollTop = index * each;
  if ((index + 1) * each > root.scrollTop + root.clientHeight) root.scrollTop = (index + 1) * each - root.clientHeight;
  choose(it, rows[index]);
}

/**
 * @param {List} it
 * @param {KeyboardEvent} event
 */
function onKey(it, event) {
  const at = it.rows.findIndex((row) => row.place === it.chosen);
  const page = Math.max(1, Math.floor(it.root.clientHeight / heightOf(it)) - 1);
  /** @type {Record<string, number>} */
  const steps = {
    ArrowDown: at + 1,
    ArrowUp: at < 0 ? 0 : at - 1,
    PageDown: at + page,
    PageUp: at - page,
    Home: 0,
    End: it.rows.length - 1,
  };
  if (event.key === "Escape" && it.chosen !== null) choose(it, null);
  else if (event.key in steps) step(it, steps[event.key]);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/**
 * @param {Exchange} row
 * @param {() => void} onClick
 */
function createRow(row, onClick) {
  const colour = isError(row) ? "red" : "green";
  const data = { number: row.number, kind: row.kind, path: row.path, status: row.status ?? "none" };
  const at = { text: timeOfDay(row.at), datetime: new Date(row.at).toISOString(), title: exactly(row.at) };
  return el(
    "div",
    { class: "lk-exchange", role: "option", id: uniqueId("exchange"), data, on: { click: onClick } },
    el("time", { class: "lk-exchange-at", ...at }),
    whatCell(row),
    aboutCell(row),
    el(
      "span",
      { class: "lk-exchange-status", data: { light: colour } },
      light(colour, isError(row) ? "problem" : "fine"),
      el("span", { text: answered(row) ? String(row.status) : "no answer" }),
    ),
    el("span", { class: "lk-exchange-took", text: took(row) }),
  );
}

/** @param {Exchange} row */
function whatCell({ kind, method, path }) {
  const call = kind === "call";
  const where = el("span", { class: call ? "" : "lk-mono", text: call ? "REST" : path });
  return el("span", { class: "lk-exchange-what" }, el("span", { class: "lk-exchange-method", text: method }), where);
}

/** @param {Exchange} row */
function aboutCell({ kind, path, about, answer, error, code }) {
  const call = kind === "call";
  const named = /^WR/.test(about) ? shortSid(about) : about;
  const callback = [named, answer && `→ ${answer}`].filter(Boolean).join(" ");
  if (error) {
    return el("span", { class: "lk-exchange-about", text: `${code ? `${code} · ` : ""}${error}`, title: error });
  }
  return el("span", {
    class: `lk-exchange-about${call ? " lk-mono" : ""}`,
    text: call ? shortPath(path) : callback,
    title: call ? path : callback,
  });
}
