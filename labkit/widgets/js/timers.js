// @ts-check
// What is done again and again while a panel is on the page.

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
