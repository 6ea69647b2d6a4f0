// @ts-check
// Why the inbox is empty, and what to do next.

/**
 * What to do next, where there is nothing to answer.
 *
 * @param {number} waiting Tasks
 * @param {number} available Workers
 * @param {boolean | null} [own] whether one is available oneself, where one is a single Worker, as in a room
 * @returns {[title: string, text: string]}
 */
export function whyEmpty(waiting, available, own = null) {
  if (own !== null) return whyOwnEmpty(own);
  const tasks = waiting === 1 ? "1 Task waits" : `${waiting} Tasks wait`;
  if (waiting && !available)
    return [
      `${tasks}, and no Worker is available`,
      "Switch a Worker who fits to Available on the Workers panel: TaskRouter then reserves the Worker, and the Reservation appears here.",
    ];
  if (waiting)
    return [
      `${tasks}: no available Worker fits and has room`,
      "Make another Worker available, or ask why: lab.explanation() tells it for each Worker.",
    ];
  return [
    "No Reservation is waiting",
    "Create a Task and let a Worker who fits it be Available. TaskRouter then reserves the Worker, and the Reservation appears here to be accepted or rejected.",
  ];
}

/**
 * @param {boolean} available
 * @returns {[title: string, text: string]}
 */
function whyOwnEmpty(available) {
  if (available)
    return [
      "No Reservation is waiting",
      "The instructor lets callers in. As soon as TaskRouter reserves you for one, the card appears here.",
    ];
  return [
    "You take no Tasks now",
    "Nobody asks you before your Activity is an available one. Set it to Available on the Workers panel.",
  ];
}
