// @ts-check
// Requests to the room: each brings the token of this page along, without which the room does not take it.

/** The token of this page. */
export function pageToken() {
  return /** @type {HTMLMetaElement | null} */ (document.querySelector("meta[name=xsrf]"))?.content ?? "";
}

/**
 * Ask the room to do something.
 *
 * @param {"POST" | "DELETE"} method
 * @param {string} path below the room
 * @param {object} [body]
 * @returns {Promise<any>} what it answers
 * @throws {Error} with a sentence, when it refuses or does not answer
 */
export async function ask(method, path, body) {
  const headers = { "Content-Type": "application/json", "X-XSRFToken": pageToken() };
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  } catch {
    throw new Error("The room does not answer. Try again in a moment.");
  }
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.message || `The room answered HTTP ${answer.status}.`);
  return said;
}
