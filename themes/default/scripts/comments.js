/** The thread under a lesson: reads it, posts to it, answers in place. Comment HTML comes cleaned from the server; all else is text. */

import { api, day, element, text } from "./page.js";

/**
 * @typedef {{id: string, parent: string | null, author: {name: string, role: string}, html: string, created_at: string,
 *   edited_at: string | null, question: boolean, answered: boolean, pinned: boolean, deleted: boolean, mine: boolean}} Comment
 */

const MAX_BYTES = 4096;
const section = /** @type {HTMLElement} */ (document.querySelector("[data-comments]"));
const lesson = section.dataset.comments ?? "";
const list = /** @type {HTMLElement} */ (section.querySelector("[data-list]"));
const status = /** @type {HTMLElement} */ (section.querySelector("[data-status]"));
const more = /** @type {HTMLButtonElement} */ (section.querySelector("[data-more]"));
const form = /** @type {HTMLFormElement} */ (section.querySelector("[data-form]"));
const signedIn = document.documentElement.dataset.signed === "in";
let count = 0;
/** @type {string | null} */
let cursor = null;

/** @param {Comment} comment */
function draw(comment) {
  const item = element("li", { id: `comment-${comment.id}` });
  const body = element("div");
  const article = element("article", { class: "comment" }, body);
  if (comment.deleted) {
    body.append(element("p", { class: "small" }, text("deleted")));
  } else {
    const time = element("time", { datetime: comment.created_at }, day(comment.created_at) + (comment.edited_at ? ` · ${text("edited")}` : ""));
    const tags = [
      comment.author.role === "author" && text("role_author"), comment.pinned && text("pinned"),
      comment.question && text(comment.answered ? "answered" : "question"),
    ].filter((tag) => typeof tag === "string");
    article.prepend(element("header", {}, element("b", {}, comment.author.name || text("someone")), ...tags.map((tag) => element("span", { class: "tag" }, tag)), time));
    body.innerHTML = comment.html;
    const tools = element("footer");
    if (signedIn && !comment.parent) tools.append(replyButton(comment, item));
    if (comment.mine) tools.append(deleteButton(comment, item));
    if (tools.childElementCount) article.append(tools);
  }
  item.append(article);
  return item;
}

/** @param {Comment} comment @param {HTMLElement} item */
function replyButton(comment, item) {
  const button = element("button", { type: "button" }, text("reply"));
  button.addEventListener("click", () => {
    const reply = /** @type {HTMLFormElement} */ (form.cloneNode(true));
    for (const part of reply.querySelectorAll("#comment-hint, .check")) part.remove();
    const box = /** @type {HTMLTextAreaElement} */ (reply.querySelector("textarea"));
    box.id = `reply-${comment.id}`;
    box.removeAttribute("aria-describedby");
    box.value = "";
    const label = /** @type {HTMLLabelElement} */ (reply.querySelector("label"));
    label.htmlFor = box.id;
    label.textContent = `${text("reply")} · ${comment.author.name || text("someone")}`;
    const cancel = element("button", { type: "button", class: "button quiet" }, text("cancel"));
    const close = () => {
      reply.remove();
      button.hidden = false;
      button.focus();
    };
    cancel.addEventListener("click", close);
    reply.append(cancel);
    posts(reply, comment.id, close);
    item.append(reply);
    button.hidden = true;
    box.focus();
  });
  return button;
}

/** @param {Comment} comment @param {HTMLElement} item */
function deleteButton(comment, item) {
  const button = element("button", { type: "button" }, text("comment_delete"));
  button.addEventListener("click", async () => {
    if (!confirm(text("comment_delete_sure"))) return;
    const { ok } = await api("DELETE", `/api/comments/${encodeURIComponent(comment.id)}`);
    if (!ok) {
      status.textContent = text("failed");
      return;
    }
    const answers = item.querySelector(":scope > ol");
    const gone = draw({ ...comment, deleted: true, mine: false });
    if (answers) gone.append(answers);
    item.replaceWith(gone);
  });
  return button;
}

/** Puts a comment below its parent, or at the end of the thread. @param {Comment} comment */
function place(comment) {
  const parent = comment.parent && document.getElementById(`comment-${comment.parent}`);
  if (!parent) return list.append(draw(comment));
  const inner = parent.querySelector(":scope > ol") ?? parent.appendChild(element("ol"));
  inner.append(draw(comment));
}

function showCount() {
  /** @type {HTMLElement} */ (section.querySelector("[data-count]")).textContent = count ? String(count) : "";
  status.textContent = count ? "" : text("comments_none");
}

async function load() {
  const query = new URLSearchParams({ lesson, ...(cursor ? { cursor } : {}) });
  const { ok, body } = await api("GET", `/api/comments?${query}`);
  if (!ok) {
    status.textContent = text("comments_failed");
    return;
  }
  const comments = /** @type {Comment[]} */ (body.comments);
  for (const comment of [...comments.filter((one) => !one.parent), ...comments.filter((one) => one.parent)]) place(comment);
  count = body.count;
  cursor = body.next;
  more.hidden = cursor === null;
  showCount();
}

/**
 * @param {HTMLFormElement} target
 * @param {string | null} parent
 * @param {() => void} done
 */
function posts(target, parent, done) {
  target.addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = /** @type {HTMLElement} */ (target.querySelector("[data-problem]"));
    const button = /** @type {HTMLButtonElement} */ (target.querySelector("button:not([type])"));
    const fields = new FormData(target);
    problem.textContent = new Blob([String(fields.get("body"))]).size > MAX_BYTES ? text("comment_too_long") : "";
    if (problem.textContent) return;
    button.disabled = true;
    const answer = await api("POST", "/api/comments", { lesson, body: fields.get("body"), question: fields.has("question"), ...(parent ? { parent } : {}) });
    button.disabled = false;
    if (!answer.ok) {
      problem.textContent = text({ 401: "comment_sign_in", 429: "comment_too_many" }[answer.status] ?? "comment_failed");
      return;
    }
    target.reset();
    place(answer.body);
    count += 1;
    showCount();
    status.textContent = text("comment_posted");
    done();
  });
}

more.addEventListener("click", load);
posts(form, null, () => {});
load();
