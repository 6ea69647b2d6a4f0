// @ts-check
// The course: a row for each lesson, with how far it is; a click opens its notebook beside this one.

import { el, keyed, setAttribute, setText } from "../js/dom.js";
import { frame } from "../js/frame.js";
import { light } from "../js/lights.js";
import { panelScript } from "../js/reconnect.js";
import { connect } from "../js/wire.js";

/** @import { KernelTime, Shown, Wire } from "../js/wire.js" */
/**
 * @typedef {object} Lesson
 * @property {string} name
 * @property {string} number
 * @property {string} title
 * @property {string} goal
 * @property {number} minutes
 * @property {number} done
 * @property {number} steps
 * @property {string} howFar in words
 * @property {string} where whether the learner is here, or goes on here
 * @property {boolean} complete
 * @property {boolean} here
 * @property {boolean} next
 * @property {string} file to be named where nothing can open it
 * @property {string} path in the Jupyter server; empty where that does not have it
 * @property {string} url
 */
/** @typedef {KernelTime & { headline: string, trouble: string, lessons?: Lesson[] }} State */

/**
 * Where a browser finds a lesson's notebook; nothing for the one that one is in, and where no Jupyter server has it.
 *
 * @param {Lesson} lesson
 * @returns {Record<string, string | null>}
 */
export function link({ path, url, here }) {
  const leads = Boolean(path) && !here;
  return { href: leads ? url : null, target: leads ? "_blank" : null, rel: leads ? "noopener" : null };
}

/**
 * What JupyterLab and Notebook 7 open links of notebooks with: beside the present one, and not on another page.
 *
 * @typedef {{ handleLink: (node: Element, path: string, fragment: string) => void }} LinkHandler
 */
/**
 * @param {any} widgets the page's widget manager, where it has one
 * @returns {LinkHandler | undefined}
 */
const linkHandlerOf = (widgets) => widgets?.rendermime?.linkHandler ?? undefined;

/**
 * @param {Lesson} lesson
 * @param {LinkHandler | undefined} handler
 */
function createRow(lesson, handler) {
  const title = el("a", { class: "lk-lesson-title", text: lesson.title });
  if (lesson.path && !lesson.here) handler?.handleLink(title, lesson.path, "");
  const parts = {
    mark: el("span", { class: "lk-lesson-mark", "aria-hidden": "true" }),
    title,
    where: el("span", { class: "lk-badge lk-lesson-where" }),
    goal: el("div", { class: "lk-lesson-goal lk-soft", text: lesson.goal }),
    file: el("div", { class: "lk-lesson-file lk-mono lk-soft" }),
    minutes: el("span", { class: "lk-lesson-minutes lk-soft", text: lesson.minutes ? `${lesson.minutes} min` : "" }),
    bar: el("span", { class: "lk-lesson-bar", "aria-hidden": "true" }, el("span")),
    howFar: el("span", { class: "lk-lesson-far" }),
  };
  const number = el("span", { class: "lk-lesson-number lk-mono", text: lesson.number });
  const head = el("div", { class: "lk-lesson-head" }, number, title, parts.where);
  const what = el("div", { class: "lk-lesson-what" }, head, parts.goal, parts.file);
  const far = el("div", { class: "lk-lesson-how" }, parts.bar, parts.howFar);
  const root = el("li", { class: "lk-lesson", data: { name: lesson.name } }, parts.mark, what, parts.minutes, far);
  return { root, ...parts };
}

/**
 * @param {ReturnType<typeof createRow>} row
 * @param {Lesson} lesson
 */
function updateRow(row, lesson) {
  const look = lesson.complete ? "done" : lesson.next ? "next" : "open";
  if (row.root.dataset.look !== look) {
    row.root.dataset.look = look;
    row.mark.replaceChildren(lesson.complete ? light("green") : lesson.next ? "→" : "·");
  }
  setAttribute(row.root, "aria-current", lesson.here && "page");
  for (const [name, value] of Object.entries(link(lesson))) setAttribute(row.title, name, value);
  setText(row.where, lesson.where);
  row.where.hidden = !lesson.where;
  setText(row.file, lesson.path ? "" : lesson.file);
  row.file.hidden = Boolean(lesson.path) || !lesson.file;
  setText(row.howFar, lesson.howFar);
  const share = lesson.steps ? lesson.done / lesson.steps : 0;
  /** @type {HTMLElement} */ (row.bar.firstChild).style.width = `${Math.round(share * 100)}%`;
}

/** @param {Shown<State>} shown */
function render({ model, el: host }) {
  const view = frame(host, "course", "The course");
  const list = el("ol", { class: "lk-lessons", "aria-label": "Lessons" });
  const trouble = el("div", { class: "lk-problem", role: "status", hidden: true });
  view.body.append(trouble, list);
  const handler = linkHandlerOf(model.widget_manager);
  /** @type {Wire<{ look: {} }>} */
  const wire = connect(model, view, (state) => {
    const key = (/** @type {Lesson} */ lesson) => `${lesson.name} ${lesson.path} ${lesson.here}`;
    keyed(list, state.lessons || [], key, (lesson) => createRow(lesson, handler), updateRow);
    setText(view.aside, state.headline);
    setText(trouble, state.trouble);
    trouble.hidden = !state.trouble;
  });
  // Another notebook may have ticked a step while this page was out of sight.
  const look = () => !document.hidden && wire.ask("look");
  document.addEventListener("visibilitychange", look);
  view.root.addEventListener("mouseenter", look);
  wire.start();
  return () => {
    document.removeEventListener("visibilitychange", look);
    wire.stop();
  };
}

export default panelScript("course", render);
