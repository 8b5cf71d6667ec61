/** One comment of a thread, as its readers see it. */

import { day, element, text } from "./page.js";

/**
 * @typedef {{id: string, parent: string | null, author: {name: string, role: string, owner: boolean}, html: string, created_at: string,
 *   edited_at: string | null, question: boolean, mistake: boolean, answered: boolean, answered_in_text_at: string | null, pinned: boolean,
 *   deleted: boolean, state: string, mine: boolean, body: string | null}} Comment
 */

/** Steps of relative times, in seconds. @type {[Intl.RelativeTimeFormatUnit, number][]} */
const STEPS = [["day", 86_400], ["hour", 3_600], ["minute", 60]];

/** "3 hours ago" within a month, then the day. @param {string} time */
function ago(time) {
  const seconds = Math.max(0, (Date.now() - Date.parse(time)) / 1000);
  if (seconds > 30 * 86_400) return day(time);
  const [unit, length] = STEPS.find(([, length]) => seconds >= length) ?? ["minute", 60];
  return new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" }).format(-Math.floor(seconds / length), unit);
}

/** @param {string} name */
function initials(name) {
  const words = name.trim().split(/\s+/u).slice(0, 2);
  return words.map((word) => [...word][0] ?? "").join("").toLocaleUpperCase();
}

/**
 * Fills an element of a list, in which answers stay. The HTML of a comment comes cleaned from the server; all else is text.
 * @param {HTMLElement} item @param {Comment} comment @param {HTMLElement[]} tools
 */
export function fill(item, comment, tools) {
  const answers = item.querySelector(":scope > ol");
  item.id = `comment-${comment.id}`;
  const body = element("div");
  const article = element("article", { class: "comment" }, body);
  if (comment.deleted) {
    body.append(element("p", { class: "small" }, text("deleted")));
  } else {
    const time = element("time", { datetime: comment.created_at, title: day(comment.created_at) }, ago(comment.created_at) + (comment.edited_at ? ` · ${text("edited")}` : ""));
    const tags = [
      comment.author.role === "author" && text("role_author"), comment.author.owner && text("role_owner"), comment.pinned && text("pinned"),
      comment.question && text(comment.answered ? "answered" : "question"), comment.mistake && text("mistake"),
      comment.answered_in_text_at && `${text("answered_in_text")} ${day(comment.answered_in_text_at)}`,
      comment.state !== "shown" && text(`comment_${comment.state}`),
    ].filter((tag) => typeof tag === "string");
    const avatar = comment.author.name ? [element("span", { class: "avatar", "aria-hidden": "true" }, initials(comment.author.name))] : [];
    article.prepend(element("header", {}, ...avatar, element("b", {}, comment.author.name || text("someone")), ...tags.map((tag) => element("span", { class: "tag" }, tag)), time));
    body.innerHTML = comment.html;
    if (tools.length) article.append(element("footer", {}, ...tools));
  }
  item.replaceChildren(article, ...(answers ? [answers] : []));
}
