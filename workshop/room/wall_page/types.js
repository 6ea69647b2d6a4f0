// @ts-check
// What the room tells the wall; moments are milliseconds since 1970.

/** @typedef {{ name: string, lesson: string, step: string, done: number, steps: number, since: number | null, hint: string, told: number, stuck: string, shares: boolean, server: string, server_since: number | null, away: boolean }} PersonRow */
/** @typedef {{ name: string, waiting: number, oldest: number | null, accepted: number, median_seconds: number | null, p95_seconds: number | null }} QueueRow */
/** @typedef {{ running: boolean, said: string, total: number, let_in: number, trouble: string, most: number, cost: string }} CallersState */
/** @typedef {{ at: number | null, running: number | null, trouble: string }} HubState */
/** @typedef {{ at: number, taskrouter: { at: number, speed: number }, kind: string, people: PersonRow[], stuck: number, stuck_means: string, lessons: { title: string, people: number }[], queues: QueueRow[], accepted: number, callers: CallersState, joined: number, hub: HubState, set_back: string }} WallState */

export {};
