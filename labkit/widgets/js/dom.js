// Elements of a page. Text from outside reaches it through textContent and attributes only.

/** An element: `text`, `on` (listeners), `data` (data-*) and any attribute; null, undefined and false leave it out. */
export function el(tag, { text, on = {}, data = {}, ...attributes } = {}, ...children) {
  const node = document.createElement(tag);
  if (text !== undefined && text !== null) node.textContent = text;
  for (const [name, value] of Object.entries(attributes)) setAttribute(node, name, value);
  for (const [name, value] of Object.entries(data)) node.dataset[name] = value;
  for (const [name, listener] of Object.entries(on)) node.addEventListener(name, listener);
  node.append(...children.filter(Boolean));
  return node;
}

export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(node, name, value);
  node.append(...children);
  return node;
}

export function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else node.setAttribute(name, value === true ? "" : value);
}

/** Write text only where it differs: a selection or a screen reader's place is not lost for nothing. */
export function setText(node, text) {
  const wanted = text === null || text === undefined ? "" : String(text);
  if (node.textContent !== wanted) node.textContent = wanted;
}

export function uniqueId(name) {
  return `lk-${name}-${Math.random().toString(36).slice(2, 10)}`;
}

/** Keep one child per item, in the items' order. A child that stays is not touched, so that it keeps the focus. */
export function keyed(container, items, keyOf, create, update) {
  const before = container.lkChildren || new Map();
  const after = new Map();
  for (const item of items) {
    const key = keyOf(item);
    const child = before.get(key) || create(item);
    update(child, item);
    after.set(key, child);
  }
  for (const [key, child] of before) if (!after.has(key)) child.remove();
  let place = container.firstChild;
  for (const child of after.values()) {
    if (child === place) place = place.nextSibling;
    else container.insertBefore(child, place);
  }
  container.lkChildren = after;
}
