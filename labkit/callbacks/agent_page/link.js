// @ts-check
// Who this page is: a link that works once is changed for a token, and for the right to have a new one later.

/**
 * @typedef {object} SignedIn
 * @property {string} token
 * @property {{ sid: string, name: string }} worker
 * @property {{ url?: string, region?: string, path_at_hub?: string }} bridge
 * @property {import("./log.js").Clock} clock
 */

/**
 * The name of the link, without its secret: under it this tab keeps its right. Two Workers in two tabs do not meet, nor
 * do two pages in one notebook.
 */
const nameOfLink = () => location.hash.slice(1).split(".")[0];

/** Sign in: by the right that this tab has, else by the secret in the address, which leaves the address at once. */
export async function signIn() {
  const link = location.hash.slice(1);
  const name = nameOfLink();
  history.replaceState(null, "", `${location.pathname}#${name}`);
  if (sessionStorage.getItem(name) !== null) return renew();
  if (!link.includes(".")) throw new Error("This address is not a whole link. Run lab.agent_page(…) in the notebook.");
  const { right, ...signedIn } = await ask({ link });
  sessionStorage.setItem(name, right);
  return /** @type {SignedIn} */ (signedIn);
}

/** A new token for the same Worker. @returns {Promise<SignedIn>} */
export async function renew() {
  return ask({ right: sessionStorage.getItem(nameOfLink()) });
}

/** TaskRouter's time; null where the notebook does not say. @returns {Promise<import("./log.js").Clock | null>} */
export async function fetchTime() {
  const response = await fetch("agent/time").catch(() => null);
  return response?.ok ? response.json() : null;
}

/** @param {Record<string, unknown>} body */
async function ask(body) {
  const request = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch("agent/token", request).catch(() => null);
  if (response === null) throw new Error("The notebook does not answer: start it again, and open a new link from it.");
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? `The notebook answered HTTP ${response.status}.`);
  return answer;
}

/**
 * What the SDK has to know of its bridge. At Twilio it finds it by itself; a sandbox is on this computer, or, for a page
 * that came through a Jupyter server, behind that server, by the number of its port; a room's is beside that server, at
 * the hub's address.
 *
 * @param {{ url?: string, region?: string, path_at_hub?: string }} bridge
 * @param {{ pathname: string, href: string }} [here]
 */
export function bridgeOptions({ url, region, path_at_hub: atHub }, here = location) {
  if (!url) return region ? { region } : {};
  const direct = here.pathname === "/agent";
  const { port, pathname } = new URL(url);
  const behind = atHub ?? `../${port}${pathname}`;
  const ebServer = direct ? url : new URL(behind, here.href.split("#")[0]).href;
  return { ebServer, wsServer: ebServer.replace(/^http/, "ws") };
}
