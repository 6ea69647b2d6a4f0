// TimeAndFaults: the sandbox's clock with its buttons, what is due next, what came of a move, and the faults as switches.

import { button, copyButton, press } from "../js/buttons.js";
import { el, keyed, setAttribute, setText, svg, uniqueId } from "../js/dom.js";
import { exactly, howLong, shortSid, timeOfDay } from "../js/format.js";
import { emptyState, frame } from "../js/frame.js";
import { light } from "../js/lights.js";
import { every } from "../js/timers.js";
import { connect } from "../js/wire.js";

const STEPS = [
  ["10 s", 10],
  ["1 min", 60],
  ["10 min", 600],
];
const LOOK_EVERY_MS = 5000; // another notebook or a terminal may have moved the clock or switched a fault
const LATE_MS = 400;
const NOTICEABLE_MS = 2000;
const ALWAYS = 1;
const MARKS = { bars: "M5 3.2v9.6M11 3.2v9.6", play: "M5.2 3.4l7 4.6-7 4.6z" };

/** Text with its SIDs made short; the whole text is the title. */
function sayBriefly(node, text) {
  setText(node, (text || "").replace(/\b[A-Z]{2}[0-9a-f]{32}\b/g, shortSid));
  setAttribute(node, "title", text || null);
}

const day = (ms) =>
  new Date(ms).toLocaleDateString(undefined, { weekday: "short", day: "numeric", month: "short", year: "numeric" });
const counted = (number, word) => `${number.toLocaleString()} ${word}${number === 1 ? "" : "s"}`;
const otherDay = (ms, now) =>
  day(ms) === day(now) ? "" : `${new Date(ms).toLocaleDateString(undefined, { weekday: "short" })} `;

function mark(name) {
  return svg(
    "svg",
    { viewBox: "0 0 16 16", class: `lk-clock-mark lk-clock-${name}`, "aria-hidden": "true" },
    svg("path", { d: MARKS[name] }),
  );
}

// --- time ---------------------------------------------------------------------------------------------------------

function timePart(it) {
  const seconds = el("input", {
    type: "number",
    min: "0",
    max: "2592000",
    step: "any",
    value: "90",
    "aria-label": "Seconds to advance",
  });
  const parts = {
    now: el("div", { class: "lk-clock-now", role: "timer", "aria-live": "off" }),
    day: el("div", {}),
    ahead: el("div", {}),
    hold: el("button", {
      type: "button",
      class: "lk-button lk-secondary lk-clock-hold",
      on: { click: () => hold(it) },
    }),
    said: el("div", { class: "lk-clock-said lk-problem", role: "alert", hidden: true }),
    nextText: el("div", { class: "lk-next-text" }),
    nextWhen: el("div", { class: "lk-next-when" }),
    run: button("Run to next", "primary", () => move(it, it.time.run, "next", {}, "Running…")),
    code: el("code", { class: "lk-code-line lk-mono" }),
  };
  const steps = STEPS.map(([label, by]) => {
    const step = button(`+${label}`, "secondary", () => move(it, step, "advance", { seconds: by }, "…"), {
      "aria-label": `Advance ${label}`,
    });
    return step;
  });
  const go = button("Advance", "secondary", () => custom(it, seconds, go));
  seconds.addEventListener("keydown", (event) => event.key === "Enter" && custom(it, seconds, go));
  parts.copy = copyButton("Copy the Python line", () => parts.code.textContent);
  parts.codeBox = el("div", { class: "lk-clock-code", hidden: true }, parts.code, parts.copy);
  const top = el(
    "div",
    { class: "lk-clock-top" },
    el("div", {}, parts.now, el("div", { class: "lk-clock-day lk-soft" }, parts.day, parts.ahead)),
    parts.hold,
  );
  const bySeconds = el("div", { class: "lk-clock-custom" }, seconds, el("span", { class: "lk-soft", text: "s" }), go);
  const next = el(
    "div",
    { class: "lk-next" },
    el(
      "div",
      { class: "lk-next-words" },
      el("div", { class: "lk-next-title lk-soft", text: "Due next" }),
      parts.nextText,
      parts.nextWhen,
    ),
    parts.run,
  );
  const advance = el(
    "div",
    { class: "lk-clock-steps", role: "group", "aria-label": "Advance time" },
    ...steps,
    bySeconds,
  );
  parts.root = el(
    "section",
    { class: "lk-clock", "aria-label": "Time in the sandbox" },
    el("div", { class: "lk-clock-side" }, top, advance, parts.said, parts.codeBox),
    el("div", { class: "lk-clock-side" }, next, storyPart(parts)),
  );
  return parts;
}

function storyPart(parts) {
  parts.headline = el("div", { class: "lk-moved-headline" });
  parts.rows = el("ol", { class: "lk-moved-rows", tabindex: "0", "aria-label": "What happened, oldest first" });
  parts.more = el("div", { class: "lk-soft", hidden: true });
  return el("div", { class: "lk-moved" }, parts.headline, parts.rows, parts.more);
}

async function move(it, pressed, action, payload, busy) {
  const answer = await press(pressed, busy, () => it.wire.ask(action, payload, 40000));
  tell(it, answer, () => movedWords(it.model.get("state").moved));
}

function custom(it, seconds, go) {
  const by = seconds.valueAsNumber;
  if (!Number.isFinite(by) || by < 0) {
    tell(it, { ok: false, text: "Give a number of seconds, such as 90." });
    seconds.focus();
    return;
  }
  move(it, go, "advance", { seconds: by }, "…");
}

async function hold(it) {
  const paused = it.wire.paused();
  it.time.hold.disabled = true;
  const answer = await it.wire.ask(paused ? "resume" : "pause");
  it.time.hold.disabled = false;
  it.time.hold.focus();
  tell(it, answer, () => (paused ? "Time runs." : "Time stands still."));
}

/** What came of a click: a sentence for screen readers, the Python line, or the trouble. */
function tell(it, answer, words) {
  const { time, view } = it;
  time.said.hidden = answer.ok;
  setText(time.said, answer.ok ? "" : answer.text);
  if (answer.ok && words) view.say(words());
  if (!answer.ok || !answer.code) return;
  setText(time.code, answer.code);
  time.codeBox.hidden = false;
}

function movedWords(moved) {
  if (!moved) return "";
  const went = moved.by < 1000 ? `${moved.by} ms` : howLong(moved.by);
  if (!moved.deadlines) return `Time went on by ${went}; nothing fell due.`;
  const events = moved.events
    ? `, and ${counted(moved.events, "event")} came of ${moved.deadlines === 1 ? "it" : "them"}`
    : "";
  return `Time went on by ${went}; ${counted(moved.deadlines, "deadline")} fell due${events}.`;
}

function drawMoved({ headline, rows, more }, moved) {
  const drawn = JSON.stringify(moved);
  if (headline.lkDrawn === drawn) return;
  headline.lkDrawn = drawn;
  headline.classList.toggle("lk-soft", !moved);
  setText(headline, moved ? movedWords(moved) : "What falls due when you move the time is listed here.");
  if (!moved) return;
  rows.hidden = !moved.rows.length;
  rows.replaceChildren(
    ...moved.rows.map(([at, type, , text]) => {
      const words = el("span", { class: "lk-moved-words" });
      sayBriefly(words, text);
      const what =
        type === "due" ? el("span", { class: "lk-due", text: "due" }) : el("span", { class: "lk-soft", text: type });
      return el("li", { data: { type } }, el("time", { text: timeOfDay(at), title: exactly(at) }), what, words);
    }),
  );
  rows.scrollTop = 0;
  more.hidden = !moved.more;
  setText(more, `and ${moved.more.toLocaleString()} more`);
}

function tick(it) {
  const { time, wire } = it;
  const state = it.model.get("state");
  const now = wire.now();
  setText(time.now, timeOfDay(now));
  setText(time.day, day(now));
  const ahead = now - Date.now();
  setText(
    time.ahead,
    Math.abs(ahead) < NOTICEABLE_MS
      ? "in step with real time"
      : `${howLong(Math.abs(ahead))} ${ahead > 0 ? "ahead of" : "behind"} real time`,
  );
  if (!state.next) return;
  const left = state.next.at - now;
  setText(
    time.nextWhen,
    left > 0 ? `in ${howLong(left + 999)}, at ${otherDay(state.next.at, now)}${timeOfDay(state.next.at)}` : "now",
  );
  if (left < -LATE_MS && it.lookedFor !== state.next.at) {
    it.lookedFor = state.next.at; // what is due leaves no event now and then, so nobody tells
    wire.ask("look");
  }
}

function drawTime(it, state) {
  const { time, wire } = it;
  const paused = wire.paused();
  time.root.dataset.paused = paused;
  if (time.hold.dataset.paused !== String(paused)) {
    time.hold.dataset.paused = paused;
    time.hold.replaceChildren(mark(paused ? "play" : "bars"), el("span", { text: paused ? "Resume" : "Pause" }));
  }
  sayBriefly(time.nextText, state.next ? state.next.text : state.known ? "Nothing is due." : "Looking…");
  time.nextWhen.hidden = !state.next;
  if (!time.run.hasAttribute("aria-busy")) time.run.disabled = !state.next;
  drawMoved(time, state.moved);
  tick(it);
}

// --- faults -------------------------------------------------------------------------------------------------------

function faultPart(it) {
  const parts = {
    count: el("span", { class: "lk-soft", role: "status" }),
    off: button("Switch all off", "quiet", () => switchAllOff(it)),
    callbacks: el("ul", { class: "lk-faults-list", "aria-labelledby": uniqueId("callbacks") }),
    rest: el("ul", { class: "lk-faults-list", "aria-labelledby": uniqueId("rest") }),
  };
  const group = (list, title) => [
    el("div", { class: "lk-faults-group", id: list.getAttribute("aria-labelledby"), text: title }),
    list,
  ];
  const head = el(
    "div",
    { class: "lk-faults-head" },
    el("div", { class: "lk-faults-title", text: "Faults" }),
    parts.count,
    parts.off,
  );
  parts.root = el(
    "section",
    { class: "lk-faults", "aria-label": "Faults" },
    head,
    ...group(parts.callbacks, "Callbacks"),
    ...group(parts.rest, "REST requests"),
    el("p", {
      class: "lk-soft lk-faults-foot",
      text: "For everybody who uses this sandbox, until they are switched off or the sandbox ends. A real account never has any.",
    }),
  );
  return parts;
}

function createFault(fault, it) {
  const [name, does] = [uniqueId("fault"), uniqueId("does")];
  const parts = {
    on: el("input", { type: "checkbox", role: "switch", "aria-labelledby": name, "aria-describedby": does }),
    chance: el("input", { type: "range", min: "5", max: "100", step: "5", "aria-label": `How often: ${fault.title}` }),
    shown: el("output", { class: "lk-fault-chance" }),
    seconds: el("input", { type: "number", min: "0", max: "60", step: "0.5", "aria-label": `Seconds: ${fault.title}` }),
    said: el("div", { class: "lk-problem", role: "alert", hidden: true }),
  };
  const late =
    fault.seconds === null
      ? null
      : el(
          "label",
          { class: "lk-fault-late" },
          el("span", { class: "lk-soft", text: "by" }),
          parts.seconds,
          el("span", { class: "lk-soft", text: "s" }),
        );
  const how = el(
    "div",
    { class: "lk-fault-how" },
    parts.chance,
    parts.shown,
    el("div", { class: "lk-fault-by" }, late),
  );
  const title = el(
    "div",
    { class: "lk-fault-title" },
    el("span", { id: name, text: fault.title }),
    el("code", { class: "lk-mono lk-soft", text: fault.name }),
  );
  const node = el(
    "li",
    { class: "lk-fault", data: { name: fault.name } },
    el("span", { class: "lk-switch" }, parts.on),
    el(
      "div",
      { class: "lk-fault-words" },
      title,
      el("div", { class: "lk-soft", id: does, text: fault.does }),
      parts.said,
    ),
    how,
  );
  node.lk = parts;
  parts.on.addEventListener("change", () => switchFault(it, node));
  parts.chance.addEventListener("input", () => showChance(node));
  for (const each of [parts.chance, parts.seconds])
    each.addEventListener("change", () => node.fault.probability && switchFault(it, node));
  parts.chance.value = 100 * (fault.probability || ALWAYS);
  if (fault.seconds !== null) parts.seconds.value = fault.seconds;
  return node;
}

function showChance({ lk }) {
  const percent = Number(lk.chance.value);
  setText(lk.shown, `${percent} %`);
  lk.chance.style.setProperty("--lk-part", `${percent}%`);
}

function updateFault(node, fault) {
  node.fault = fault;
  const { lk } = node;
  const on = fault.probability > 0;
  const held = document.activeElement;
  node.dataset.on = on;
  if (!lk.on.disabled) lk.on.checked = on;
  if (on && held !== lk.chance) lk.chance.value = 100 * fault.probability;
  if (on && fault.seconds !== null && held !== lk.seconds) lk.seconds.value = fault.seconds;
  showChance(node);
}

async function switchFault(it, node) {
  const { lk, fault } = node;
  const seconds = fault.seconds === null ? null : lk.seconds.valueAsNumber;
  const probability = lk.on.checked ? Number(lk.chance.value) / 100 : 0;
  lk.on.disabled = true;
  const answer = await it.wire.ask("fault", {
    name: fault.name,
    probability,
    seconds: Number.isFinite(seconds) ? seconds : null,
  });
  lk.on.disabled = false;
  lk.on.checked = node.fault.probability > 0;
  if (document.activeElement === document.body) lk.on.focus();
  lk.said.hidden = answer.ok;
  setText(lk.said, answer.ok ? "" : answer.text);
  if (answer.ok) tell(it, answer, () => `${fault.title}: ${probability ? lk.shown.textContent : "off"}.`);
}

async function switchAllOff(it) {
  tell(it, await press(it.faults.off, "Switching off…", () => it.wire.ask("faults_off")), () => "All faults are off.");
}

function drawFaults(it, state) {
  const { faults } = it;
  for (const rest of [false, true]) {
    const fitting = state.faults.filter((fault) => fault.rest === rest);
    keyed(
      rest ? faults.rest : faults.callbacks,
      fitting,
      (fault) => fault.name,
      (fault) => createFault(fault, it),
      updateFault,
    );
  }
  const on = state.faults.filter((fault) => fault.probability > 0).length;
  setText(faults.count, on ? `${on} on` : "none on");
  faults.root.dataset.on = on > 0;
  if (!faults.off.hasAttribute("aria-busy")) faults.off.disabled = !on;
}

// --- all of it ----------------------------------------------------------------------------------------------------

function drawAside(it, state) {
  const paused = it.wire.paused();
  const on = (state.faults || []).filter((fault) => fault.probability > 0).length;
  const words = [paused ? "Time stands still" : "Time runs", ...(on ? [counted(on, "fault")] : [])].join(" · ");
  if (it.view.aside.dataset.words === words) return;
  it.view.aside.dataset.words = words;
  it.view.aside.replaceChildren(light(paused || on ? "amber" : "green"), el("span", { text: words }));
}

function render({ model, el: host }) {
  const view = frame(host, "time-and-faults", "Time and faults");
  const it = { model, view, lookedFor: null };
  it.time = timePart(it);
  it.faults = faultPart(it);
  const both = el("div", { class: "lk-both" }, it.time.root, it.faults.root);
  const none = emptyState(
    "Only the sandbox has these",
    'This lab talks to a real Twilio account. Its time is Twilio\'s own, and nothing there is made to fail on purpose. labkit.start(mode="sandbox") starts a lab in which time can be moved and faults can be made; the account is not touched by it.',
  );
  view.body.append(both, none);
  it.wire = connect(model, view, (state) => {
    both.hidden = !state.available;
    none.hidden = state.available;
    if (!state.available) return;
    drawTime(it, state);
    drawFaults(it, state);
    drawAside(it, state);
    if (state.trouble) view.warn(state.trouble);
  });
  const seen = () => model.get("state").available && !document.hidden && view.root.isConnected;
  const stops = [every(250, () => seen() && tick(it)), every(LOOK_EVERY_MS, () => seen() && it.wire.ask("look"))];
  it.wire.start();
  return () => {
    for (const stop of stops) stop();
    it.wire.stop();
  };
}

export default { render };
