// Shared by all panels: base.py puts this text in front of each panel's own module.
// Text from outside reaches the page through textContent and attributes only.

const ANSWER_WITHIN_MS = 15000;
const LOST_AFTER_MS = 3000;
const SILENT = "The kernel is not answering; if it was restarted, run the first cell again.";

/** An element: `text`, `on` (listeners), `data` (data-*) and any attribute; null, undefined and false leave it out. */
export function el(tag, { text, on = {}, data = {}, ...attributes } = {}, ...children) {
  const node = document.createElement(tag);
  if (text !== undefined && text !== null) node.textContent = text;
  for (const [name, value] of Object.entries(attributes)) setAttribute(node, name, value);
  for (const [name, value] of Object.entries(data)) node.dataset[name] = value;
  for (const [name, listener] of Object.entries(on)) node.addEventListener(name, listener);
  node.append(...children.filter(Boolean));
  return node;
}

export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(node, name, value);
  node.append(...children);
  return node;
}

export function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else node.setAttribute(name, value === true ? "" : value);
}

/** Write text only where it differs: a selection or a screen reader's place is not lost for nothing. */
export function setText(node, text) {
  const wanted = text === null || text === undefined ? "" : String(text);
  if (node.textContent !== wanted) node.textContent = wanted;
}

export function uniqueId(name) {
  return `lk-${name}-${Math.random().toString(36).slice(2, 10)}`;
}

/** Keep one child per item, in the items' order. A child that stays is not touched, so that it keeps the focus. */
export function keyed(container, items, keyOf, create, update) {
  const before = container.lkChildren || new Map();
  const after = new Map();
  for (const item of items) {
    const key = keyOf(item);
    const child = before.get(key) || create(item);
    update(child, item);
    after.set(key, child);
  }
  for (const [key, child] of before) if (!after.has(key)) child.remove();
  let place = container.firstChild;
  for (const child of after.values()) {
    if (child === place) place = place.nextSibling;
    else container.insertBefore(child, place);
  }
  container.lkChildren = after;
}

/** The frame of a panel. `said` is read out by screen readers; `warn` is a bar that stays until it is cleared. */
export function frame(host, name, title) {
  const heading = el("div", { class: "lk-title", role: "heading", "aria-level": "3", text: title });
  const aside = el("div", { class: "lk-aside" });
  const warning = el("div", { class: "lk-warning", role: "alert", hidden: true });
  const body = el("div", { class: "lk-body" });
  const spoken = el("div", { class: "lk-sr", "aria-live": "polite" });
  const head = el("div", { class: "lk-head" }, heading, aside);
  const root = el("div", { class: `lk lk-${name}`, role: "region", "aria-label": title }, head, warning, body, spoken);
  root.addEventListener("focusin", keepKeys);
  host.append(root);
  return {
    root,
    aside,
    body,
    say: (text) => setText(spoken, text),
    warn: (text) => {
      setText(warning, text);
      warning.hidden = !text;
    },
  };
}

/** JupyterLab takes keys that are meant for a button or a select as its own: `b` there would insert a cell. */
export function keepKeys(event) {
  if (!event.target.matches(":read-write")) event.target.dataset.lmSuppressShortcuts = "true";
}

/** A panel's line to Python: `ask` always ends in an answer, `now` is the kernel's time, `onState` draws. */
export function connect(model, view, draw) {
  const waiting = new Map();
  let offset = 0;
  let stands = null; // TaskRouter's time while it is held: the sandbox's clock can be
  const heard = ({ now: at, paused }) => {
    if (Number.isFinite(at)) offset = at - Date.now();
    stands = paused && Number.isFinite(at) ? at : null;
    view.warn("");
  };
  const onMessage = (message) => {
    const answer = message && waiting.get(message.id);
    if (!answer) return;
    heard(message);
    answer(message);
  };
  const onState = () => {
    heard(model.get("state"));
    draw(model.get("state"));
  };
  const ask = (action, payload = {}, within = ANSWER_WITHIN_MS) =>
    new Promise((resolve) => {
      const id = uniqueId(action);
      const send = (message) => {
        try {
          model.send(message);
        } catch {
          silent(); // the kernel is known to be gone
        }
      };
      const finish = (reply) => {
        clearTimeout(timer);
        waiting.delete(id);
        resolve(reply);
      };
      const silent = () => {
        view.warn(SILENT);
        finish({ ok: false, text: SILENT });
      };
      const timer = setTimeout(silent, within);
      waiting.set(id, finish);
      send({ ...payload, id, action });
    });
  // The line to the kernel was cut or restored (a restart): find out which.
  const onLive = () => ask("clock", {}, LOST_AFTER_MS);
  model.on("msg:custom", onMessage);
  model.on("change:state", onState);
  model.on("comm_live_update", onLive);
  return {
    ask,
    /** TaskRouter's time in milliseconds; it stands still while that does. */
    now: () => (stands === null ? Date.now() + offset : stands),
    paused: () => stands !== null,
    /** First drawing. The state may be old by now (a page reload), so the kernel's time is asked for. */
    start: () => {
      draw(model.get("state"));
      ask("clock").then(() => draw(model.get("state")));
    },
    stop: () => {
      model.off("msg:custom", onMessage);
      model.off("change:state", onState);
      model.off("comm_live_update", onLive);
      for (const finish of [...waiting.values()]) finish({ ok: false, text: "" });
    },
  };
}

/** Say on the button what is being done until `run` has answered; returns the answer. */
export async function press(button, busy, run) {
  const rest = button.textContent;
  const focused = document.activeElement === button;
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  button.textContent = busy;
  const answer = await run();
  button.textContent = rest;
  button.removeAttribute("aria-busy");
  button.disabled = false;
  if (focused && button.isConnected && document.activeElement === document.body) button.focus();
  return answer;
}

export function button(label, kind, onClick, attributes = {}) {
  return el("button", {
    type: "button",
    class: `lk-button lk-${kind}`,
    text: label,
    on: { click: onClick },
    ...attributes,
  });
}

/** A button that copies what `read` gives, and says so. Works without the clipboard API, too (plain http). */
export function copyButton(label, read, text = "Copy") {
  const node = button(
    text,
    "quiet",
    async () => {
      const done = await copy(read(), node);
      node.textContent = done ? "Copied" : "Press Ctrl+C";
      setTimeout(() => (node.textContent = text), 1600);
    },
    { "aria-label": label },
  );
  return node;
}

async function copy(text, beside) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = el("textarea", { class: "lk-sr" });
    area.value = text;
    beside.after(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    beside.focus();
    return done;
  }
}

const two = (number) => String(number).padStart(2, "0");

/** How long, as a person says it: 8 s, 3 min 05 s, 2 h 10 min, 4 d 3 h. */
export function howLong(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${two(s % 60)} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${two(Math.floor((s % 3600) / 60))} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

/** What is left, as a clock counts down: 0:09, 19:59, 1:02:03. */
export function countdown(ms) {
  const s = Math.max(0, Math.ceil(ms / 1000));
  const rest = `${two(Math.floor((s % 3600) / 60))}:${two(s % 60)}`;
  return s >= 3600 ? `${Math.floor(s / 3600)}:${rest}` : rest.replace(/^0/, "");
}

export function timeOfDay(ms) {
  const at = new Date(ms);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

export const exactly = (ms) => (ms ? new Date(ms).toISOString().replace("T", " ") : null);
export const shortSid = (sid) => (sid && sid.length > 8 ? `${sid.slice(0, 2)}…${sid.slice(-4)}` : sid || "");

const SHAPES = {
  green: [
    ["circle", { cx: 8, cy: 8, r: 7, class: "lk-fill" }],
    ["path", { d: "M4.6 8.3l2.3 2.3 4.5-4.9", class: "lk-cut" }],
  ],
  amber: [
    ["path", { d: "M8 1.4l7 12.6H1z", class: "lk-fill" }],
    ["path", { d: "M8 5.9v3.6M8 11.4v.7", class: "lk-cut" }],
  ],
  red: [
    ["path", { d: "M5 1h6l4 4v6l-4 4H5l-4-4V5z", class: "lk-fill" }],
    ["path", { d: "M5.5 5.5l5 5m0-5l-5 5", class: "lk-cut" }],
  ],
  wait: [
    ["circle", { cx: 8, cy: 8, r: 6.2, class: "lk-ring-only" }],
    ["path", { d: "M8 4.8v3.5l2.2 1.4", class: "lk-hands" }],
  ],
  grey: [["circle", { cx: 8, cy: 8, r: 5.8, class: "lk-ring-only" }]],
};

/** A light that does not need its colour: check, triangle, cross, clock or empty ring, and a word for screen readers. */
export function light(colour, word) {
  const shape = svg("svg", { viewBox: "0 0 16 16", class: "lk-shape", "aria-hidden": "true" });
  shape.append(...(SHAPES[colour] || SHAPES.grey).map(([tag, attributes]) => svg(tag, attributes)));
  return el(
    "span",
    { class: "lk-light", data: { light: colour } },
    shape,
    word && el("span", { class: "lk-sr", text: word }),
  );
}

const STATUS_LIGHT = {
  pending: "wait",
  reserved: "wait",
  accepted: "green",
  assigned: "green",
  wrapping: "wait",
  completed: "green",
  canceled: "grey",
  rejected: "grey",
  timeout: "red",
  rescinded: "grey",
};

/** A status as TaskRouter spells it, with its light. */
export function badge(status) {
  const node = el("span", { class: "lk-badge" });
  setBadge(node, status);
  return node;
}

export function setBadge(node, status) {
  if (node.dataset.status === status) return;
  node.dataset.status = status;
  node.dataset.light = STATUS_LIGHT[status] || "grey";
  node.replaceChildren(light(STATUS_LIGHT[status] || "grey"), el("span", { text: status }));
}

/** Attributes as names and values. */
export function pairs(container, items) {
  keyed(
    container,
    items,
    ([name]) => name,
    ([name]) => el("div", { class: "lk-pair" }, el("dt", { text: name }), el("dd")),
    (node, [, value]) => setText(node.lastChild, value),
  );
}

/** Nothing here yet: what will come, and what to do. */
export function emptyState(title, text) {
  return el("div", { class: "lk-empty" }, el("div", { class: "lk-empty-title", text: title }), el("div", { text }));
}

/** A REST path for a narrow place: what it is about stands at its end, behind long SIDs. */
const restPath = (path) => shortSids(path.replace(/^\/v1\/Workspaces\/WS[0-9a-f]{32}/, "…"));
const shortSids = (text) => text.replace(/[A-Z]{2}[0-9a-f]{32}/g, (sid) => shortSid(sid));

/** Write a REST call: as it would be sent, or, when it has a status, as it was answered. */
export function setRestCall(node, lead, call) {
  const written = JSON.stringify([lead, call]);
  if (node.lkWritten === written) return;
  node.lkWritten = written;
  const sent = call && call.status !== undefined;
  const ok = sent && call.status >= 200 && call.status < 300;
  const mark =
    sent &&
    el(
      "span",
      { class: "lk-rest-status", data: { light: ok ? "green" : "red" } },
      light(ok ? "green" : "red"),
      el("span", { text: `${call.status ?? "no answer"} in ${Math.round(call.milliseconds)} ms` }),
    );
  const form = call && call.form.map(([name, value]) => `${name}=${value}`).join(" ");
  node.replaceChildren(
    ...(call
      ? [
          el("span", { class: "lk-rest-lead", text: lead }),
          el("span", { class: "lk-mono", text: `${call.method} ${restPath(call.path)}`, title: call.path }),
          form && el("span", { class: "lk-mono lk-rest-form", text: shortSids(form), title: form }),
          mark,
        ]
      : []
    ).filter(Boolean),
  );
}

/** Call `tick` every `ms` while the panel is on the page; returns what ends it. */
export function every(ms, tick) {
  const timer = setInterval(tick, ms);
  return () => clearInterval(timer);
}

const WHY_MARKS = { "✓": ["good", "yes: "], "✗": ["bad", "no: "], "→": ["here", "now: "], "·": ["quiet", "not yet: "] };

/** The tree of an explanation, with a filter for its Workers. `show` draws one; what was folded stays so. */
export function explanationTree() {
  const folded = new Map();
  const headline = el("div", { class: "lk-why-headline", role: "status" });
  const words = el("input", {
    type: "search",
    placeholder: "Filter Workers",
    "aria-label": "Filter Workers by name or reason",
    on: { input: () => sift() },
  });
  const able = el("input", { type: "checkbox", on: { change: () => sift() } });
  const found = el("span", { class: "lk-soft", role: "status" });
  const sieve = el(
    "div",
    { class: "lk-why-sieve", hidden: true },
    words,
    el("label", { class: "lk-check" }, able, el("span", { text: "only who may have it" })),
    found,
  );
  const tree = el("div", { class: "lk-tree" });
  const sift = () => {
    const wanted = words.value.trim().toLowerCase();
    const workers = [...tree.querySelectorAll("[data-topic=worker]")];
    for (const each of workers) {
      each.hidden = !each.textContent.toLowerCase().includes(wanted) || (able.checked && each.dataset.mark !== "✓");
    }
    const shown = workers.filter((each) => !each.hidden).length;
    setText(found, shown === workers.length ? "" : `${shown} of ${workers.length} Workers`);
    sieve.hidden = workers.length < 2;
  };
  const show = ({ headline: text, lines }) => {
    setText(headline, text);
    tree.replaceChildren(explanationLines(lines, "", folded));
    sift();
  };
  return { root: el("div", { class: "lk-why" }, headline, sieve, tree), show };
}

function explanationLines(lines, place, folded) {
  return el(
    "ul",
    {},
    ...lines.map((line, index) => {
      const [kind, spoken] = WHY_MARKS[line.mark] || ["plain", ""];
      const here = `${place}/${index}`;
      const mark =
        line.mark &&
        el(
          "span",
          { class: "lk-mark" },
          el("span", { "aria-hidden": "true", text: line.mark }),
          el("span", { class: "lk-sr", text: spoken }),
        );
      const data = { kind, mark: line.mark, topic: line.topic };
      if (!line.children.length) return el("li", { data }, mark, el("span", { text: line.text }));
      const summary = el(
        "summary",
        { on: { click: () => folded.set(here, !details.open) } },
        mark,
        el("span", { text: line.text }),
      );
      const details = el(
        "details",
        { open: folded.get(here) ?? line.open },
        summary,
        explanationLines(line.children, here, folded),
      );
      return el("li", { data }, details);
    }),
  );
}

/** A button that opens, anywhere, why a Task is where it is. `task` is its SID, or a function that gives it. */
export function whyButton(wire, task, attributes = {}) {
  const opener = button("Why?", "quiet", () => openWhy(opener, wire, typeof task === "function" ? task() : task), {
    "aria-haspopup": "dialog",
    "aria-label": typeof task === "string" && `Why? Task ${shortSid(task)}`,
    title: "Why is this Task where it is?",
    ...attributes,
  });
  return opener;
}

function openWhy(opener, wire, task) {
  const tree = explanationTree();
  const said = el("div", { class: "lk-soft", role: "status", text: "Looking…" });
  const title = el("div", {
    class: "lk-title",
    id: uniqueId("why"),
    role: "heading",
    "aria-level": "2",
    text: `Why? Task ${shortSid(task)}`,
  });
  const again = button("Refresh", "secondary", () => press(again, "Looking…", ask));
  const shut = button("Close", "secondary", () => dialog.close());
  const dialog = el(
    "dialog",
    { class: "lk-dialog", "aria-labelledby": title.id, data: { lmSuppressShortcuts: "true" } },
    el(
      "div",
      { class: "lk-dialog-inner" },
      el("div", { class: "lk-head" }, title, again, shut),
      el("div", { class: "lk-dialog-body" }, said, tree.root),
    ),
  );
  const ask = async () => {
    const answer = await wire.ask("explain", { task });
    setText(said, answer.ok ? `As of ${timeOfDay(answer.explanation.at)}` : answer.text);
    said.className = answer.ok ? "lk-soft" : "lk-problem";
    if (answer.ok) tree.show(answer.explanation);
  };
  const root = opener.closest(".lk");
  dialog.addEventListener("keydown", (event) => event.stopPropagation()); // the panel's own keys are not meant here
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (opener.isConnected) opener.focus();
  });
  root.append(dialog);
  dialog.showModal();
  shut.focus();
  ask();
}
