// Traffic: a line for each HTTP exchange, newest first; opened, it shows the request and the response as they were.

function createRow(row, wire) {
  const id = uniqueId("exchange");
  const parts = {
    details: el("div", { class: "lk-exchange-details", id, hidden: true }),
    summary: row.kind === "call" ? callLine(row) : exchangeLine(row),
  };
  const opener = el("button", { type: "button", class: "lk-exchange-line", "aria-expanded": "false", "aria-controls": id, on: { click: () => toggle(node, wire) } });
  opener.append(el("span", { class: "lk-exchange-caret", "aria-hidden": "true", text: "▸" }), ...parts.summary);
  const node = el("li", { class: "lk-exchange", data: { number: row.number, kind: row.kind, path: row.path, status: statusOf(row) } }, opener, parts.details);
  node.lk = { ...parts, opener };
  node.row = row;
  return node;
}

const statusOf = (row) => (row.status === null || row.status === undefined ? "none" : row.status);

function statusMark(row) {
  const ok = row.status >= 200 && row.status < 300;
  const words = row.status === null || row.status === undefined ? "no answer" : String(row.status);
  return el("span", { class: "lk-exchange-status", data: { light: ok ? "green" : "red" } }, light(ok ? "green" : "red"), el("span", { text: words }));
}

function exchangeLine(row) {
  const about = [/^WR/.test(row.about) ? shortSid(row.about) : row.about, row.answer && `→ ${row.answer}`].filter(Boolean).join(" ");
  return [
    when(row),
    el("span", { class: "lk-exchange-what" }, el("span", { class: "lk-exchange-method", text: row.method }), el("span", { class: "lk-mono", text: row.path })),
    el("span", { class: "lk-exchange-about", text: row.error || about, title: row.error || about }),
    statusMark(row),
    took(row),
  ];
}

/** A REST path for a narrow column: what it is about stands at its end, behind long SIDs. */
const shortPath = (path) =>
  path.replace(/^\/v1\/Workspaces\/WS[0-9a-f]{32}(?=[/?])/, "…").replace(/[A-Z]{2}[0-9a-f]{32}/g, (sid) => shortSid(sid));

function callLine(row) {
  return [
    when(row),
    el("span", { class: "lk-exchange-what" }, el("span", { class: "lk-exchange-method", text: row.method }), el("span", { class: "lk-soft", text: "REST" })),
    el("span", { class: "lk-exchange-about lk-mono", text: shortPath(row.path), title: row.path }),
    statusMark(row),
    took(row),
  ];
}

const when = (row) => el("time", { class: "lk-soft", text: timeOfDay(row.at), datetime: new Date(row.at).toISOString(), title: exactly(row.at) });
const took = (row) => el("span", { class: "lk-exchange-took lk-soft", text: Number.isFinite(row.milliseconds) ? `${row.milliseconds < 10 ? row.milliseconds.toFixed(1) : Math.round(row.milliseconds)} ms` : "" });

async function toggle(node, wire) {
  const { opener, details } = node.lk;
  const opens = details.hidden;
  opener.setAttribute("aria-expanded", String(opens));
  details.hidden = !opens;
  if (!opens || node.filled) return;
  details.replaceChildren(el("div", { class: "lk-soft", text: "Reading…" }));
  const answer = await wire.ask("details", { number: node.row.number });
  node.filled = answer.ok;
  if (!answer.ok) details.replaceChildren(el("div", { class: "lk-problem", text: answer.text }));
  else details.replaceChildren(...(node.row.kind === "call" ? callDetails(answer.details) : exchangeDetails(node.row, answer.details)));
}

function callDetails(details) {
  return [section("Form", fields(details.form, "nothing was sent"))];
}

function exchangeDetails(row, details) {
  const sent = details.form.length ? section("Form", fields(details.form)) : section("Body", code(details.body || "(empty)"));
  const request = side("Request", `${row.method} ${row.path}`, [
    verdict(row, details),
    sent,
    section("Headers", fields(details.headers, "none")),
    details.form.length ? folded("Body as sent", code(details.body)) : null,
  ]);
  const response = side("Response", `${row.status ?? "no answer"}`, [
    row.error ? el("div", { class: "lk-problem", text: row.error }) : null,
    section("Body", code(pretty(details.response_body) || "(empty)")),
    section("Headers", fields(details.response_headers, "none")),
  ]);
  return [el("div", { class: "lk-exchange-sides" }, request, response)];
}

function verdict(row, details) {
  if (!row.signature) return null;
  const lines = [el("div", {}, el("strong", { text: "Signature: " }), el("span", { text: row.signature }))];
  if (details.signed_url && details.signed_url !== details.url_seen) {
    lines.push(el("div", { class: "lk-soft" }, el("span", { text: "signed for " }), el("span", { class: "lk-mono", text: details.signed_url })));
    lines.push(el("div", { class: "lk-soft" }, el("span", { text: "seen here as " }), el("span", { class: "lk-mono", text: details.url_seen })));
  }
  const colour = row.signature === "valid" ? "green" : "red";
  return el("div", { class: "lk-verdict", data: { light: colour } }, light(colour), el("div", {}, ...lines));
}

function side(title, line, parts) {
  return el("div", { class: "lk-exchange-side" }, el("div", { class: "lk-exchange-title" }, el("span", { text: title }), el("span", { class: "lk-mono", text: line })), ...parts);
}

function section(title, content) {
  return el("div", { class: "lk-section" }, el("div", { class: "lk-section-title", text: title }), content);
}

function folded(title, content) {
  return el("details", { class: "lk-section" }, el("summary", { class: "lk-section-title", text: title }), content);
}

function fields(items, none = "none") {
  if (!items.length) return el("div", { class: "lk-soft", text: none });
  const list = el("dl", { class: "lk-pairs lk-mono" });
  for (const [name, value] of items) list.append(el("div", { class: "lk-pair" }, el("dt", { text: name }), el("dd", { text: pretty(value) })));
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
  const rest = el("input", { type: "checkbox", checked: true, on: { change: () => draw(model.get("state")) } });
  const list = el("ul", { class: "lk-exchanges" });
  const empty = emptyState("No traffic yet", "Each callback from TaskRouter appears here with its request and the answer that it got, and each REST call.");
  view.aside.append(el("label", { class: "lk-check" }, rest, el("span", { text: "REST calls" })));
  view.body.append(empty, list);
  const draw = (state) => {
    const rows = (state.rows || []).filter((row) => rest.checked || row.kind !== "call");
    keyed(list, rows, (row) => row.number, (row) => createRow(row, wire), () => {});
    empty.hidden = rows.length > 0;
  };
  const wire = connect(model, view, draw);
  wire.start();
  return wire.stop;
}

export default { render };
