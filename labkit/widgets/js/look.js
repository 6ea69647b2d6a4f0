// @ts-check
// Light, dark, or as the system: what the desk looks like, chosen on it and remembered by the browser.

import { el } from "./dom.js";
import { isPageOfItsOwn } from "./wire.js";

/** @typedef {keyof typeof TITLES} Look */

const TITLES = { system: "As the system", light: "Light", dark: "Dark" };
const KEPT_AS = "taskrouter-lab-look"; // the page around the desk reads it too, before anything is drawn
const CHANGES = "taskrouter-lab-look";

/** @type {Look | null} */
let here = null; // for this page, where the browser remembers nothing

/** @returns {Look} */
function chosen() {
  const asked = isPageOfItsOwn() ? new URLSearchParams(location.search).get("theme") : null;
  const look = here ?? remembered() ?? asked ?? "";
  return Object.hasOwn(TITLES, look) ? /** @type {Look} */ (look) : "system";
}

function remembered() {
  try {
    return localStorage.getItem(KEPT_AS);
  } catch {
    return null; // a browser may refuse it
  }
}

/** @param {Look} look */
function choose(look) {
  here = look;
  try {
    localStorage.setItem(KEPT_AS, look);
  } catch {} // then it holds for this page
  dispatchEvent(new Event(CHANGES));
}

/**
 * Call this when the desk gets another look; what it returns ends that.
 *
 * @param {() => unknown} listener
 */
export function onLook(listener) {
  addEventListener(CHANGES, listener);
  return () => removeEventListener(CHANGES, listener);
}

/**
 * The switch. On a page of its own it is the whole page that changes; in a notebook the desk alone, and the system is
 * the theme of the front end.
 *
 * @param {HTMLElement} host around the desk
 */
export function lookSwitch(host) {
  const node = el(
    "select",
    { class: "lk-look", "aria-label": "Light or dark", title: "Light or dark" },
    ...Object.entries(TITLES).map(([value, text]) => el("option", { value, text })),
  );
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const look = chosen();
    const asSystem = isPageOfItsOwn() ? (dark.matches ? "dark" : "light") : "";
    const { dataset } = isPageOfItsOwn() ? document.documentElement : host;
    dataset.lkLook = look === "system" ? asSystem : look;
    node.value = look;
  };
  const follow = () => dispatchEvent(new Event(CHANGES));
  /** @param {StorageEvent} event */
  const hear = ({ key }) => {
    if (key !== KEPT_AS) return;
    here = null;
    follow();
  };
  const stop = onLook(apply);
  node.addEventListener("change", () => choose(/** @type {Look} */ (node.value)));
  dark.addEventListener("change", follow);
  addEventListener("storage", hear);
  apply();
  return {
    node,
    stop: () => {
      stop();
      dark.removeEventListener("change", follow);
      removeEventListener("storage", hear);
    },
  };
}
