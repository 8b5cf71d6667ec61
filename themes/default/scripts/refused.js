/** Where a browser keeps its clipboard to itself: says so below the code, and selects what is to be copied by hand. */

import { element, text } from "./page.js";

/**
 * @param {Element} pre
 * @param {Iterable<Element>} unwanted parts of it that are not to be selected
 */
export function refused(pre, unwanted = []) {
  const figure = pre.closest(".code");
  if (!figure?.querySelector("[data-refused]")) {
    const note = element("p", { class: "problem", role: "status" });
    figure?.append(element("div", { class: "run", "data-refused": "" }, note));
    // A status is read out when it changes, not when it comes.
    setTimeout(() => (note.textContent = text("copy_refused")));
  }
  for (const part of unwanted) /** @type {HTMLElement} */ (part).style.userSelect = "none";
  getSelection()?.selectAllChildren(pre);
}
