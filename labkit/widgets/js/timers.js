// @ts-check
// What is done again and again, or later, while a panel is on the page.

/**
 * Call `tick` every `ms`; returns what ends it.
 *
 * @param {number} ms
 * @param {() => unknown} tick
 */
export function every(ms, tick) {
  const timer = setInterval(tick, ms);
  return () => clearInterval(timer);
}

/**
 * What is done once it has been quiet for so long: `soon` begins the wait anew.
 *
 * @param {number} ms
 * @param {() => unknown} run
 */
export function afterQuiet(ms, run) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  return {
    soon: () => {
      clearTimeout(timer);
      timer = setTimeout(run, ms);
    },
    stop: () => clearTimeout(timer),
  };
}
