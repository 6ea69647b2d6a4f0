// @ts-check
// The desk: the lab's panels in one view. Each panel is drawn where it is first seen, and kept from then on.

import { button } from "../js/buttons.js";
import { el, setText, uniqueId } from "../js/dom.js";
import { ownKeys } from "../js/frame.js";
import { light } from "../js/lights.js";
import { lookSwitch } from "../js/look.js";
import { panelScript } from "../js/reconnect.js";
import { every } from "../js/timers.js";
import { connect, isPageOfItsOwn } from "../js/wire.js";
import { atAGlance } from "./at_a_glance.js";

/**
 * @import { Colour } from "../js/lights.js"
 * @import { WhyAnswers } from "../js/why.js"
 * @import { KernelTime, Shown, Wire } from "../js/wire.js"
 * @import { Glance } from "./at_a_glance.js"
 */
/** @typedef {{ name: string, ref: string }} PanelRef */
/** @typedef {{ key: string, title: string, panels: PanelRef[] }} View */
/** @typedef {{ light: Colour, text: string, detail: string }} Health */
/** @typedef {KernelTime & { workspace: string, view: string, views: View[], health: Health } & Glance} State */
/**
 * What anywidget gives to draw other widgets with.
 *
 * @typedef {object} Host
 * @property {(ref: string) => Promise<{ render: (where: { el: HTMLElement, signal: AbortSignal }) => unknown }>} getWidget
 */

const ASKS_EVERY_MS = 10_000; // a wall is looked at and not clicked, so nobody else would find out that it stands still
const SIZES = [1, 1.25, 1.5];
const LOOKS = "This page only shows: nothing can be changed from here.";
const FONT_SIZE = "--jp-ui-font-size1";

/**
 * Tabs as WAI-ARIA has them: one of them is in the tab order, the arrows move between them.
 *
 * @param {View[]} views
 * @param {string} panelId
 * @param {(key: string) => void} choose
 */
function tabs(views, panelId, choose) {
  const list = el("div", { class: "lk-tabs", role: "tablist", "aria-label": "Views of the desk" });
  const buttons = views.map((view) =>
    el("button", {
      type: "button",
      class: "lk-tab",
      role: "tab",
      text: view.title,
      id: `${panelId}-${view.key}-tab`,
      "aria-controls": `${panelId}-${view.key}`,
      data: { view: view.key },
      on: { click: () => choose(view.key) },
    }),
  );
  list.append(...buttons);
  list.addEventListener("keydown", (event) => {
    const at = buttons.findIndex((each) => each === document.activeElement);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (at < 0 || next === undefined) return;
    event.preventDefault();
    const index = (next + buttons.length) % buttons.length;
    buttons[index].focus();
    choose(views[index].key);
  });
  /** @param {string} key */
  const select = (key) => {
    for (const each of buttons) {
      const chosen = each.dataset.view === key;
      each.setAttribute("aria-selected", String(chosen));
      each.tabIndex = chosen ? 0 : -1;
    }
  };
  return { list, select };
}

/** @param {HTMLElement} root */
function textSize(root) {
  let at = 0;
  const rest = getComputedStyle(root).getPropertyValue(FONT_SIZE).trim() || "13px";
  /** @param {number} step */
  const set = (step) => {
    at = Math.min(SIZES.length - 1, Math.max(0, at + step));
    root.style.setProperty(FONT_SIZE, `calc(${rest} * ${SIZES[at]})`);
    smaller.disabled = at === 0;
    larger.disabled = at === SIZES.length - 1;
  };
  const smaller = button("A−", "quiet", () => set(-1), { "aria-label": "A− smaller text", title: "Smaller text" });
  const larger = button("A+", "quiet", () => set(1), {
    "aria-label": "A+ larger text",
    title: "Larger text, for a projector",
  });
  set(0);
  return [smaller, larger];
}

/** @param {HTMLElement} root */
function fullScreen(root) {
  if (!document.fullscreenEnabled) return null;
  const node = button("Full screen", "quiet", () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else root.requestFullscreen().catch(() => {});
  });
  root.addEventListener("fullscreenchange", () => {
    setText(node, document.fullscreenElement === root ? "Leave full screen" : "Full screen");
  });
  return node;
}

/**
 * Where the panels of one view stand; they are drawn when the view is first opened, and the kernel has made them.
 *
 * @param {View} view
 * @param {string} panelId
 * @param {Host} host
 * @param {AbortSignal} signal
 */
function place(view, panelId, host, signal) {
  const node = el("div", {
    class: "lk-desk-view",
    role: "tabpanel",
    id: `${panelId}-${view.key}`,
    tabindex: "-1",
    "aria-labelledby": `${panelId}-${view.key}-tab`,
    data: { view: view.key },
    hidden: true,
  });
  let drawn = false;
  /** @param {PanelRef[]} panels */
  const draw = (panels) => {
    if (drawn || panels.some(({ ref }) => !ref)) return drawn;
    drawn = true;
    for (const panel of panels) {
      const slot = el("div", { class: "lk-slot", data: { panel: panel.name } });
      node.append(slot);
      host
        .getWidget(panel.ref)
        .then((widget) => widget.render({ el: slot, signal }))
        .catch((error) => {
          console.error(error);
          slot.append(
            el("div", {
              class: "lk-problem",
              text: `The panel ${panel.name} cannot be shown here; run the cell again.`,
            }),
          );
        });
    }
    return drawn;
  };
  return { node, draw };
}

/**
 * The view that is seen. Its panels are drawn at once, or as soon as the kernel has made them.
 *
 * @param {Map<string, ReturnType<typeof place>>} places
 * @param {() => View[]} views as they are now
 */
function stageOf(places, views) {
  let chosen = "";
  let sought = "";
  const draw = () => {
    const { node, draw: drawIn } = places.get(chosen) ?? {};
    const drawn = drawIn?.(views().find(({ key }) => key === chosen)?.panels ?? []) ?? false;
    if (drawn && sought) {
      node?.querySelector(`[data-panel="${sought}"]`)?.scrollIntoView({ behavior: "smooth" });
      sought = "";
    }
    return drawn;
  };
  /**
   * @param {string} key
   * @param {string} [panel] to be seen as soon as it is drawn
   */
  const choose = (key, panel = "") => {
    chosen = key;
    sought = panel;
    for (const [each, { node }] of places) node.hidden = each !== key;
    return draw();
  };
  return { choose, draw };
}

/**
 * What stands above the views besides their tabs: the Workspace's name, and how the lab is, with the way to the reason.
 *
 * @param {() => void} showStatus
 */
function heading(showStatus) {
  const name = el("div", { class: "lk-title", role: "heading", "aria-level": "2" });
  const health = el("button", { type: "button", class: "lk-button lk-quiet lk-health", on: { click: showStatus } });
  let shown = "";
  /** @param {State} state */
  const update = (state) => {
    setText(name, state.workspace);
    const wanted = JSON.stringify(state.health);
    if (wanted === shown) return;
    shown = wanted;
    health.title = `${state.health.detail} Click for the status.`.trim();
    health.replaceChildren(light(state.health.light), el("span", { text: state.health.text }));
  };
  return { name, health, update };
}

/** @param {Shown<State> & { host: Host, signal: AbortSignal }} shown */
function render({ model, el: outer, host, signal }) {
  const { views } = model.get("state");
  const panelId = uniqueId("desk");
  const head = heading(() => {
    const view = views.find(({ panels }) => panels.some((panel) => panel.name === "status"));
    if (view) choose(view.key, "status");
  });
  const warning = el("div", { class: "lk-warning", role: "alert", hidden: true });
  const root = el("div", { class: "lk lk-desk", role: "region", "aria-label": "The desk" });
  ownKeys(root);
  outer.append(root);

  const drawing = new AbortController(); // ends the panels in it, also where the desk alone is drawn anew
  const both = AbortSignal.any([signal, drawing.signal]);
  const places = new Map(views.map((view) => [view.key, place(view, panelId, host, both)]));
  const stage = stageOf(places, () => model.get("state").views);
  let opened = "";
  /**
   * @param {string} key
   * @param {string} [sought] the panel to be seen
   */
  const choose = (key, sought) => {
    bar.select(key);
    glance.root.hidden = Boolean(views.find((view) => view.key === key)?.panels.some(({ name }) => name === "status"));
    if (!stage.choose(key, sought)) wire.ask("open", { view: key });
  };
  const bar = tabs(views, panelId, choose);
  const looks = model.get("look_only") && el("span", { class: "lk-badge lk-looks", text: "Look only", title: LOOKS });
  const look = lookSwitch(outer);
  const tools = el("div", { class: "lk-aside" }, looks, head.health, look.node, ...textSize(root), fullScreen(root));
  root.append(
    el("div", { class: "lk-head" }, head.name, bar.list, tools),
    warning,
    ...[...places.values()].map(({ node }) => node),
  );
  /** @param {string} text */
  const warn = (text) => {
    setText(warning, text);
    warning.hidden = !text;
  };
  /** @type {Wire<WhyAnswers & { clock: {}, remedy: {}, open: {} }>} */
  const wire = connect(model, { warn }, (state) => {
    head.update(state);
    glance.show(state);
    stage.draw();
    if (state.view === opened) return;
    opened = state.view;
    choose(opened);
  });
  const glance = atAGlance(wire);
  warning.after(glance.root);
  wire.start();
  const ends = [look.stop, every(1000, () => document.hidden || glance.tick())];
  if (isPageOfItsOwn()) ends.push(every(ASKS_EVERY_MS, () => wire.ask("clock", {}, ASKS_EVERY_MS)));
  return () => {
    for (const end of ends) end();
    drawing.abort();
    wire.stop();
  };
}

export default panelScript("desk", render);
