/** The thread under a lesson: reads it, posts to it, answers in place. */

import { fill } from "./comment.js";
import { boxBelow, sends } from "./comment-form.js";
import { api, element, text } from "./page.js";

/** @typedef {import("./comment.js").Comment} Comment */

const section = /** @type {HTMLElement} */ (document.querySelector("[data-comments]"));
const lesson = section.dataset.comments ?? "";
const list = /** @type {HTMLElement} */ (section.querySelector("[data-list]"));
const status = /** @type {HTMLElement} */ (section.querySelector("[data-status]"));
const more = /** @type {HTMLButtonElement} */ (section.querySelector("[data-more]"));
const form = /** @type {HTMLFormElement | null} */ (section.querySelector("[data-form]"));
const order = /** @type {HTMLSelectElement} */ (section.querySelector("[data-sort]"));
const signedIn = document.documentElement.dataset.signed === "in";
let count = 0;
/** Whether the reader is an author of the site. */
let moderates = false;
/** @type {string | null} */
let cursor = null;
/** Tells a late answer to an earlier order from the one that is asked for. */
let asked = 0;

/** @param {Comment} comment */
const address = (comment) => `/api/comments/${encodeURIComponent(comment.id)}`;

/** Draws a comment, with what this reader may do about it. @param {Comment} comment @param {HTMLElement} item */
function draw(comment, item) {
  const tools = [];
  if (signedIn && form) tools.push(replyButton(comment, item, form));
  if (comment.mine && comment.question && !comment.answered) tools.push(changeButton(comment, item, "comment_answered", { answered: true }));
  if (comment.body !== null && form) tools.push(editButton(comment, item, form));
  if (comment.mine) tools.push(deleteButton(comment, item));
  else if (signedIn) tools.push(reportButton(comment));
  if (moderates) tools.push(element("a", { href: `/api/comments?${new URLSearchParams({ lesson })}#comment-${comment.id}` }, text("comment_moderate")));
  fill(item, comment, tools);
  return item;
}

/** @param {Comment} comment @param {HTMLElement} item @param {HTMLFormElement} from */
function replyButton(comment, item, from) {
  const button = element("button", { type: "button" }, text("reply"));
  button.addEventListener("click", () => {
    const { box, close } = boxBelow(from, button, item, `${text("reply")} · ${comment.author.name || text("someone")}`, "");
    posts(box, comment.id, close);
  });
  return button;
}

/** @param {Comment} comment @param {HTMLElement} item @param {HTMLFormElement} from */
function editButton(comment, item, from) {
  const button = element("button", { type: "button" }, text("comment_edit"));
  button.addEventListener("click", () => {
    const { box, area } = boxBelow(from, button, item, text("comment_edit"), comment.body ?? "");
    sends(box, () => api("PATCH", address(comment), { body: area.value }), (/** @type {Comment} */ changed) => {
      box.remove();
      draw(changed, item);
      status.textContent = text("comment_saved");
    });
  });
  return button;
}

/** @param {Comment} comment @param {HTMLElement} item @param {string} name @param {object} change */
function changeButton(comment, item, name, change) {
  const button = element("button", { type: "button" }, text(name));
  button.addEventListener("click", async () => {
    const { ok, body } = await api("PATCH", address(comment), change);
    if (ok) draw(body, item);
    else status.textContent = text("failed");
  });
  return button;
}

/** @param {Comment} comment */
function reportButton(comment) {
  const button = element("button", { type: "button" }, text("comment_report"));
  button.addEventListener("click", async () => {
    const { ok } = await api("POST", `${address(comment)}/report`, {});
    status.textContent = text(ok ? "comment_reported" : "failed");
    button.toggleAttribute("disabled", ok);
  });
  return button;
}

/** @param {Comment} comment @param {HTMLElement} item */
function deleteButton(comment, item) {
  const button = element("button", { type: "button" }, text("comment_delete"));
  button.addEventListener("click", async () => {
    if (!confirm(text("comment_delete_sure"))) return;
    const { ok } = await api("DELETE", address(comment));
    if (!ok) {
      status.textContent = text("failed");
      return;
    }
    draw({ ...comment, deleted: true, mine: false }, item);
    count -= 1;
    showCount();
  });
  return button;
}

/** Puts a comment below its parent, or at the end of the thread. @param {Comment} comment */
function place(comment) {
  const there = document.getElementById(`comment-${comment.id}`);
  if (there) return draw(comment, there);
  const parent = comment.parent && document.getElementById(`comment-${comment.parent}`);
  const around = parent ? parent.querySelector(":scope > ol") ?? parent.appendChild(element("ol")) : list;
  around.append(draw(comment, element("li")));
}

function showCount() {
  /** @type {HTMLElement} */ (section.querySelector("[data-count]")).textContent = count ? String(count) : "";
  status.textContent = count ? "" : text("comments_none");
}

/** The next page. Whether it came. */
async function load() {
  asked += 1;
  const turn = asked;
  const query = new URLSearchParams({ lesson, order: order.value, ...(cursor ? { cursor } : {}) });
  const { ok, body } = await api("GET", `/api/comments?${query}`);
  if (turn !== asked) return false;
  if (!ok) {
    status.textContent = text("comments_failed");
    return false;
  }
  // Each comes before its answers.
  moderates = body.may_moderate;
  for (const comment of /** @type {Comment[]} */ (body.comments)) place(comment);
  count = body.count;
  cursor = body.next;
  more.hidden = cursor === null;
  showCount();
  return true;
}

/** Goes on until the comment is there that the address names. */
async function seek() {
  if (!location.hash.startsWith("#comment-")) return;
  const wanted = () => document.getElementById(location.hash.slice(1));
  let came = true;
  while (came && !wanted() && cursor) came = await load();
  wanted()?.scrollIntoView();
}

/** From the first page on. */
async function start() {
  list.replaceChildren();
  cursor = null;
  await load();
  await seek();
}

/**
 * @param {HTMLFormElement} target
 * @param {string | null} parent
 * @param {() => void} done
 */
function posts(target, parent, done) {
  const post = (/** @type {FormData} */ fields) => api("POST", "/api/comments", {
    lesson, body: fields.get("body"), question: fields.has("question"), mistake: fields.has("mistake"), ...(parent ? { parent } : {}),
  });
  sends(target, post, (/** @type {Comment} */ comment) => {
    target.reset();
    place(comment);
    count += 1;
    showCount();
    status.textContent = text(comment.state === "shown" ? "comment_posted" : "comment_waits");
    done();
  });
}

order.addEventListener("change", start);
more.addEventListener("click", load);
// A link in a mail to the page that is open already: what it is about is new here.
addEventListener("hashchange", () => location.hash.startsWith("#comment-") && start());
if (form) posts(form, null, () => {});
start();
