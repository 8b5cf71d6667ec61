/** The author's queue: what waits for a look, of all lessons, on one screen. j and k go down and up, a letter decides. */

import { api, day, element, text } from "./page.js";

/**
 * @typedef {{id: string, lesson: string, title: string, path: string, why: string | null, reports: number, revision: number, html: string,
 *   created_at: string, question: boolean, mistake: boolean, state: string, author: {name: string}}} Waiting
 */

const section = /** @type {HTMLElement} */ (document.querySelector("[data-queue]"));
const list = /** @type {HTMLElement} */ (section.querySelector("[data-waiting]"));
const status = /** @type {HTMLElement} */ (section.querySelector("[data-queue-status]"));
const number = /** @type {HTMLElement} */ (section.querySelector("[data-queue-count]"));

/** A key and the decision it stands for; `t` leads to what was decided before. @type {[string, string][]} */
const KEYS = [["a", "approve"], ["h", "hide"], ["d", "delete"], ["b", "ban"]];
/** What can't be taken back is asked for first. */
const FINAL = ["delete", "ban"];
let count = 0;

/** @param {Waiting} one */
function draw(one) {
  const marks = [
    one.question && text("question"), one.mistake && text("mistake"), one.state !== "shown" && text("queue_unseen"),
    one.reports > 0 && `${text("queue_reports")}: ${one.reports}`,
  ].filter((mark) => typeof mark === "string");
  const body = element("div");
  // Comes cleaned from the server.
  body.innerHTML = one.html;
  const tools = element("footer");
  for (const [key, decision] of KEYS) {
    const button = element("button", { type: "button", "data-decision": decision, "aria-keyshortcuts": key }, text(`queue_${decision}`));
    button.addEventListener("click", () => decide(one, decision, item));
    tools.append(button, " ");
  }
  tools.append(element("a", { href: `/api/comments/${encodeURIComponent(one.id)}/moderation`, "data-decision": "trail", "aria-keyshortcuts": "t" }, text("queue_trail")));
  const head = element("header", {}, element("a", { href: one.path }, one.title), ` · `, element("b", {}, one.author.name || text("someone")),
    ...marks.map((mark) => element("span", { class: "tag" }, mark)), element("time", { datetime: one.created_at }, day(one.created_at)));
  const item = element("li", { tabindex: "-1" }, element("article", { class: "comment" }, head, body, tools));
  return item;
}

/** @param {Waiting} one @param {string} decision @param {HTMLElement} item */
async function decide(one, decision, item) {
  if (FINAL.includes(decision) && !confirm(text(`queue_${decision}_sure`))) return;
  const { ok, status: code } = await api("POST", `/api/comments/${encodeURIComponent(one.id)}/moderation`, { decision, revision: one.revision });
  if (!ok) {
    status.textContent = text(code === 409 ? "queue_changed" : "failed");
    if (code === 409) load();
    return;
  }
  const next = item.nextElementSibling ?? item.previousElementSibling;
  item.remove();
  count -= 1;
  show();
  if (next instanceof HTMLElement) next.focus();
  else load();
}

function show() {
  number.textContent = count ? String(count) : "";
  status.textContent = count ? "" : text("queue_empty");
}

/** Without an answer the section stays away. */
async function load() {
  const { ok, body } = await api("GET", "/api/comments/queue");
  section.hidden = !ok;
  if (!ok) return;
  list.replaceChildren(...body.comments.map(draw));
  count = body.count;
  show();
}

section.addEventListener("keydown", (event) => {
  const typed = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const item = event.target instanceof Element ? event.target.closest("li[tabindex]") : null;
  const step = { j: item?.nextElementSibling ?? list.firstElementChild, k: item?.previousElementSibling }[typed];
  const decision = typed === "t" ? "trail" : KEYS.find(([key]) => key === typed)?.[1];
  if (step instanceof HTMLElement) step.focus();
  else if (decision && item) /** @type {HTMLElement | null} */ (item.querySelector(`[data-decision=${decision}]`))?.click();
  else return;
  event.preventDefault();
});

/** When the queue is there, or is known not to be. */
export const ready = load();
