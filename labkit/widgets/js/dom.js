// @ts-check
// Elements of a page. Text from outside reaches it through textContent and attributes only.

/**
 * What an element is made of: `text`, `on` (listeners), `data` (data-*) and any attribute; null, undefined and false
 * leave it out.
 *
 * @typedef {object} Making
 * @property {string | number | null} [text]
 * @property {{ [Name in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[Name]) => unknown }} [on]
 * @property {Record<string, unknown>} [data]
 */
/** @typedef {Making & Record<string, unknown>} Attributes */
/** @typedef {Node | string | number | boolean | null | undefined} Child what is falsy is left out */
/** @typedef {Element | { root: Element }} Row a child, or its parts together with the child itself as `root` */

/**
 * An element of HTML.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 */
export function el(tag, { text, on = {}, data = {}, ...attributes } = {}, ...children) {
  const node = document.createElement(tag);
  if (text !== undefined && text !== null) node.textContent = String(text);
  for (const [name, value] of Object.entries(attributes)) setAttribute(node, name, value);
  for (const [name, value] of Object.entries(data)) node.dataset[name] = String(value);
  for (const [name, listener] of Object.entries(on)) {
    node.addEventListener(name, /** @type {EventListener} */ (listener));
  }
  node.append(.../** @type {(Node | string)[]} */ (children.filter(Boolean)));
  return node;
}

/**
 * An element of a drawing.
 *
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...Node} children
 */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(node, name, value);
  node.append(...children);
  return node;
}

/**
 * Set an attribute; null, undefined and false take it away.
 *
 * @param {Element} node
 * @param {string} name
 * @param {unknown} value
 */
export function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else node.setAttribute(name, value === true ? "" : String(value));
}

/**
 * Write text only where it differs: a selection or a screen reader's place is not lost for nothing.
 *
 * @param {Node} node
 * @param {string | number | null | undefined} text
 */
export function setText(node, text) {
  const wanted = text === null || text === undefined ? "" : String(text);
  if (node.textContent !== wanted) node.textContent = wanted;
}

/** @param {string} name what it is for */
export function uniqueId(name) {
  return `lk-${name}-${Math.random().toString(36).slice(2, 10)}`;
}

/** @type {WeakMap<Element, Map<any, any>>} */
const rowsOf = new WeakMap();

/**
 * Keep one child per item, in the items' order. A child that stays is not touched, so that it keeps the focus.
 *
 * @template Item, Key
 * @template {Row} Kept
 * @param {Element} container
 * @param {readonly Item[]} items
 * @param {(item: Item) => Key} keyOf
 * @param {(item: Item) => Kept} create
 * @param {(row: Kept, item: Item) => unknown} update
 * @returns {Map<Key, Kept>} what is there now
 */
export function keyed(container, items, keyOf, create, update) {
  /** @type {Map<Key, Kept>} */
  const before = rowsOf.get(container) ?? new Map();
  /** @type {Map<Key, Kept>} */
  const after = new Map();
  for (const item of items) {
    const key = keyOf(item);
    const row = before.get(key) ?? create(item);
    update(row, item);
    after.set(key, row);
  }
  for (const [key, row] of before) if (!after.has(key)) childOf(row).remove();
  let place = container.firstChild;
  for (const row of after.values()) {
    const child = childOf(row);
    if (child === place) place = place.nextSibling;
    else container.insertBefore(child, place);
  }
  rowsOf.set(container, after);
  return after;
}

/** @param {Row} row */
const childOf = (row) => ("root" in row ? row.root : row);

/**
 * Close what is open at Escape, and only that: the key goes no further.
 *
 * @param {KeyboardEvent} event
 * @param {() => unknown} close
 */
export function onEscape(event, close) {
  if (event.key !== "Escape") return;
  event.stopPropagation();
  close();
}
