// @ts-check
// The exchange that is chosen: the request and the response as they were, what went wrong, what can be done with it.

import { button, copyButton, press } from "../js/buttons.js";
import { el, setText } from "../js/dom.js";
import { light } from "../js/lights.js";
import { whyButton } from "../js/why.js";
import { answered, isError, took } from "./exchanges.js";

/**
 * @import { Child } from "../js/dom.js"
 * @import { Colour } from "../js/lights.js"
 * @import { WhyAnswers } from "../js/why.js"
 * @import { Wire } from "../js/wire.js"
 * @import { Exchange } from "./exchanges.js"
 */
/** @typedef {[name: string, value: string][]} Fields */
/**
 * What Python tells of one exchange when it is opened.
 *
 * @typedef {object} Details
 * @property {string} method
 * @property {string} url
 * @property {string} signed_url
 * @property {string} error all of it, which the row has the beginning of
 * @property {Fields} headers
 * @property {Fields} form
 * @property {string} body
 * @property {Fields} response_headers
 * @property {string} response_body
 * @property {string | number | null} code
 * @property {string} meaning of the code
 * @property {string} remark the sandbox's
 * @property {string} task its SID, where it is about one
 * @property {string} curl
 */
/** @typedef {WhyAnswers & { rows: { rows: Exchange[] }, details: { details: Details }, redeliver: {} }} Answers */
/** @typedef {Wire<Answers>} TrafficWire */

/**
 * @param {TrafficWire} wire
 * @param {() => boolean} redelivers whether callbacks can be sent once more
 * @param {() => void} onClose
 */
export function detailPane(wire, redelivers, onClose) {
  const root = el("div", {
    class: "lk-exchange-details",
    role: "region",
    "aria-label": "Chosen exchange",
    hidden: true,
  });
  /** @type {Exchange | null} */
  let chosen = null;
  /** @param {Exchange | null} row */
  const show = async (row) => {
    chosen = row;
    root.hidden = !row;
    if (!row) return;
    const answer = await wire.ask("details", { number: row.number });
    if (chosen !== row) return;
    if (!answer.ok) {
      root.replaceChildren(el("div", { class: "lk-problem", text: answer.text }));
      return;
    }
    const { details } = answer;
    const tools = [
      details.task && whyButton(wire, details.task),
      details.curl && copyButton("Copy as curl", () => details.curl, "Copy as curl"),
    ];
    const again = redelivers() && /assignment|event/.test(row.kind) ? redelivery(wire, row) : null;
    const shut = button("Close", "quiet", onClose);
    root.replaceChildren(
      el(
        "div",
        { class: "lk-exchange-head" },
        el(
          "div",
          { class: "lk-exchange-title" },
          el("span", { class: "lk-exchange-method", text: details.method }),
          el("span", { class: "lk-mono", text: details.url }),
        ),
        el("div", { class: "lk-exchange-does" }, ...tools, again?.button, shut),
        again?.said,
      ),
      ...trouble(row, details),
      sides(row, details),
    );
  };
  return { root, show };
}

/**
 * A button that has a callback sent once more, and what came of it.
 *
 * @param {TrafficWire} wire
 * @param {Exchange} row
 */
function redelivery(wire, row) {
  const said = el("div", { class: "lk-exchange-said", role: "status" });
  const deliver = async () => {
    const answer = await press(again, "Delivering…", () => wire.ask("redeliver", { number: row.number }));
    setText(said, answer.text);
    said.classList.toggle("lk-problem", !answer.ok);
  };
  const again = button("Deliver again", "quiet", deliver, { data: { acts: true } });
  return { button: again, said };
}

/**
 * @param {Exchange} row
 * @param {Details} details
 */
function trouble(row, details) {
  const meaning = el("span", { text: details.meaning || "an error of Twilio's" });
  const lines = [
    details.code && el("div", {}, el("strong", { text: `${details.code}: ` }), meaning),
    row.error && el("div", { text: details.error || row.error }),
    details.remark && el("div", { class: "lk-soft", text: `The sandbox says: ${details.remark}` }),
  ].filter(Boolean);
  return lines.length ? [verdictBox(isError(row) || details.code ? "red" : "grey", lines)] : [];
}

/**
 * @param {Colour} colour
 * @param {Child[]} lines
 */
const verdictBox = (colour, lines) =>
  el("div", { class: "lk-verdict", data: { light: colour } }, light(colour), el("div", {}, ...lines));

/**
 * @param {Exchange} row
 * @param {Details} details
 */
function sides(row, details) {
  const { form, body, curl, headers } = details;
  const sent = form.length || !body ? section("Form", fields(form, "nothing was sent")) : section("Body", code(body));
  const status = [answered(row) ? row.status : "no answer", took(row)].filter(Boolean).join(" · ");
  return el(
    "div",
    { class: "lk-exchange-sides" },
    side(
      "Request",
      "",
      verdict(row, details),
      sent,
      folded(`Headers (${headers.length})`, fields(headers)),
      form.length && body ? folded("Body as sent", code(body)) : null,
      curl ? folded("As curl", code(curl)) : null,
    ),
    side(
      "Response",
      status,
      section("Body", code(pretty(details.response_body) || "(empty)")),
      folded(`Headers (${details.response_headers.length})`, fields(details.response_headers)),
    ),
  );
}

/**
 * Whether the signature is right, and for which URL it was made, or should have been.
 *
 * @param {Exchange} row
 * @param {Details} details
 */
function verdict({ signature }, { signed_url, url }) {
  if (!signature) return null;
  const valid = signature === "valid";
  /** @param {string} words @param {string} address */
  const line = (words, address) =>
    el("div", {}, el("span", { text: `${words} ` }), el("span", { class: "lk-mono", text: address }));
  return verdictBox(valid ? "green" : "red", [
    el("div", {}, el("strong", { text: "Signature: " }), el("span", { text: signature })),
    signed_url && (signed_url !== url || !valid) && line(valid ? "signed for" : "expected for", signed_url),
    !valid && line("came as", url),
  ]);
}

/**
 * @param {string} title
 * @param {string} line
 * @param {...(Node | null)} parts
 */
function side(title, line, ...parts) {
  const head = el("span", { text: title });
  const soft = el("span", { class: "lk-soft", text: line });
  return el("div", { class: "lk-exchange-side" }, el("div", { class: "lk-exchange-side-title" }, head, soft), ...parts);
}

/**
 * @param {string} title
 * @param {Node} content
 */
const section = (title, content) =>
  el("div", { class: "lk-section" }, el("div", { class: "lk-section-title", text: title }), content);

/**
 * @param {string} title
 * @param {Node} content
 */
const folded = (title, content) =>
  el("details", { class: "lk-section" }, el("summary", { class: "lk-section-title", text: title }), content);

/**
 * @param {Fields} items
 * @param {string} [none]
 */
function fields(items, none = "none") {
  if (!items.length) return el("div", { class: "lk-soft", text: none });
  const pairs = items.map(([name, value]) =>
    el("div", { class: "lk-pair" }, el("dt", { text: name }), el("dd", { text: pretty(value) })),
  );
  return el("dl", { class: "lk-pairs lk-mono" }, ...pairs);
}

/** @param {string} text */
const code = (text) => el("pre", { class: "lk-pre", tabindex: "0", text });

/**
 * JSON objects and lists with line breaks, when they do not fit one line; anything else as it was.
 *
 * @param {string} text
 */
export function pretty(text) {
  if (!/^\s*[[{]/.test(text) || text.length < 60) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
