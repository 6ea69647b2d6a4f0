// @ts-check
// The parts of the page that stand in wall.html, each with an id.

/** @param {string} id @returns {any} the element, of whatever kind it is there */
export const part = (id) => document.getElementById(id);
