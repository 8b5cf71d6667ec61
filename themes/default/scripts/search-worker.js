/**
 * Searches one language, in a thread of its own: Pagefind is WebAssembly, which the policy of pages forbids and that of
 * this file allows (infra/edge/headers.json). The name of the worker is the language.
 */

/**
 * @typedef {{text: string, hit: boolean}[]} Excerpt
 * @typedef {{title: string, url: string, excerpt: Excerpt}} Part below a heading
 * @typedef {{title: string, over: string, url: string, locked: boolean, excerpt: Excerpt | null, parts: Part[]}} Page
 * @typedef {{pages: Page[], more: boolean, languages: string[], missing: string[]}} Answer languages: the other ones that
 *   have an index; missing: courses whose index is not to be had
 * @typedef {{id: number, term: string, limit: number, courses: string[]}} Question courses: slugs, as in a URL
 * @typedef {Record<string, {hash: string}>} Languages of an index: where the words of each begin
 */

import { asked } from "./search-words.js";

const BASE = "/pagefind/";
const CODE = `${BASE}pagefind.js`;
/** How many headings of a page are worth a line. */
const PARTS = 3;
/** How many pages are looked at for each that is wanted. */
const LOOKS = 5;

const language = self.name.toLowerCase();
// Pagefind asks the document which language to search, and there is none here.
Object.assign(self, { document: { querySelector: () => ({ getAttribute: () => language }) } });

/** @type {any} Pagefind, once it is needed */
let engine;
/** @type {Languages | null} */
let languages = null;
/** @type {Set<string>} courses that are searched, too */
const joined = new Set();

/** Null where there is no such file. @param {string} path @param {RequestInit} [options] */
async function file(path, options) {
  const answer = await fetch(path, options);
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`${path} answers ${answer.status}`);
  return answer;
}

/** What an index is of; null where there is none. @param {string} base @returns {Promise<Languages | null>} */
async function languagesOf(base) {
  const entry = await file(`${base}pagefind-entry.json`, { cache: "no-store" });
  return entry && (await entry.json()).languages;
}

/** The index of this worker's language. @param {Languages} languages */
const mine = (languages) => languages[language] ?? languages[language.split("-")[0] ?? ""];

/**
 * The index of a course joins; answers whether there is one.
 * @param {string} course
 * @throws with the course: half an index spoils all searches, and whoever asks starts over without it
 */
async function join(course) {
  if (joined.has(course)) return true;
  const base = `/courses/${course}/pagefind/`;
  try {
    const languages = await languagesOf(base);
    if (!languages) return false;
    const index = mine(languages);
    // Pagefind goes on without this file, and then no search ends well.
    if (index && !(await file(`${base}pagefind.${index.hash}.pf_meta`))) throw new Error(`${base} is not whole`);
    if (index) await engine.mergeIndex(base, { language, baseUrl: "/" });
  } catch (error) {
    throw Object.assign(new Error(String(error)), { course });
  }
  joined.add(course);
  return true;
}

/**
 * Pagefind escapes two characters, marks what was found, and ends what has no end (items of lists) with a full stop of Latin.
 * @param {string} html @returns {Excerpt}
 */
function excerpt(html) {
  const parts = html.split(/<(\/?)mark>/);
  /** @type {Excerpt} */
  const pieces = [];
  for (let at = 0; at < parts.length; at += 2) {
    const text = (parts[at] ?? "").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replace(/(?<=\p{Script=Han}) ?\.(?: |$)/gu, "。");
    if (text) pieces.push({ text, hit: at > 0 && parts[at - 1] === "" });
  }
  return pieces;
}

/** @param {any} part */
const weight = (part) => part.weighted_locations.reduce((/** @type {number} */ sum, /** @type {any} */ at) => sum + at.balanced_score, 0);

/** @param {any} page of Pagefind @returns {Page} */
function shown(page) {
  const heaviest = [...page.sub_results].sort((a, b) => weight(b) - weight(a)).slice(0, PARTS);
  // In the order of the text.
  const parts = page.sub_results.filter((/** @type {any} */ part) => heaviest.includes(part));
  const top = parts.find((/** @type {any} */ part) => !part.anchor);
  const below = parts.filter((/** @type {any} */ part) => part.anchor);
  return {
    title: page.meta.title ?? page.url,
    over: page.meta.over ?? "",
    url: page.url,
    locked: Boolean(page.meta.locked),
    excerpt: top || !below.length ? excerpt((top ?? page).excerpt) : null,
    parts: below.map((/** @type {any} */ part) => ({ title: part.title, url: part.url, excerpt: excerpt(part.excerpt) })),
  };
}

/** @param {string} term @param {number} limit */
async function pagesWith(term, limit) {
  const { results } = await engine.search(term);
  const fits = asked(term, language);
  /** @type {Map<string, Page>} */
  const pages = new Map();
  let taken = 0;
  while (taken < Math.min(results.length, LOOKS * limit) && pages.size < limit) {
    const next = results.slice(taken, taken + limit - pages.size);
    taken += next.length;
    const loaded = await Promise.allSettled(next.map((/** @type {any} */ result) => result.data()));
    const data = loaded.flatMap((page) => (page.status === "fulfilled" ? [page.value] : []));
    if (!data.length) throw new Error("no text of what was found could be loaded");
    for (const page of data.filter(fits).map(shown)) {
      // A teaser gives way to the lesson.
      const other = pages.get(page.url);
      if (!other || other.locked) pages.set(page.url, page);
    }
  }
  return { pages: [...pages.values()], more: pages.size > 0 && taken < results.length };
}

/** @param {Question} question */
async function search({ term, limit, courses }) {
  let { pages, more } = await pagesWith(term, limit);
  const words = term.replace(/[^\p{L}\p{N}\p{M}_]+/gu, " ").trim();
  // What is written closer or wider in the text than in the question: `Vec <T>`, `a+b`.
  if (!pages.length && words && words !== term) ({ pages, more } = await pagesWith(words, limit));
  const isOpen = (/** @type {Page} */ page) => courses.some((course) => page.url.includes(`/courses/${course}/`));
  return { pages: pages.map((page) => (isOpen(page) ? { ...page, locked: false } : page)), more };
}

/** @param {Question} question @returns {Promise<Answer>} */
async function answer(question) {
  languages ??= await languagesOf(BASE);
  if (!languages) throw new Error("this site has no search index");
  const own = mine(languages);
  const others = Object.keys(languages).filter((other) => languages?.[other] !== own);
  if (!own) return { pages: [], more: false, languages: others, missing: [] };
  if (!engine) {
    const { createInstance } = await import(CODE);
    engine = createInstance({ basePath: BASE, baseUrl: "/" });
  }
  const missing = [];
  for (const course of question.courses) if (!(await join(course))) missing.push(course);
  return { ...(await search(question)), languages: others, missing };
}

/** One after the other: an index must not join while another search runs. @type {Promise<void>} */
let turn = Promise.resolve();
addEventListener("message", (/** @type {MessageEvent<Question>} */ { data }) => {
  turn = turn.then(async () => {
    try {
      postMessage({ id: data.id, answer: await answer(data) });
    } catch (error) {
      const { message, course } = /** @type {Error & {course?: string}} */ (error);
      postMessage({ id: data.id, error: message, course });
    }
  });
});
