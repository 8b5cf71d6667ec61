// What is in the search indexes that `tuition build` writes, and what is not: texts, languages, headings, trees.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { LOCKED } from '../lib/buying.mjs';
import { FREE, PAID_TEXT, searchSite } from '../lib/search-site.mjs';
import { COURSE, OTHER, PAID, build, forget } from '../lib/sites.mjs';

const SIGNATURE = 'pagefind_dcd';
/** @typedef {{url: string, content: string, meta: Record<string, string>, anchors: {element: string, id: string, text: string}[]}} Page */

/** @type {string} */
let site;
/** @type {string} */
let dist;
before(async () => {
  site = await searchSite();
  dist = (await build(site)).out;
});
after(() => [site, dist].filter(Boolean).forEach(forget));

const PUBLIC = 'public/pagefind';
const OF_COURSE = `members/${COURSE}/courses/${COURSE}/pagefind`;

/** All pages of an index, by address. @param {string} folder below the output @returns {Map<string, Page>} */
function pages(folder) {
  const fragments = join(dist, folder, 'fragment');
  const read = readdirSync(fragments).map((name) => {
    const text = gunzipSync(readFileSync(join(fragments, name))).toString();
    assert.ok(text.startsWith(SIGNATURE), name);
    return /** @type {Page} */ (JSON.parse(text.slice(SIGNATURE.length)));
  });
  return new Map(read.map((page) => [page.url, page]));
}

/** All files of an index, by name. @param {string} folder below the output @param {string} [out] */
function files(folder, out = dist) {
  const names = readdirSync(join(out, folder), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = names.map((entry) => join(entry.parentPath, entry.name)).sort();
  return new Map(paths.map((path) => [relative(out, path), readFileSync(path)]));
}

/** @param {string} folder */
const entry = (folder) => JSON.parse(readFileSync(join(dist, folder, 'pagefind-entry.json'), 'utf8'));

/** Words as they were read, without the marks of segmentation. @param {Page | undefined} page */
const words = (page) => (page?.content ?? '').replaceAll('\u200b', '');

test('the public index has free texts, landings and teasers, and no page without a text', () => {
  const found = pages(PUBLIC);
  for (const path of ['/glossary/', '/about/', `/courses/${COURSE}/`, `/courses/${COURSE}/open/`, LOCKED, `/zh/courses/${COURSE}/open/`]) assert.ok(found.has(path), path);
  for (const path of ['/', '/search/', '/sign-in/', '/account/', '/pricing/', '/courses/', '/404.html']) assert.ok(!found.has(path), path);
  assert.equal(found.get(LOCKED)?.meta.locked, 'yes');
  assert.equal(found.get(LOCKED)?.meta.over, `All about ${COURSE}`);
  assert.equal(found.get('/glossary/')?.meta.locked, undefined);
});

test('of a paid lesson the public index has what stands above the line, and its course has all', () => {
  const canaries = [PAID, PAID_TEXT.english, PAID_TEXT.chinese];
  for (const [path, page] of pages(PUBLIC)) for (const canary of canaries) assert.ok(!JSON.stringify(page).replaceAll('\\u200b', '').replaceAll('\u200b', '').includes(canary), `${canary} in ${path}`);
  const paid = pages(OF_COURSE);
  assert.deepEqual([...paid.keys()].sort(), [LOCKED, `/zh${LOCKED}`], 'and nothing that everybody finds');
  assert.ok(words(paid.get(LOCKED)).includes(PAID_TEXT.english) && words(paid.get(LOCKED)).includes(PAID));
  assert.ok(words(paid.get(`/zh${LOCKED}`)).includes(PAID_TEXT.chinese));
  assert.ok(existsSync(join(dist, `members/${OTHER}/courses/${OTHER}/pagefind/pagefind-entry.json`)));
  assert.ok(!JSON.stringify([...pages(`members/${OTHER}/courses/${OTHER}/pagefind`)]).includes(PAID_TEXT.english));
});

test('no file of the public index has a word of a paid text; the same look finds it in the index of the course', () => {
  const told = (/** @type {string} */ folder) => [...files(folder).values()].map((bytes) => (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString().replaceAll('\u200b', '')).join('\n');
  const [free, paid] = [told(PUBLIC), told(OF_COURSE)];
  for (const canary of [PAID_TEXT.english, PAID_TEXT.chinese]) {
    assert.ok(paid.includes(canary), `${canary} in the index of the course`);
    assert.ok(!free.includes(canary), canary);
  }
});

test('the same site has the same indexes, byte by byte', async () => {
  const first = [PUBLIC, OF_COURSE].map((folder) => [...files(folder)]);
  const again = (await build(site)).out;
  try {
    assert.deepEqual([PUBLIC, OF_COURSE].map((folder) => [...files(folder, again)]), first);
  } finally {
    forget(again);
  }
});

test('only text is read: no navigation, form, table of contents, formula or sign beside a heading', () => {
  const text = words(pages(PUBLIC).get(`/courses/${COURSE}/open/`));
  assert.match(text, /Everybody may read this/);
  for (const word of ['Course outline', 'Your question', 'Previous', 'Sign in', 'On this page']) assert.ok(!text.includes(word), `${word} in: ${text}`);
  assert.match(readFileSync(join(dist, 'public/glossary/index.html'), 'utf8'), /marmalade/);
  assert.doesNotMatch(words(pages(PUBLIC).get('/glossary/')), /marmalade/, 'what is marked is left out');
  const headings = pages(PUBLIC).get('/glossary/')?.anchors.filter((anchor) => /^h\d$/.test(anchor.element));
  assert.deepEqual(headings?.map(({ id, text }) => [id, text]), [['lists-that-grow', FREE.heading], ['nothing-else', 'Nothing else']]);
});

test('each language has its own words; a text without a translation is found once, in its own', () => {
  assert.deepEqual(Object.keys(entry(PUBLIC).languages).sort(), ['en', 'zh']);
  assert.deepEqual(Object.keys(entry(OF_COURSE).languages).sort(), ['en', 'zh']);
  assert.ok(words(pages(PUBLIC).get(`/zh/courses/${COURSE}/open/`)).includes(FREE.chinese));
  // Segmented: more than one word.
  assert.ok((pages(PUBLIC).get(`/zh/courses/${COURSE}/open/`)?.content.match(/\u200b/g) ?? []).length > 10);
  assert.ok(!pages(PUBLIC).has('/zh/glossary/'));
});

test('the code that searches lies in the public tree alone, and nothing that no page uses', () => {
  const names = readdirSync(join(dist, PUBLIC));
  assert.deepEqual(names.filter((name) => !name.endsWith('.pf_meta')).sort(), ['fragment', 'index', 'pagefind-entry.json', 'pagefind.js', 'wasm.en.pagefind', 'wasm.unknown.pagefind']);
  assert.deepEqual(readdirSync(join(dist, OF_COURSE)).filter((name) => !name.endsWith('.pf_meta')).sort(), ['fragment', 'index', 'pagefind-entry.json']);
});
