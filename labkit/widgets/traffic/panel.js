// Traffic: a line for each HTTP exchange, newest first, and below the list the one that is chosen, as it was.

import { button, copyButton, press } from "../js/buttons.js";
import { el, keyed, setText, uniqueId } from "../js/dom.js";
import { exactly, shortSid, timeOfDay } from "../js/format.js";
import { emptyState, frame } from "../js/frame.js";
import { light } from "../js/lights.js";
import { whyButton } from "../js/why.js";
import { connect } from "../js/wire.js";

const OVERSCAN = 8;
const NO_MATCH = ["Nothing matches", "No exchange is as the filter asks for."];
const NO_TRAFFIC = [
  "No traffic yet",
  "Each callback from TaskRouter appears here with its request and the answer that it got, and each REST call.",
];

const answered = (row) => row.status !== null && row.status !== undefined;
const isError = (row) =>
  Boolean(row.error) || !(row.status >= 200 && row.status < 300) || (row.signature && row.signature !== "valid");

/** A REST path for a narrow column: what it is about stands at its end, behind long SIDs. */
const shortPath = (path) =>
  path
    .replace(/^\/v1\/Workspaces\/WS[0-9a-f]{32}(?=[/?])/, "…")
    .replace(/[A-Z]{2}[0-9a-f]{32}/g, (sid) => shortSid(sid));

const took = (row) =>
  Number.isFinite(row.milliseconds)
    ? `${row.milliseconds < 10 ? row.milliseconds.toFixed(1) : Math.round(row.milliseconds)} ms`
    : "";

function createRow(row, choose) {
  const call = row.kind === "call";
  const about = [/^WR/.test(row.about) ? shortSid(row.about) : row.about, row.answer && `→ ${row.answer}`]
    .filter(Boolean)
    .join(" ");
  const what = call ? shortPath(row.path) : about;
  const status = el(
    "span",
    { class: "lk-exchange-status", data: { light: isError(row) ? "red" : "green" } },
    light(isError(row) ? "red" : "green", isError(row) ? "problem" : "fine"),
  );
  status.append(el("span", { text: answered(row) ? String(row.status) : "no answer" }));
  return el(
    "div",
    {
      class: "lk-exchange",
      role: "option",
      id: uniqueId("exchange"),
      data: { number: row.number, kind: row.kind, path: row.path, status: row.status ?? "none" },
      on: { click: () => choose(row) },
    },
    el("time", {
      class: "lk-exchange-at",
      text: timeOfDay(row.at),
      datetime: new Date(row.at).toISOString(),
      title: exactly(row.at),
    }),
    el(
      "span",
      { class: "lk-exchange-what" },
      el("span", { class: "lk-exchange-method", text: row.method }),
      el("span", { class: call ? "" : "lk-mono", text: call ? "REST" : row.path }),
    ),
    el("span", {
      class: `lk-exchange-about${call && !row.error ? " lk-mono" : ""}`,
      text: row.error ? `${row.code ? `${row.code} · ` : ""}${row.error}` : what,
      title: row.error || (call ? row.path : about),
    }),
    status,
    el("span", { class: "lk-exchange-took", text: took(row) }),
  );
}

function fits(row, sieve) {
  if (sieve.kind === "callback" ? row.kind === "call" : sieve.kind && row.kind !== sieve.kind) return false;
  if (sieve.errors && !isError(row)) return false;
  if (!sieve.words) return true;
  return [row.method, row.path, row.about, row.answer, row.error, row.status, row.code, row.words]
    .join(" ")
    .toLowerCase()
    .includes(sieve.words);
}

/** The list: of thousands of rows, those in sight are on the page. `draw(rows)` keeps what is in sight where it is. */
function windowedList(onChoose) {
  const inner = el("div", { class: "lk-exchanges-inner", role: "presentation" });
  const list = el(
    "div",
    { class: "lk-exchanges", role: "listbox", tabindex: "0", "aria-label": "Exchanges, newest first" },
    inner,
  );
  let rows = [];
  let chosen = null;
  let frame = 0;
  const height = () => parseFloat(getComputedStyle(list).getPropertyValue("--lk-row")) || 34;
  const layout = () => {
    frame = 0;
    const each = height();
    inner.style.height = `${rows.length * each}px`;
    const from = Math.max(0, Math.floor(list.scrollTop / each) - OVERSCAN);
    const seen = rows.slice(from, Math.ceil((list.scrollTop + list.clientHeight) / each) + OVERSCAN);
    const places = new Map(seen.map((row, index) => [row.place, from + index]));
    list.removeAttribute("aria-activedescendant");
    keyed(
      inner,
      seen,
      (row) => row.place,
      (row) => createRow(row, choose),
      (node, row) => {
        const index = places.get(row.place);
        node.style.transform = `translateY(${index * each}px)`;
        node.setAttribute("aria-posinset", index + 1);
        node.setAttribute("aria-setsize", rows.length);
        node.setAttribute("aria-selected", String(row.place === chosen));
        if (row.place === chosen) list.setAttribute("aria-activedescendant", node.id);
      },
    );
  };
  const soon = () => (frame = frame || requestAnimationFrame(layout));
  const choose = (row) => {
    chosen = row ? row.place : null;
    soon();
    onChoose(row);
  };
  const step = (to) => {
    const index = Math.min(rows.length - 1, Math.max(0, to));
    if (!rows.length) return;
    const each = height();
    if (index * each < list.scrollTop) list.scrollTop = index * each;
    if ((index + 1) * each > list.scrollTop + list.clientHeight)
      list.scrollTop = (index + 1) * each - list.clientHeight;
    choose(rows[index]);
  };
  const onKey = (event) => {
    const at = rows.findIndex((row) => row.place === chosen);
    const page = Math.max(1, Math.floor(list.clientHeight / height()) - 1);
    const steps = {
      ArrowDown: at + 1,
      ArrowUp: at < 0 ? 0 : at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: rows.length - 1,
    };
    if (event.key === "Escape" && chosen !== null) choose(null);
    else if (event.key in steps) step(steps[event.key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  list.addEventListener("scroll", soon, { passive: true });
  list.addEventListener("keydown", onKey);
  const resized = new ResizeObserver(soon);
  resized.observe(list);
  return {
    root: list,
    draw: (next, { anchored = true } = {}) => {
      const each = height();
      const top = rows[Math.floor(list.scrollTop / each)];
      const within = list.scrollTop % each;
      rows = next;
      if (!anchored) list.scrollTop = 0;
      else if (list.scrollTop > 0 && top) {
        const index = rows.findIndex((row) => row.place <= top.place);
        inner.style.height = `${rows.length * each}px`;
        if (index >= 0) list.scrollTop = index * each + within;
      }
      soon();
    },
    drop: () => choose(null),
    stop: () => {
      resized.disconnect();
      cancelAnimationFrame(frame);
    },
  };
}

/** What is chosen: the request and the response as they were, what went wrong, and what can be done with it. */
function detailPane(ask, redelivers, onClose) {
  const pane = el("div", {
    class: "lk-exchange-details",
    role: "region",
    "aria-label": "Chosen exchange",
    hidden: true,
  });
  let chosen = null;
  const show = async (row) => {
    chosen = row;
    pane.hidden = !row;
    if (!row) return;
    const answer = await ask("details", { number: row.number });
    if (chosen !== row) return;
    pane.replaceChildren(
      ...(answer.ok
        ? [head(row, answer.details), trouble(row, answer.details), sides(row, answer.details)]
        : [el("div", { class: "lk-problem", text: answer.text })]
      ).filter(Boolean),
    );
  };
  const head = (row, details) => {
    const said = el("div", { class: "lk-exchange-said", role: "status" });
    const again = button("Deliver again", "quiet", async () => {
      const answer = await press(again, "Delivering…", () => ask("redeliver", { number: row.number }));
      setText(said, answer.text);
      said.classList.toggle("lk-problem", !answer.ok);
    });
    const curl = details.curl && copyButton("Copy as curl", () => details.curl, "Copy as curl");
    const shut = button("Close", "quiet", onClose);
    const title = el(
      "div",
      { class: "lk-exchange-title" },
      el("span", { class: "lk-exchange-method", text: details.method }),
      el("span", { class: "lk-mono", text: details.url }),
    );
    return el(
      "div",
      { class: "lk-exchange-head" },
      title,
      el(
        "div",
        { class: "lk-exchange-does" },
        details.task && whyButton({ ask }, details.task),
        curl,
        redelivers() && /assignment|event/.test(row.kind) && again,
        shut,
      ),
      said,
    );
  };
  return { root: pane, show };
}

function trouble(row, details) {
  const lines = [
    details.code &&
      el(
        "div",
        {},
        el("strong", { text: `${details.code}: ` }),
        el("span", { text: details.meaning || "an error of Twilio's" }),
      ),
    row.error && el("div", { text: row.error }),
    details.remark && el("div", { class: "lk-soft", text: `The sandbox says: ${details.remark}` }),
  ].filter(Boolean);
  return lines.length
    ? el(
        "div",
        { class: "lk-verdict", data: { light: isError(row) || details.code ? "red" : "grey" } },
        light(isError(row) || details.code ? "red" : "grey"),
        el("div", {}, ...lines),
      )
    : null;
}

function sides(row, details) {
  const sent =
    details.form.length || !details.body
      ? section("Form", fields(details.form, "nothing was sent"))
      : section("Body", code(details.body));
  const request = [
    verdict(row, details),
    sent,
    folded(`Headers (${details.headers.length})`, fields(details.headers)),
    details.form.length && details.body ? folded("Body as sent", code(details.body)) : null,
    details.curl ? folded("As curl", code(details.curl)) : null,
  ];
  const response = [
    section("Body", code(pretty(details.response_body) || "(empty)")),
    folded(`Headers (${details.response_headers.length})`, fields(details.response_headers)),
  ];
  const status = [answered(row) ? row.status : "no answer", took(row)].filter(Boolean).join(" · ");
  return el("div", { class: "lk-exchange-sides" }, side("Request", "", request), side("Response", status, response));
}

function verdict(row, details) {
  if (!row.signature) return null;
  const lines = [el("div", {}, el("strong", { text: "Signature: " }), el("span", { text: row.signature }))];
  if (details.signed_url && details.signed_url !== details.url)
    lines.push(
      el("div", {}, el("span", { text: "signed for " }), el("span", { class: "lk-mono", text: details.signed_url })),
    );
  const colour = row.signature === "valid" ? "green" : "red";
  return el("div", { class: "lk-verdict", data: { light: colour } }, light(colour), el("div", {}, ...lines));
}

function side(title, line, parts) {
  return el(
    "div",
    { class: "lk-exchange-side" },
    el(
      "div",
      { class: "lk-exchange-side-title" },
      el("span", { text: title }),
      el("span", { class: "lk-soft", text: line }),
    ),
    ...parts,
  );
}

const section = (title, content) =>
  el("div", { class: "lk-section" }, el("div", { class: "lk-section-title", text: title }), content);
const folded = (title, content) =>
  el("details", { class: "lk-section" }, el("summary", { class: "lk-section-title", text: title }), content);

function fields(items, none = "none") {
  if (!items.length) return el("div", { class: "lk-soft", text: none });
  const list = el("dl", { class: "lk-pairs lk-mono" });
  for (const [name, value] of items)
    list.append(el("div", { class: "lk-pair" }, el("dt", { text: name }), el("dd", { text: pretty(value) })));
  return list;
}

const code = (text) => el("pre", { class: "lk-pre", tabindex: "0", text });

/** JSON objects and lists with line breaks, when they do not fit one line; anything else as it was. */
function pretty(text) {
  if (!/^\s*[[{]/.test(text) || text.length < 60) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function render({ model, el: host }) {
  const view = frame(host, "traffic", "Traffic");
  const known = new Map();
  let now = { first: 0, heard: 0 };
  let pausedAt = null;
  let filling = false;
  const changed = () => show({ anchored: false });
  const kinds = [
    ["", "Everything"],
    ["callback", "Callbacks"],
    ["assignment", "Assignment callbacks"],
    ["event", "Event callbacks"],
    ["call", "REST calls"],
  ];
  const kind = el(
    "select",
    { "aria-label": "Kind", on: { change: changed } },
    ...kinds.map(([value, text]) => el("option", { value, text })),
  );
  const words = el("input", {
    type: "search",
    placeholder: "Filter by text, SID, status…",
    "aria-label": "Filter by text",
    on: { input: changed },
  });
  const errors = el("input", { type: "checkbox", on: { change: changed } });
  const count = el("span", { class: "lk-exchange-count", role: "status" });
  const pause = button(
    "Pause",
    "secondary",
    () => {
      pausedAt = pausedAt === null ? now.heard : null;
      show();
    },
    { "aria-pressed": "false" },
  );
  const empty = emptyState(...NO_TRAFFIC);
  const list = windowedList((row) => pane.show(row));
  const pane = detailPane(
    (...given) => wire.ask(...given),
    () => now.redelivers,
    () => {
      list.drop();
      list.root.focus();
    },
  );
  view.aside.append(count, pause);
  view.body.append(
    el(
      "div",
      { class: "lk-exchange-sieve" },
      kind,
      words,
      el("label", { class: "lk-check" }, errors, el("span", { text: "only problems" })),
    ),
    empty,
    list.root,
    pane.root,
  );

  const show = (options) => {
    const sieve = { kind: kind.value, words: words.value.trim().toLowerCase(), errors: errors.checked };
    const until = pausedAt === null ? now.heard : pausedAt;
    const rows = [];
    for (let place = until - 1; place >= now.first; place -= 1) {
      const row = known.get(place);
      if (row && fits(row, sieve)) rows.push(row);
    }
    const missed = now.heard - until;
    pause.setAttribute("aria-pressed", String(pausedAt !== null));
    setText(pause, pausedAt === null ? "Pause" : `Resume${missed ? ` (${missed.toLocaleString("en")} new)` : ""}`);
    const all = until - now.first;
    setText(
      count,
      rows.length === all
        ? `${all.toLocaleString("en")}`
        : `${rows.length.toLocaleString("en")} of ${all.toLocaleString("en")}`,
    );
    [empty.firstChild.textContent, empty.lastChild.textContent] = all ? NO_MATCH : NO_TRAFFIC;
    empty.hidden = rows.length > 0;
    list.root.hidden = rows.length === 0;
    list.draw(rows, options);
  };
  const learn = (rows) => rows.forEach((row) => known.has(row.place) || known.set(row.place, row));
  const newestMissing = () => {
    for (let place = now.heard - 1; place >= now.first; place -= 1) if (!known.has(place)) return place;
    return null;
  };
  /** Ask for the rows that are missing, the newest first, until none is: the state has only the last few. */
  const fill = async () => {
    if (filling) return;
    filling = true;
    for (let place = newestMissing(); place !== null; place = newestMissing()) {
      const answer = await wire.ask("rows", { before: place + 1 });
      if (!answer.ok || !answer.rows.some((row) => row.place === place)) break; // gone meanwhile, or the kernel is
      learn(answer.rows);
      show();
    }
    filling = false;
  };
  const wire = connect(model, view, (state) => {
    now = {
      first: pausedAt === null ? state.first : Math.min(now.first, state.first),
      heard: state.heard,
      redelivers: state.redelivers,
    };
    learn(state.rows);
    if (pausedAt === null) for (const place of known.keys()) if (place < now.first) known.delete(place);
    show();
    fill();
  });
  wire.start();
  return () => {
    list.stop();
    wire.stop();
  };
}

export default { render };
