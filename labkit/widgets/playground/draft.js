// @ts-check
// What is typed and chosen in the playground, and how it reaches Python: the newest of it, one message at a time.

/** @typedef {{ key: string, name: string, attributes: string, note: string }} Row of the Workers or of the Tasks */
/** @typedef {Partial<Row> | null} RowEdit the fields that were changed by hand; null: the row was taken away */
/** @typedef {Record<string, RowEdit>} Edits by the rows' keys */
/** @typedef {"queue" | "filter" | "target"} Place where an expression stands */
/**
 * @typedef {object} Draft
 * @property {string} by the page that has sent it
 * @property {number} number
 * @property {string} expression
 * @property {Place} place
 * @property {string} queue the SID of the TaskQueue that the expression was taken from
 * @property {string} task
 * @property {Edits} workers
 * @property {Edits} tasks
 * @property {string} workflow
 * @property {string | null} configuration
 */

/**
 * The draft of this page. Another page's, or that of the cell, takes its place when it comes.
 *
 * @param {string} by names this page
 */
export function draftOfPage(by) {
  let draft = /** @type {Draft} */ ({ by, number: 0, workers: {}, tasks: {} });
  let seen = "";
  return {
    get: () => draft,
    /** @param {Partial<Draft>} changes */
    change: (changes) => {
      draft = { ...draft, ...changes, by, number: draft.number + 1 };
    },
    /**
     * Whether this draft came from elsewhere, and was taken over.
     *
     * @param {Draft} other
     */
    takeOver: (other) => {
      const key = `${other.by} ${other.number}`;
      if (other.by === by || key === seen) return false;
      seen = key;
      draft = { ...other };
      return true;
    },
  };
}

/**
 * The rows as they are shown: those of the Workspace with their edits, then those that were added.
 *
 * @param {Row[]} rows
 * @param {Edits} edits
 * @returns {Row[]}
 */
export function overlaid(rows, edits) {
  const there = new Set(rows.map((row) => row.key));
  const added = Object.entries(edits).filter(([key]) => key.startsWith("new") && !there.has(key));
  return [
    ...rows.map((row) => ({ row, edit: edits[row.key] })),
    ...added.map(([key, edit]) => ({ row: { key, name: "", attributes: "{}", note: "" }, edit })),
  ]
    .filter(({ edit }) => edit !== null)
    .map(({ row, edit }) => ({ ...row, ...edit }));
}

/**
 * The edits with one field of one row changed.
 *
 * @param {Edits} edits
 * @param {string} key
 * @param {Partial<Row>} change
 * @returns {Edits}
 */
export function edited(edits, key, change) {
  return { ...edits, [key]: { ...edits[key], ...change } };
}

/**
 * The edits without a row: one that was added is forgotten, one of the Workspace is marked as taken away.
 *
 * @param {Edits} edits
 * @param {string} key
 * @returns {Edits}
 */
export function without(edits, key) {
  const { [key]: _gone, ...others } = edits;
  return key.startsWith("new") ? others : { ...others, [key]: null };
}

/**
 * The key of a row to add: no row had it before.
 *
 * @param {Edits} edits
 */
export function newKey(edits) {
  const numbers = Object.keys(edits).map((key) => Number(key.match(/^new-(\d+)$/)?.[1] ?? 0));
  return `new-${Math.max(0, ...numbers) + 1}`;
}

/**
 * Sends what has changed, once the message before it was answered: the newest is always sent, and none overtakes another.
 *
 * @param {() => Promise<unknown>} send what there is then
 */
export function oneAtATime(send) {
  let isChanged = false;
  let isBusy = false;
  return async () => {
    isChanged = true;
    if (isBusy) return;
    isBusy = true;
    while (isChanged) {
      isChanged = false;
      await send();
    }
    isBusy = false;
  };
}
