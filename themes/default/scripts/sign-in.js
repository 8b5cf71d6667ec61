/** Sign-in in two steps without leaving the page: an address, then the code from the mail. The forms work alone, too. */

import { api, ownPath, text } from "./page.js";

const main = /** @type {HTMLElement} */ (document.querySelector("[data-sign-in]"));
const mail = /** @type {HTMLFormElement} */ (main.querySelector("[data-mail]"));
const code = /** @type {HTMLFormElement} */ (main.querySelector("[data-code]"));
const problem = /** @type {HTMLElement} */ (main.querySelector("[data-problem]"));
const next = ownPath(new URLSearchParams(location.search).get("next"), "");

/** @param {HTMLFormElement} form */
const fields = (form) => Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));

/**
 * Sends a form as JSON; one at a time.
 * @param {HTMLFormElement} form
 * @param {(answer: {status: number, ok: boolean, body: any}) => void} then
 */
function submits(form, then) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
    button.disabled = true;
    problem.textContent = "";
    const answer = await api("POST", form.action, fields(form));
    button.disabled = false;
    then(answer);
  });
}

if (next) /** @type {HTMLInputElement} */ (mail.elements.namedItem("next")).value = next;

submits(mail, (answer) => {
  if (answer.ok) {
    document.documentElement.dataset.sent = "";
    /** @type {HTMLElement} */ (code.elements.namedItem("code")).focus();
  } else {
    problem.textContent = text(answer.status === 429 ? "too_many" : answer.status === 400 || answer.status === 422 ? "email_wrong" : "failed");
  }
});

submits(code, (answer) => {
  if (answer.ok) location.assign(ownPath(answer.body?.next, next || "/account/"));
  else problem.textContent = text(answer.status === 429 ? "too_many" : answer.status === 0 || answer.status >= 500 ? "failed" : "code_wrong");
});

code.querySelector(".step-again")?.addEventListener("click", (event) => {
  event.preventDefault();
  problem.textContent = "";
  delete document.documentElement.dataset.sent;
  /** @type {HTMLElement} */ (mail.elements.namedItem("email")).focus();
});
