/** What a search found, as a list of links: pages, and below each the headings that it is under. */

import { element, ownPath, text } from "./page.js";

/** @typedef {import("./search-worker.js").Page} Page */
/** @typedef {import("./search-worker.js").Excerpt} Excerpt */

const language = document.documentElement.lang;

/** @param {Excerpt} pieces */
const excerpt = (pieces) => element("p", {}, ...pieces.map(({ text, hit }) => (hit ? element("mark", {}, text) : text)));

/** @param {string} title @param {string} url */
const link = (title, url) => element("a", { href: ownPath(url, "/") }, title);

/** @param {Page} page @param {string} spoken the language of what was found */
function item(page, spoken) {
  const over = element("p", { class: "over" }, ...(page.over ? [page.over] : []));
  if (page.locked) over.append(" ", element("span", { class: "tag" }, text("locked")));
  const made = element("li", spoken === language ? {} : { lang: spoken }, element("div", { class: "hit" },
    ...(over.childNodes.length ? [over] : []), element("h2", {}, link(page.title, page.url)), ...(page.excerpt ? [excerpt(page.excerpt)] : [])));
  if (page.parts.length) {
    made.append(element("ul", {}, ...page.parts.map((part) => element("li", { class: "hit" }, element("h3", {}, link(part.title, part.url)), excerpt(part.excerpt)))));
  }
  return made;
}

/** @param {Page[]} pages @param {string} spoken */
export const list = (pages, spoken) => element("ol", { class: "hits" }, ...pages.map((page) => item(page, spoken)));

/** A language by its own name. @param {string} code */
export function nameOf(code) {
  const name = new Intl.DisplayNames([code], { type: "language" }).of(code) ?? code;
  return name.charAt(0).toLocaleUpperCase(code) + name.slice(1);
}

/**
 * Whom to ask when nothing was found: below this lesson, or the way that the search page names.
 * @param {HTMLElement | null} link in the header, to the search page
 */
export function ask(link) {
  const thread = document.getElementById("page:comments");
  if (thread) return element("a", { href: "#page:comments" }, text("search_ask_here"));
  // On the search page it is in sight.
  if (link?.dataset.ask === undefined || document.getElementById("page:ask")) return null;
  return element("a", { href: `${link.getAttribute("href")}#page:ask` }, text("search_ask"));
}
