/** What readers search for, told once they have typed it to the end: what finds nothing is what a course lacks. */

/** Milliseconds after which a question is no longer being typed. */
const SETTLED = 2000;
/** @type {{query: string, hits: number} | null} what was asked last, until metrics.js is told, where that is loaded */
let last = null;
let settled = 0;
function tell() {
  clearTimeout(settled);
  if (last) dispatchEvent(new CustomEvent("tuition:note", { detail: { type: "search", ...last } }));
  last = null;
}
/** @param {string} query @param {number} hits */
export function asks(query, hits) {
  clearTimeout(settled);
  last = { query, hits };
  settled = setTimeout(tell, SETTLED);
}
// Before the page is left, and before metrics.js sends what it has.
addEventListener("pagehide", tell, true);
addEventListener("visibilitychange", tell, true);
