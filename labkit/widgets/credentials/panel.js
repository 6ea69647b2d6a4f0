// @ts-check
// CredentialsPanel: Account SID, then Auth Token or API key. What is typed goes to the kernel once and stays nowhere.

import { button, press } from "../js/buttons.js";
import { el, setText, uniqueId } from "../js/dom.js";
import { frame } from "../js/frame.js";
import { panelScript } from "../js/reconnect.js";
import { connect } from "../js/wire.js";

/** @import { KernelTime, Shown, Wire } from "../js/wire.js" */
/** @typedef {KernelTime & { why?: string, account_sid?: string, done?: string }} State */
/** @typedef {Record<string, string>} Values by the names of their variables */
/** @typedef {Wire<{ use: {} }>} CredentialsWire */
/** @typedef {ReturnType<typeof field>} Field */

const FIRST_PAGE = "On the first page of the Twilio Console, under Account Info.";
const KEYS_PAGE = "In the Console under Account, API keys & tokens.";
const KEPT = "For this kernel: kept in its memory, and written nowhere.";

/**
 * @param {string} variable
 * @param {string} label
 * @param {string} hint
 * @param {boolean} [hidden] whether what is typed is shown as dots
 */
function field(variable, label, hint, hidden = false) {
  const id = uniqueId("field");
  const hintId = uniqueId("hint");
  const input = el("input", {
    id,
    type: hidden ? "password" : "text",
    autocomplete: "off",
    spellcheck: "false",
    autocapitalize: "off",
    "aria-describedby": hintId,
    data: { "1pIgnore": "true", lpignore: "true" },
  });
  const said = el("div", { id: hintId, class: "lk-soft lk-sign-hint", text: hint });
  const root = el("div", { class: "lk-sign-field" }, el("label", { for: id, text: label }), input, said);
  return { root, input, variable, hidden };
}

/** The two ways to sign in: which is chosen, and its fields. */
function ways() {
  const name = uniqueId("way");
  const token = [field("TWILIO_AUTH_TOKEN", "Auth Token", `${FIRST_PAGE} Callbacks are signed with it.`, true)];
  const key = [
    field("TWILIO_API_KEY_SID", "API key SID", `${KEYS_PAGE} It begins with SK.`),
    field("TWILIO_API_KEY_SECRET", "API key secret", "The Console shows it once, when the key is made.", true),
  ];
  const boxes = { token: el("div", {}, ...token.map(rootOf)), key: el("div", { hidden: true }, ...key.map(rootOf)) };
  const byToken = el("input", { type: "radio", name, checked: true });
  const byKey = el("input", { type: "radio", name });
  for (const choice of [byToken, byKey]) {
    choice.addEventListener("change", () => {
      boxes.token.hidden = !byToken.checked;
      boxes.key.hidden = byToken.checked;
    });
  }
  const choices = el(
    "div",
    { class: "lk-sign-ways", role: "radiogroup", "aria-label": "Sign in with" },
    el("label", { class: "lk-check" }, byToken, "Auth Token"),
    el("label", { class: "lk-check" }, byKey, "API key (callbacks stay where they are)"),
  );
  return {
    nodes: [choices, boxes.token, boxes.key],
    all: [...token, ...key],
    used: () => (byToken.checked ? token : key),
  };
}

/** @param {Field} one */
const rootOf = (one) => one.root;

/**
 * What was typed, taken out of the fields that hide it.
 *
 * @param {readonly Field[]} fields
 */
function take(fields) {
  /** @type {Values} */
  const values = {};
  for (const { input, variable, hidden } of fields) {
    values[variable] = input.value;
    if (hidden) input.value = "";
  }
  return values;
}

/** @param {Shown<State>} shown */
function render({ model, el: host }) {
  const view = frame(host, "credentials", "Sign in to Twilio");
  const why = el("p", { class: "lk-sign-why" });
  const account = field("TWILIO_ACCOUNT_SID", "Account SID", `${FIRST_PAGE} It begins with AC.`);
  const way = ways();
  const said = el("div", { class: "lk-sign-said", role: "alert" });
  const go = button("Use them", "primary", () => submit());
  const form = el(
    "div",
    { class: "lk-sign-form" },
    account.root,
    ...way.nodes,
    el("div", { class: "lk-sign-go" }, go, el("span", { class: "lk-soft", text: KEPT })),
    said,
  );
  const done = el("div", { class: "lk-sign-done", role: "status", hidden: true });
  view.body.append(why, form, done);
  // Not by a form's own submission, which does not come through in JupyterLab.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    submit();
  });

  async function submit() {
    if (go.disabled) return;
    setText(said, "");
    const values = take([account, ...way.used()]);
    const answer = await press(go, "Asking Twilio…", () => wire.ask("use", { values }));
    setText(said, answer.ok ? "" : answer.text);
    if (!answer.ok)
      way
        .used()
        .find(({ input }) => !input.value)
        ?.input.focus();
  }

  /** @type {CredentialsWire} */
  const wire = connect(model, view, (state) => {
    setText(why, state.why);
    if (!account.input.value && document.activeElement !== account.input) account.input.value = state.account_sid || "";
    setText(done, state.done);
    done.hidden = !state.done;
    form.hidden = why.hidden = Boolean(state.done);
    if (state.done) for (const { input } of way.all) input.value = "";
  });
  wire.start();
  return wire.stop;
}

export default panelScript("credentials", render);
