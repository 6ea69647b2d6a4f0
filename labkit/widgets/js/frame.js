// The frame of a panel: its title, what stands beside it, a warning, and what is read out.

import { el, setText } from "./dom.js";

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

/** Nothing here yet: what will come, and what to do. */
export function emptyState(title, text) {
  return el("div", { class: "lk-empty" }, el("div", { class: "lk-empty-title", text: title }), el("div", { text }));
}
