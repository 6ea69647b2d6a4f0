// What is done again and again while a panel is on the page.

/** Call `tick` every `ms` while the panel is on the page; returns what ends it. */
export function every(ms, tick) {
  const timer = setInterval(tick, ms);
  return () => clearInterval(timer);
}
