/** Search: a window over any page, or the search page itself. Nothing of it is loaded before it is asked for. */

import { element, text } from "./page.js";
import { asks } from "./search-asked.js";
import { find } from "./search-engine.js";
import { ask, list, nameOf } from "./search-results.js";

const language = document.documentElement.lang;
/** Milliseconds without a key after which it searches. */
const PAUSE = 120;
/** Pages shown at first, and how many come at once on the search page. */
const FEW = 8;

const opener = /** @type {HTMLElement | null} */ (document.querySelector("[data-search]"));
const address = opener?.getAttribute("href") ?? "/search/";
/** The search page with these words, spelled as its form does. @param {string} term */
const addressOf = (term) => `${address}?${new URLSearchParams({ q: term })}`;

/** The style of what is found, before the site's own, so that it has the last word. */
function style() {
  const sheet = /** @type {HTMLLinkElement} */ (element("link", { rel: "stylesheet", href: opener?.dataset.search ?? "" }));
  const done = new Promise((resolve) => {
    sheet.addEventListener("load", resolve);
    sheet.addEventListener("error", resolve);
  });
  document.head.querySelector("link[rel=stylesheet]")?.before(sheet);
  return done;
}
const styled = style();

/**
 * Makes a field search as one types.
 * @param {HTMLInputElement} input
 * @param {HTMLElement} status read out when it changes
 * @param {HTMLElement} found filled with what was found
 * @param {{changed?: (term: string) => void, isPage: boolean}} options
 */
function searches(input, status, found, { changed, isPage }) {
  let newest = 0;
  let timer = 0;

  /** @param {string} term @param {number} limit @param {string} spoken */
  async function run(term, limit, spoken) {
    const turn = (newest += 1);
    const slow = setTimeout(() => (status.textContent = text("loading")), 300);
    try {
      const answer = await find(term, { language: spoken, limit });
      if (turn !== newest) return;
      show(term, limit, spoken, answer);
    } catch (error) {
      console.warn(error);
      if (turn !== newest) return;
      found.replaceChildren();
      status.textContent = text("search_failed");
    } finally {
      clearTimeout(slow);
    }
  }

  /** @param {string} term @param {number} limit @param {string} spoken @param {import("./search-worker.js").Answer} answer */
  function show(term, limit, spoken, { pages, more, languages }) {
    const count = pages.length;
    asks(term, count);
    const key = more ? "search_first" : count === 1 ? "search_one" : count ? "search_many" : "search_nothing";
    status.textContent = text(key, { n: count, q: term });
    const after = element("p", { class: "actions" });
    const goOn = (/** @type {number} */ at) => (/** @type {HTMLElement} */ (found.querySelectorAll("h2 a")[at] ?? input)).focus();
    if (more && isPage) after.append(button(text("search_more"), () => run(term, limit + FEW, spoken).then(() => goOn(count))));
    if (more && !isPage) after.append(element("a", { href: addressOf(term) }, text("search_all")));
    for (const other of languages) after.append(button(text("search_other", { language: nameOf(other) }), () => run(term, FEW, other).then(() => goOn(0))));
    const way = count ? null : ask(opener);
    if (way) after.append(way);
    found.replaceChildren(...(count ? [list(pages, spoken)] : []), ...(after.childNodes.length ? [after] : []));
  }

  function start() {
    clearTimeout(timer);
    const term = input.value.trim();
    changed?.(term);
    if (term) {
      run(term, FEW, language);
      return;
    }
    newest += 1;
    status.textContent = "";
    found.replaceChildren();
  }

  // While a word is being composed from its sounds, the field holds letters that nobody means.
  input.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (!(/** @type {InputEvent} */ (event).isComposing)) timer = setTimeout(start, PAUSE);
  });
  input.addEventListener("compositionend", start);
  return start;
}

/** @param {string} label @param {() => void} press */
function button(label, press) {
  const made = element("button", { class: "button quiet", type: "button" }, label);
  made.addEventListener("click", press);
  return made;
}

/** Arrows go through field and links. @param {HTMLElement} area @param {HTMLInputElement} input @param {KeyboardEvent} event */
function walk(area, input, event) {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  /** @type {HTMLElement[]} */
  const stops = [input, ...area.querySelectorAll("a, button")].filter((stop) => stop instanceof HTMLElement);
  const at = stops.findIndex((stop) => stop === document.activeElement);
  const next = at < 0 ? undefined : stops[at + (event.key === "ArrowDown" ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

/** @type {(() => void) | undefined} */
let shown;

/** The window, made once. */
function made() {
  const input = /** @type {HTMLInputElement} */ (element("input", {
    name: "q", type: "search", autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "search", required: "",
    "aria-label": text("search_label"), placeholder: text("search_label"),
  }));
  const close = element("button", { class: "button quiet close", type: "button" }, text("close"));
  const status = element("p", { class: "small", role: "status" });
  const found = element("div", { class: "found" });
  const form = element("form", { action: address }, input, close);
  const dialog = /** @type {HTMLDialogElement} */ (element("dialog", { class: "finder", "aria-label": text("search") }, element("search", {}, form), status, found));
  searches(input, status, found, { isPage: false });
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    const isAway = event.target === dialog || (event.target instanceof Element && event.target.closest("a[href*='#']"));
    if (isAway) dialog.close();
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing) {
      // A search field would take the first press to empty itself.
      event.preventDefault();
      dialog.close();
    }
    walk(found, input, event);
  });
  document.body.append(dialog);
  return () => {
    if (!dialog.open) dialog.showModal();
    input.focus();
    input.select();
  };
}

/** Shows the window; on the search page, leads to its field. */
export async function open() {
  await styled;
  shown ??= made();
  shown();
}

const page = /** @type {HTMLElement | null} */ (document.querySelector("[data-search-page]"));
const field = /** @type {HTMLInputElement | null} */ (page?.querySelector("input[name=q]"));
const status = /** @type {HTMLElement | null} */ (page?.querySelector("[data-status]"));
const found = /** @type {HTMLElement | null} */ (page?.querySelector("[data-results]"));
if (page && field && status && found) {
  const all = /** @type {HTMLElement | null} */ (page.querySelector("[data-all]"));
  const start = searches(field, status, found, {
    isPage: true,
    changed(term) {
      if (all) all.hidden = Boolean(term);
      history.replaceState(null, "", term ? addressOf(term) : location.pathname);
    },
  });
  shown = () => field.focus();
  field.form?.addEventListener("submit", (event) => {
    event.preventDefault();
    start();
  });
  page.addEventListener("keydown", (event) => walk(found, field, event));
  field.value ||= new URLSearchParams(location.search).get("q") ?? "";
  if (field.value) start();
}
