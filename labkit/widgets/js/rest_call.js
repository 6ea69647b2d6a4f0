// A REST call as a line, as it would be sent or as it was answered.

import { el } from "./dom.js";
import { restPath, shortSids } from "./format.js";
import { light } from "./lights.js";

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
