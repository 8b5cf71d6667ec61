/** Where a browser keeps its clipboard to itself: says so below the code, and selects there what is to be copied by hand. */

import { element, text } from "./page.js";

/** @param {Element} pre @param {string} code what was to be copied, which may be more than is shown, or less */
export function byHand(pre, code) {
  const figure = pre.closest(".code");
  let place = figure?.querySelector("[data-by-hand]");
  if (!place) {
    const box = /** @type {HTMLTextAreaElement} */ (element("textarea", { readonly: "", rows: "3", "aria-label": text("copy_refused") }));
    box.style.font = ".84375rem/1.6 var(--mono)";
    place = element("div", { class: "run", "data-by-hand": "" }, element("p", { class: "problem" }, text("copy_refused")), box);
    figure?.append(place);
  }
  const box = /** @type {HTMLTextAreaElement} */ (place.querySelector("textarea"));
  box.value = code;
  box.focus();
  box.select();
}
