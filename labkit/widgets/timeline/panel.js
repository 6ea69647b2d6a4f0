// Timeline: a lane for each Task or Worker. Only the lanes and the stretch of time that are in view are drawn.

import { button } from "../js/buttons.js";
import { el, keyed, setAttribute, setText, svg, uniqueId } from "../js/dom.js";
import { emptyState, frame } from "../js/frame.js";
import { connect } from "../js/wire.js";
import {
  AFTER_NOW,
  commonStart,
  createLane,
  detailsOf,
  drawLane,
  exactTime,
  FIRST_SPAN_MS,
  gridLines,
  HEIGHTS,
  LONGEST_FIRST_MS,
  LONGEST_MS,
  laneWords,
  legend,
  NEAR_PX,
  nameEnd,
  patterns,
  SHORTEST_MS,
  tooltip,
} from "./drawing.js";

/** Lanes as the kernel has them: asks for what changed, merges, and says when there is more to draw. */
function laneStore(wire, changed) {
  const known = { tasks: new Map(), workers: new Map() };
  const have = { tasks: 0, workers: 0 };
  let [epoch, wanted, busy] = [null, false, false];
  const merge = (by, answer) => {
    if (answer.epoch !== epoch) {
      for (const each of ["tasks", "workers"]) {
        known[each].clear();
        have[each] = 0;
      }
      epoch = answer.epoch;
    }
    for (const lane of answer.lanes) known[by].set(lane.sid, lane);
  };
  const round = async (by) => {
    let [top, before] = [null, null];
    do {
      const answer = await wire.ask("lanes", { by, since: have[by], before });
      if (!answer.ok) return;
      if (epoch !== null && answer.epoch !== epoch && before !== null) return void (wanted = true);
      top ??= answer.revision;
      before = answer.before;
      merge(by, answer);
      changed();
    } while (before !== null);
    have[by] = top;
  };
  return {
    list: (by) => [...known[by].values()],
    async pull(by) {
      wanted = true;
      if (busy) return;
      busy = true;
      while (wanted) {
        wanted = false;
        await round(by());
      }
      busy = false;
    },
  };
}

/** The stretch of time in view. While it follows, its end moves with now. */
function timeView() {
  const look = { span: FIRST_SPAN_MS, end: null, wide: 600, chosen: false };
  const begin = (now) => (look.end ?? now + look.span * AFTER_NOW) - look.span;
  return {
    look,
    begin,
    x: (at, now) => ((at - begin(now)) / look.span) * look.wide,
    at: (x, now) => begin(now) + (x / look.wide) * look.span,
    /** Until somebody zooms: from the first event on, as far as that is not too long ago to be seen well. */
    settle(first, now) {
      if (!look.chosen) look.span = Math.min(LONGEST_FIRST_MS, Math.max(FIRST_SPAN_MS, (now - first) * 1.12));
    },
    zoom(factor, now, around = null) {
      look.chosen = true;
      const span = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, look.span * factor));
      if (look.end !== null) {
        const place = around ?? look.end - look.span / 2;
        look.end = place + (look.end - place) * (span / look.span);
      }
      look.span = span;
    },
    pan(ms, now) {
      look.end = Math.min(begin(now) + look.span + ms, now + look.span * 0.5);
    },
    show(at, now) {
      const from = begin(now);
      if (at < from || at > from + look.span) look.end = at + look.span / 2;
    },
  };
}

function render({ model, el: host }) {
  const panel = frame(host, "timeline", "Timeline");
  const id = uniqueId("timeline");
  const view = timeView();
  const tip = tooltip(panel.root);
  let [by, picked, opened, lanes, common, stopped] = ["tasks", null, null, [], "", false];

  const choice = (value, text) =>
    el(
      "label",
      { class: "lk-switch" },
      el("input", { type: "radio", name: id, value, checked: value === by, on: { change: () => choose(value) } }),
      el("span", { text }),
    );
  const search = el("input", {
    type: "search",
    placeholder: "Find",
    "aria-label": "Find Tasks, TaskQueues or Workers",
    on: { input: () => sift() },
  });
  const follow = button("Follow now", "secondary", () => move(() => (view.look.end = null)), {
    "aria-pressed": "true",
    title: "Keep now in view (n)",
  });
  const zooms = [
    ["−", "Zoom out (−)", 1.6],
    ["+", "Zoom in (+)", 1 / 1.6],
  ].map(([text, label, factor]) =>
    button(text, "secondary", () => move((now) => view.zoom(factor, now)), { "aria-label": label, title: label }),
  );
  const all = button("All", "secondary", () => move(fit), { title: "All lanes, from the first event to now (0)" });
  panel.aside.append(
    el(
      "div",
      { class: "lk-switches", role: "radiogroup", "aria-label": "One lane for each" },
      choice("tasks", "Tasks"),
      choice("workers", "Workers"),
    ),
    search,
    ...zooms,
    all,
    follow,
  );

  const count = el("div", { class: "lk-lane-label lk-soft" });
  const axis = svg("svg", { class: "lk-axis-plot", "aria-hidden": "true" });
  const grid = svg("svg", { class: "lk-grid", "aria-hidden": "true" });
  const rows = el("div", { class: "lk-lanes", role: "list" });
  const scroller = el(
    "div",
    {
      class: "lk-scroller",
      tabindex: "0",
      role: "group",
      "aria-label":
        "Lanes. Arrow up and down: lane. Left and right: its events. Shift with left and right: move in time. Plus, minus, 0: zoom. N: follow now. Enter: all events of the lane.",
    },
    rows,
  );
  const empty = emptyState(
    "Nothing has happened yet",
    "Create a Task: its lane begins here, and grows through pending, reserved, assigned and wrapping until it is completed.",
  );
  const details = detailsOf({ ask: (...given) => wire.ask(...given) }, () => open(null));
  panel.body.append(
    patterns(id),
    legend(id),
    el("div", { class: "lk-axis" }, count, axis),
    el("div", { class: "lk-stage" }, grid, scroller, empty),
    details.root,
  );

  const found = (lane, words) =>
    !words ||
    [lane.name, lane.sid, lane.queue, lane.state, ...lane.stretches.map((each) => each[3])].some((text) =>
      (text || "").toLowerCase().includes(words),
    );
  const sift = () => {
    const words = search.value.trim().toLowerCase();
    const known = store.list(by);
    lanes = known.filter((lane) => found(lane, words));
    lanes.sort(
      by === "tasks"
        ? (a, b) => (b.begin || 0) - (a.begin || 0) || (a.sid < b.sid ? 1 : -1)
        : (a, b) => a.name.localeCompare(b.name),
    );
    const noun = `${by === "tasks" ? "Task" : "Worker"}${known.length === 1 ? "" : "s"}`;
    setText(
      count,
      lanes.length === known.length ? `${known.length} ${noun}` : `${lanes.length} of ${known.length} ${noun}`,
    );
    common = commonStart(known.map((lane) => lane.queue).filter(Boolean));
    empty.hidden = known.length > 0;
    const lane = opened && known.find((each) => each.sid === opened);
    if (opened) details.show(lane || null, wire.now());
    soon();
  };
  const fit = (now) => {
    const first = lanes.reduce((least, lane) => Math.min(least, lane.begin || now), now - 20e3);
    Object.assign(view.look, { end: null, chosen: true });
    view.look.span = Math.min(LONGEST_MS, (now - first) * 1.1);
  };
  const move = (change) => {
    change(wire.now());
    tip.hide();
    soon();
  };
  const choose = (value) => {
    [by, picked] = [value, null];
    open(null);
    scroller.scrollTop = 0;
    sift();
    store.pull(() => by);
  };
  const open = (sid) => {
    opened = sid === opened ? null : sid;
    details.show(lanes.find((lane) => lane.sid === opened) || null, wire.now());
    soon();
  };

  const paint = () => {
    const now = wire.now();
    const tall = HEIGHTS[by];
    view.settle(
      lanes.reduce((least, lane) => Math.min(least, lane.begin || now), now),
      now,
    );
    const places = new Map(lanes.map((lane, index) => [lane.sid, index]));
    const first = Math.max(0, Math.floor(scroller.scrollTop / tall) - 1);
    const shown = lanes.slice(first, first + Math.ceil(scroller.clientHeight / tall) + 2);
    rows.style.height = `${lanes.length * tall}px`;
    keyed(
      rows,
      shown,
      (lane) => lane.sid,
      (lane) => createLane(lane, open),
      (node, lane) => {
        node.style.transform = `translateY(${places.get(lane.sid) * tall}px)`;
        node.style.height = `${tall}px`;
        node.dataset.picked = String(picked?.sid === lane.sid);
        setAttribute(node, "aria-setsize", String(lanes.length));
        setAttribute(node, "aria-posinset", String(places.get(lane.sid) + 1));
        setText(node.lk.name, lane.name);
        setText(
          node.lk.about,
          lane.activities ? lane.state : common ? `… ${lane.queue.slice(common.length)}` : nameEnd(lane.queue),
        );
        setAttribute(node.lk.about, "title", lane.queue);
        setAttribute(node.lk.label, "aria-expanded", String(lane.sid === opened));
        // What is seen comes first: who speaks to the computer says what they see.
        setAttribute(node.lk.label, "aria-label", `${node.lk.label.textContent}. ${laneWords(lane, now)}`);
        drawLane(node, lane, { id, view, now, picked: picked?.sid === lane.sid ? picked.at : null });
      },
    );
    const { lines, labels } = gridLines(view, now, scroller.clientHeight);
    const x = view.x(now, now);
    grid.replaceChildren(...lines, svg("path", { d: `M${x} 0v${scroller.clientHeight}`, class: "lk-now" }));
    axis.replaceChildren(...labels.filter((label) => Math.abs(label.getAttribute("x") - x) > 46));
    if (x >= 0 && x <= view.look.wide) {
      const label = svg("text", { x, y: 17, class: "lk-tick lk-tick-now" });
      label.textContent = "now";
      axis.append(label);
    }
    setAttribute(follow, "aria-pressed", String(view.look.end === null));
  };
  let frameAsked = false;
  const soon = () => {
    if (frameAsked || stopped) return;
    frameAsked = true;
    requestAnimationFrame(() => {
      frameAsked = false;
      if (!stopped && scroller.isConnected) paint();
    });
  };

  const pick = (lane, at) => {
    picked = { sid: lane.sid, at };
    const now = wire.now();
    view.show(at, now);
    const place = lanes.indexOf(lane) * HEIGHTS[by];
    if (place < scroller.scrollTop) scroller.scrollTop = place;
    if (place + HEIGHTS[by] > scroller.scrollTop + scroller.clientHeight)
      scroller.scrollTop = place + HEIGHTS[by] - scroller.clientHeight;
    const box = scroller.getBoundingClientRect();
    const words = tip.show(lane, at, now, 1, [
      box.right - view.look.wide + view.x(at, now),
      box.top + place - scroller.scrollTop + HEIGHTS[by],
    ]);
    panel.say(`${lane.name}, ${exactTime(at)}. ${words}`);
    soon();
  };
  const moments = (lane) => [...new Set(lane.marks.map((mark) => mark[1]))];
  const stepLane = (by_) => {
    const place = lanes.findIndex((lane) => lane.sid === picked?.sid);
    const lane = lanes[place < 0 ? 0 : Math.min(Math.max(place + by_, 0), lanes.length - 1)];
    if (lane) pick(lane, moments(lane).at(-1) ?? wire.now());
  };
  const stepEvent = (choose_) => {
    const lane = lanes.find((each) => each.sid === picked?.sid);
    if (!lane) return stepLane(0);
    pick(lane, choose_(moments(lane), picked.at) ?? picked.at);
  };
  const KEYS = {
    "+": () => move((now) => view.zoom(1 / 1.6, now)),
    "=": () => KEYS["+"](),
    "-": () => move((now) => view.zoom(1.6, now)),
    0: () => move(fit),
    n: () => follow.click(),
    ArrowUp: () => stepLane(-1),
    ArrowDown: () => stepLane(1),
    ArrowLeft: () => stepEvent((all_, at) => all_.findLast((each) => each < at)),
    ArrowRight: () => stepEvent((all_, at) => all_.find((each) => each > at)),
    Home: () => stepEvent((all_) => all_[0]),
    End: () => stepEvent((all_) => all_.at(-1)),
    Enter: () => picked && open(picked.sid),
    Escape: () => move(() => (picked = null)),
  };
  scroller.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== scroller) return;
    const sideways = event.shiftKey && { ArrowLeft: -0.25, ArrowRight: 0.25 }[event.key];
    const act = sideways ? () => move((now) => view.pan(view.look.span * sideways, now)) : KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });
  scroller.addEventListener(
    "wheel",
    (event) => {
      const sideways = event.deltaX || (event.shiftKey && event.deltaY);
      if (!event.ctrlKey && !event.metaKey && !sideways) return;
      event.preventDefault();
      const x = event.clientX - scroller.getBoundingClientRect().right + view.look.wide;
      if (event.ctrlKey || event.metaKey)
        move((now) => view.zoom(Math.exp(Math.sign(event.deltaY) * 0.18), now, view.at(x, now)));
      else move((now) => view.pan((sideways / view.look.wide) * view.look.span, now));
    },
    { passive: false },
  );
  let drag = null;
  scroller.addEventListener("pointerdown", (event) => {
    if (event.button === 0 && event.target.closest(".lk-lane-plot")) drag = { x: event.clientX };
  });
  const drop = () => (drag = null);
  window.addEventListener("pointerup", drop);
  let pointer = "";
  scroller.addEventListener("pointermove", (event) => {
    // What is drawn anew below a resting pointer counts as a move; it must not take the keyboard's tooltip away.
    if (pointer === `${event.clientX},${event.clientY}`) return;
    pointer = `${event.clientX},${event.clientY}`;
    if (drag && Math.abs(event.clientX - drag.x) > 2) {
      const by_ = drag.x - event.clientX;
      drag.x = event.clientX;
      return move((now) => view.pan((by_ / view.look.wide) * view.look.span, now));
    }
    const node = event.target.closest(".lk-lane");
    const lane = node && event.target.closest(".lk-lane-plot") && lanes.find((each) => each.sid === node.dataset.sid);
    if (!lane) return void tip.hide();
    const now = wire.now();
    const at = view.at(event.clientX - node.lk.plot.getBoundingClientRect().left, now);
    tip.show(lane, Math.min(at, now), now, (NEAR_PX / view.look.wide) * view.look.span, [event.clientX, event.clientY]);
  });
  scroller.addEventListener("pointerleave", tip.hide);
  scroller.addEventListener("blur", tip.hide);
  scroller.addEventListener("scroll", soon, { passive: true });

  const wire = connect(model, panel, () => store.pull(() => by));
  const store = laneStore(wire, sift);
  const sized = new ResizeObserver(() => {
    view.look.wide = Math.max(80, axis.clientWidth);
    soon();
  });
  sized.observe(scroller);
  sift();
  wire.start();
  let timer = setTimeout(function tick() {
    if (!document.hidden) soon();
    timer = setTimeout(tick, Math.min(1000, Math.max(100, view.look.span / view.look.wide)));
  }, 100);
  return () => {
    stopped = true;
    clearTimeout(timer);
    sized.disconnect();
    window.removeEventListener("pointerup", drop);
    wire.stop();
  };
}

export default { render };
