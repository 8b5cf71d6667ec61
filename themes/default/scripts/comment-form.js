/** Forms of a discussion: a copy of the one that is there, below a comment, and sending one by script. */

import { element, text } from "./page.js";

const MAX_BYTES = 4096;

/**
 * A copy of the form below a comment, with a way out of it.
 * @param {HTMLFormElement} from @param {HTMLElement} button @param {HTMLElement} item @param {string} name @param {string} value
 */
export function boxBelow(from, button, item, name, value) {
  const box = /** @type {HTMLFormElement} */ (from.cloneNode(true));
  box.reset();
  for (const part of box.querySelectorAll("[id$=comment-hint], .check")) part.remove();
  const area = /** @type {HTMLTextAreaElement} */ (box.querySelector("textarea"));
  area.id = `box-${item.id}`;
  area.removeAttribute("aria-describedby");
  area.value = value;
  const label = /** @type {HTMLLabelElement} */ (box.querySelector("label"));
  label.htmlFor = area.id;
  label.textContent = name;
  const cancel = element("button", { type: "button", class: "button quiet" }, text("cancel"));
  const close = () => {
    box.remove();
    button.hidden = false;
    if (button.isConnected) button.focus();
  };
  cancel.addEventListener("click", close);
  box.append(cancel);
  item.append(box);
  button.hidden = true;
  area.focus();
  return { box, area, close };
}

/**
 * Sends a form by script; what goes wrong is told in it.
 * @param {HTMLFormElement} target
 * @param {(fields: FormData) => Promise<{status: number, ok: boolean, body: any}>} send
 * @param {(answer: any) => void} done
 */
export function sends(target, send, done) {
  target.addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = /** @type {HTMLElement} */ (target.querySelector("[data-problem]"));
    const button = /** @type {HTMLButtonElement} */ (target.querySelector("button:not([type])"));
    const fields = new FormData(target);
    problem.textContent = new Blob([String(fields.get("body"))]).size > MAX_BYTES ? text("comment_too_long") : "";
    if (problem.textContent) return;
    button.disabled = true;
    const answer = await send(fields);
    button.disabled = false;
    if (!answer.ok) {
      const full = answer.body?.code === "full";
      problem.textContent = text(full ? "comment_full" : { 401: "comment_sign_in", 409: "comment_closed", 429: "comment_too_many" }[answer.status] ?? "comment_failed");
      return;
    }
    done(answer.body);
  });
}
