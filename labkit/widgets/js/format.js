// How durations, times and SIDs are written.

const two = (number) => String(number).padStart(2, "0");

/** How long, as a person says it: 8 s, 3 min 05 s, 2 h 10 min, 4 d 3 h. */
export function howLong(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${two(s % 60)} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${two(Math.floor((s % 3600) / 60))} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

/** What is left, as a clock counts down: 0:09, 19:59, 1:02:03. */
export function countdown(ms) {
  const s = Math.max(0, Math.ceil(ms / 1000));
  const rest = `${two(Math.floor((s % 3600) / 60))}:${two(s % 60)}`;
  return s >= 3600 ? `${Math.floor(s / 3600)}:${rest}` : rest.replace(/^0/, "");
}

export function timeOfDay(ms) {
  const at = new Date(ms);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

export const exactly = (ms) => (ms ? new Date(ms).toISOString().replace("T", " ") : null);
export const shortSid = (sid) => (sid && sid.length > 8 ? `${sid.slice(0, 2)}…${sid.slice(-4)}` : sid || "");
export const shortSids = (text) => text.replace(/[A-Z]{2}[0-9a-f]{32}/g, (sid) => shortSid(sid));

/** A REST path for a narrow place: what it is about stands at its end, behind long SIDs. */
export const restPath = (path) => shortSids(path.replace(/^\/v1\/Workspaces\/WS[0-9a-f]{32}/, "…"));
