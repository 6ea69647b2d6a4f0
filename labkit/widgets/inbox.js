// Inbox: a card for each Reservation, with the time that is left and what can be done with it.

const STAYS_AFTER_END_MS = 6000;
const FADES_MS = 500;
const ROUND = 2 * Math.PI * 22;

const ACTIONS = {
  accept: { label: "Accept", busy: "Accepting…", kind: "primary", from: ["pending"] },
  reject: { label: "Reject", busy: "Rejecting…", kind: "secondary", from: ["pending"] },
  complete: { label: "Complete", busy: "Completing…", kind: "primary", from: ["accepted", "wrapping"] },
  wrap_up: { label: "Wrap up", busy: "Wrapping up…", kind: "secondary", from: ["accepted"] },
};

function createCard(card, wire) {
  const ring = svg("circle", { cx: 26, cy: 26, r: 22, class: "lk-ring-left", "stroke-dasharray": ROUND });
  const dial = svg("svg", { viewBox: "0 0 52 52", "aria-hidden": "true" }, svg("circle", { cx: 26, cy: 26, r: 22, class: "lk-ring-whole" }), ring);
  const parts = {
    ring,
    left: el("span", { class: "lk-ring-text" }),
    worker: el("div", { class: "lk-card-worker" }),
    queue: el("div", { class: "lk-card-queue" }),
    badge: badge(card.status),
    attributes: el("dl", { class: "lk-pairs lk-card-attributes" }),
    priority: el("span"),
    age: el("span"),
    task: el("span", { class: "lk-mono" }),
    why: el("div", { class: "lk-card-why" }),
    said: el("div", { class: "lk-card-said lk-problem", role: "status" }),
    buttons: {},
  };
  const timer = el("div", { class: "lk-ring", role: "timer", "aria-label": "Time left to answer" }, dial, parts.left);
  for (const [name, action] of Object.entries(ACTIONS)) {
    parts.buttons[name] = button(action.label, action.kind, () => act(node, name, wire));
  }
  const node = el(
    "li", { class: "lk-card", tabindex: "-1", data: { sid: card.sid, status: card.status } },
    el("div", { class: "lk-card-head" }, timer, el("div", { class: "lk-card-who" }, el("div", { class: "lk-card-top" }, parts.worker, parts.badge), parts.queue)),
    parts.attributes,
    el("div", { class: "lk-card-facts" }, parts.priority, parts.age, parts.task),
    el("div", { class: "lk-card-actions" }, ...Object.values(parts.buttons), parts.why),
    parts.said,
  );
  node.lk = parts;
  return node;
}

function updateCard(node, card) {
  const { lk } = node;
  node.card = card;
  node.dataset.status = card.status;
  const worker = card.worker || shortSid(card.sid);
  node.setAttribute("aria-label", `Reservation of ${worker}, ${card.status}`);
  setText(lk.worker, worker);
  setText(lk.queue, card.queue || "\u00a0");
  setBadge(lk.badge, card.status);
  pairs(lk.attributes, card.attributes.length ? card.attributes : [["attributes", "none"]]);
  setText(lk.priority, `Priority ${card.priority}`);
  setText(lk.task, shortSid(card.task));
  lk.task.title = card.task;
  setText(lk.why, card.why);
  const focusIsHere = node.contains(document.activeElement);
  for (const [name, { from }] of Object.entries(ACTIONS)) lk.buttons[name].hidden = !from.includes(card.status);
  if (focusIsHere && !node.contains(document.activeElement)) node.focus();
  if (card.ended) setText(lk.said, "");
}

function updateTimes(node, now) {
  const { card, lk } = node;
  setText(lk.age, card.task_created ? `Task age ${howLong(now - card.task_created)}` : "Task age unknown");
  lk.age.title = exactly(card.task_created) || "";
  const pending = card.status === "pending";
  const left = card.deadline ? card.deadline - now : null;
  const share = left === null ? 1 : Math.min(1, Math.max(0, left / (card.deadline - card.created || 1)));
  lk.ring.style.strokeDashoffset = pending ? ROUND * (1 - share) : 0;
  node.dataset.time = pending && left !== null && left < 15000 ? "short" : pending ? "enough" : "none";
  setText(lk.left, !pending ? MARKS[card.status] || "–" : left === null ? "…" : countdown(left));
  lk.left.parentNode.title = pending && card.deadline ? `Times out at ${exactly(card.deadline)}` : "";
  node.classList.toggle("lk-leaving", Boolean(card.ended) && now - card.ended > STAYS_AFTER_END_MS - FADES_MS);
}

const MARKS = { accepted: "✓", wrapping: "✓", completed: "✓", rejected: "✕", canceled: "✕", rescinded: "✕", timeout: "0:00" };

async function act(node, name, wire) {
  const { lk, card } = node;
  const others = Object.values(lk.buttons).filter((other) => other !== lk.buttons[name]);
  for (const other of others) other.disabled = true;
  setText(lk.said, "");
  const answer = await press(lk.buttons[name], ACTIONS[name].busy, () => wire.ask(name, { sid: card.sid, task: card.task }));
  for (const other of others) other.disabled = false;
  if (!answer.ok) setText(lk.said, answer.text);
}

function counts(cards) {
  const open = cards.filter((card) => !card.ended);
  const pending = open.filter((card) => card.status === "pending").length;
  if (!open.length) return "";
  const taken = open.length - pending;
  return [pending && `${pending} pending`, taken && `${taken} in progress`].filter(Boolean).join(", ");
}

function render({ model, el: host }) {
  const view = frame(host, "inbox", "Inbox");
  const list = el("ul", { class: "lk-cards" });
  const more = el("div", { class: "lk-soft lk-more", hidden: true });
  const empty = emptyState(
    "No Reservation is waiting",
    "Create a Task and let a Worker who fits it be Available. TaskRouter then reserves the Worker, " +
      "and the Reservation appears here to be accepted or rejected.",
  );
  view.body.append(empty, list, more);
  let known = new Set();

  const draw = (state) => {
    const now = wire.now();
    const cards = (state.cards || []).filter((card) => !card.ended || now - card.ended < STAYS_AFTER_END_MS);
    keyed(list, cards, (card) => card.sid, (card) => createCard(card, wire), (node, card) => {
      const written = JSON.stringify(card);
      if (node.written === written) return;
      node.written = written;
      updateCard(node, card);
      updateTimes(node, now);
    });
    empty.hidden = cards.length > 0;
    more.hidden = !state.more;
    setText(more, `and ${state.more} more, which appear as these are answered`);
    setText(view.aside, counts(cards));
    const fresh = cards.find((card) => card.status === "pending" && !known.has(card.sid));
    if (fresh) view.say(`New Reservation of ${fresh.worker || "a Worker"}`);
    known = new Set(cards.map((card) => card.sid));
  };

  const wire = connect(model, view, draw);
  wire.start();
  const endTicking = every(250, () => {
    const now = wire.now();
    let gone = false;
    for (const node of list.children) {
      updateTimes(node, now);
      gone = gone || (node.card.ended && now - node.card.ended >= STAYS_AFTER_END_MS);
    }
    if (gone) draw(model.get("state"));
  });
  return () => {
    endTicking();
    wire.stop();
  };
}

export default { render };
