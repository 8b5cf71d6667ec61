// Searching as people do it: in English and Chinese, for code, by keyboard alone, without JavaScript; what is paid is
// found by who has paid for it and by nobody else.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { LOCKED, buy, signIn, someone } from '../lib/buying.mjs';
import { Reader } from '../lib/browser.mjs';
import { opened } from '../lib/opened.mjs';
import { FREE, PAID_TEXT, searchSite } from '../lib/search-site.mjs';
import { COURSE, PAID } from '../lib/sites.mjs';
import { TOKEN_LIFE } from '../lib/tokens.mjs';
import { Visitor } from '../lib/visitor.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PAID_INDEX = `/courses/${COURSE}/pagefind/`;
const HEADING = `${LOCKED}#where-the-${PAID_TEXT.english}-begins`;
const NOTHING = /Nothing found|没有找到/;

const { shop, browser } = await opened(await searchSite());
// A paid index is not made by the first search that needs it: no test waits for it.
await new Visitor(shop).get('/pagefind/pagefind-entry.json');

/** @param {string} name @param {string} path @param {import('playwright-core').BrowserContextOptions} [options] */
async function at(name, path, options = {}) {
  const reader = await Reader.arrive(browser, shop, { name, ...options });
  await reader.page.goto(path);
  return reader;
}

/** A learner with the course. @param {string} name @param {string} path */
async function owner(name, path) {
  const visitor = new Visitor(shop);
  const email = someone();
  await buy(visitor, email);
  await signIn(visitor, email);
  const reader = await Reader.arrive(browser, shop, { name });
  await reader.becomes(visitor);
  await reader.page.goto(path);
  return reader;
}

/** Opens the window and types; answers the window once it says what came of it. @param {Reader} reader @param {string} term */
async function search(reader, term) {
  const { page } = reader;
  const window = page.getByRole('dialog');
  if (!(await window.isVisible())) await page.locator('[data-search]').click();
  await window.getByRole('searchbox').fill(term);
  await window.getByRole('status').filter({ hasText: `“${term}”` }).waitFor();
  return window;
}

/** What was found on one page. @param {import('playwright-core').Locator} area @param {string} path */
const page = (area, path) => area.locator('.hits > li').filter({ has: area.page().locator(`h2 a[href="${path}"]`) });

/** Addresses of what was found, without the origin. @param {import('playwright-core').Locator} area */
const addresses = (area) => area.locator('.hits a').evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));

test('an English phrase is found, with the words marked', async () => {
  const reader = await at('search-english', '/');
  const window = await search(reader, FREE.english);
  await window.getByRole('link', { name: 'Glossary' }).waitFor();
  assert.deepEqual(await window.locator('.hits mark').allInnerTexts(), ['pelican', 'harbour.']);
  await window.getByText('1 page found for').waitFor();
  await reader.shot('found');
  await reader.isFine();
});

test('code with signs is found below its heading, and nothing of it becomes markup', async () => {
  const reader = await at('search-code', '/');
  const window = await search(reader, FREE.code);
  const link = window.getByRole('link', { name: FREE.heading });
  assert.equal(await link.getAttribute('href'), FREE.address);
  assert.ok((await window.locator('.hits mark').allInnerTexts()).some((text) => text.includes('Vec<T>')));
  await search(reader, 'bold words');
  assert.equal(await window.locator('.hits b').count(), 0);
  await window.getByText('a<b').waitFor();
  await search(reader, FREE.code);
  await link.click();
  await reader.page.waitForURL(`**${FREE.address}`);
  await reader.isFine();
});

test('a Chinese phrase is found on Chinese pages; the other language is searched when one asks', async () => {
  const reader = await at('search-chinese', '/zh/');
  const window = await search(reader, FREE.chinese);
  const found = await addresses(window);
  assert.ok(found.includes(`/zh/courses/${COURSE}/open/`), found.join());
  assert.ok(found.some((address) => address.startsWith(`/zh/courses/${COURSE}/open/#`)), found.join());
  assert.ok((await window.locator('.hits mark').allInnerTexts()).join('').includes(FREE.chinese));
  await reader.shot('found');
  for (const word of FREE.words) {
    await search(reader, word);
    await page(window, `/zh/courses/${COURSE}/open/`).waitFor();
  }
  await search(reader, '虾米');
  await window.getByText(NOTHING).waitFor();
  await search(reader, FREE.english);
  await window.getByText(NOTHING).waitFor();
  await window.getByRole('button', { name: /English/ }).click();
  await window.getByRole('link', { name: 'Glossary' }).waitFor();
  assert.equal(await window.locator('.hits > li').first().getAttribute('lang'), 'en');
  await reader.isFine();
});

test('letters of a word that is still being composed are not searched', async () => {
  const reader = await at('search-composing', '/zh/');
  const { page } = reader;
  await page.locator('[data-search]').click();
  const window = page.getByRole('dialog');
  await window.getByRole('searchbox').waitFor();
  const client = await reader.context.newCDPSession(page);
  for (const text of ['c', 'ch', 'cha']) await client.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
  assert.equal(await window.getByRole('searchbox').inputValue(), 'cha');
  // Enter belongs to the composition; three times the pause goes by without a search.
  await page.waitForTimeout(400);
  assert.equal(await window.getByRole('status').innerText(), '');
  await client.send('Input.insertText', { text: FREE.chinese });
  await window.locator('.hits').waitFor();
  await reader.isFine();
});

test('who has not paid finds the teaser and nothing below it', async () => {
  const reader = await at('search-visitor', '/');
  /** @type {string[]} */
  const asked = [];
  reader.page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  for (const term of [PAID_TEXT.english, PAID]) {
    const window = await search(reader, term);
    await window.getByText(NOTHING).waitFor();
    assert.deepEqual(await addresses(window), []);
  }
  const window = await search(reader, `teaser of ${COURSE}`);
  await page(window, LOCKED).getByText('locked', { exact: true }).waitFor();
  assert.ok(!asked.some((path) => path.startsWith(PAID_INDEX)), 'nothing is asked of a paid index');
  await reader.isFine();
  const index = await new Visitor(shop).get(`${PAID_INDEX}pagefind-entry.json`);
  assert.equal(index.status, 404);
});

test('who has paid finds all of the lesson, once, in both languages', async () => {
  const reader = await owner('search-owner', '/');
  const window = await search(reader, PAID_TEXT.english);
  assert.deepEqual(await addresses(window), [LOCKED, HEADING]);
  await search(reader, `teaser of ${COURSE}`);
  assert.equal((await addresses(window)).filter((address) => address === LOCKED).length, 1);
  assert.equal(await page(window, LOCKED).getByText('locked', { exact: true }).count(), 0);
  await search(reader, PAID_TEXT.english);
  await window.getByRole('link', { name: `Where the ${PAID_TEXT.english} begins` }).click();
  await reader.page.waitForURL(`**${HEADING}`);
  await reader.page.locator(':target').and(reader.page.getByRole('heading', { name: `Where the ${PAID_TEXT.english} begins` })).waitFor();
  await reader.page.goto('/zh/');
  const chinese = await search(reader, PAID_TEXT.chinese);
  assert.ok((await addresses(chinese)).some((address) => address.startsWith(`/zh${LOCKED}`)));
  await reader.isFine();
});

test('who has signed out finds no paid text any more, not even in a window that was open all along', async () => {
  const reader = await owner('search-signed-out', '/');
  const window = await search(reader, PAID_TEXT.english);
  await page(window, LOCKED).waitFor();
  // As another window would, while this one stays as it is.
  const answer = await reader.context.request.delete('/api/access/sessions', { headers: { origin: shop.origin } });
  assert.ok(answer.ok(), `${answer.status()}`);
  assert.ok(!(await reader.page.evaluate(() => document.cookie)).includes(COURSE));
  /** @type {string[]} */
  const asked = [];
  reader.page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await search(reader, PAID);
  await window.getByText(NOTHING).waitFor();
  await search(reader, PAID_TEXT.english);
  await window.getByText(NOTHING).waitFor();
  assert.deepEqual(await addresses(window), []);
  assert.ok(!asked.some((path) => path.startsWith(PAID_INDEX)), 'nothing is asked of a paid index');
  await reader.page.reload();
  await search(reader, PAID_TEXT.english);
  await reader.page.getByText(NOTHING).waitFor();
  await reader.isFine();
});

test('an access token that has run out is renewed before the paid index is asked for', async () => {
  const reader = await owner('search-later', '/');
  await shop.advance(TOKEN_LIFE + 1);
  await reader.page.evaluate(() => localStorage.removeItem('renewed'));
  const window = await search(reader, PAID_TEXT.english);
  await window.getByRole('link', { name: `Where the ${PAID_TEXT.english} begins` }).waitFor();
  await reader.isFine();
});

for (const { what, file, status } of [
  { what: 'is not there', file: 'pagefind-entry.json', status: 404 },
  { what: 'can not be answered', file: 'pagefind-entry.json', status: 500 },
  { what: 'is there by half', file: 'pagefind.*.pf_meta', status: 404 },
]) {
  test(`a paid index that ${what} takes nothing from what everybody finds`, async () => {
    const reader = await owner(`search-broken-${status}`, '/');
    let refused = 0;
    await reader.page.context().route(`**${PAID_INDEX}${file}*`, (route) => {
      refused += 1;
      return route.fulfill({ status, body: '' });
    });
    const window = await search(reader, FREE.english);
    await window.getByRole('link', { name: 'Glossary' }).waitFor();
    await search(reader, FREE.code);
    await window.getByRole('link', { name: FREE.heading }).waitFor();
    assert.ok(refused >= 1 && refused <= 2, `${refused} times`);
    const isViolation = (/** @type {string} */ wrong) => /policy|request to/i.test(wrong);
    assert.deepEqual(reader.wrong.filter(isViolation), []);
  });
}

test('by keyboard alone: open, type, walk, follow, close', async () => {
  const reader = await at('search-keys', '/about/');
  const { page } = reader;
  await page.locator('[data-search]').focus();
  await page.keyboard.press('Enter');
  const window = page.getByRole('dialog', { name: 'Search' });
  await window.getByRole('searchbox').and(page.locator(':focus')).waitFor();
  await page.keyboard.type(FREE.code);
  await window.getByRole('link', { name: FREE.heading }).waitFor();
  const stops = new Set();
  for (let presses = 0; presses < 12; presses += 1) {
    await page.keyboard.press('Tab');
    const isInside = await page.evaluate(() => document.activeElement === document.body || document.activeElement?.closest('dialog') !== null);
    assert.ok(isInside, 'Tab stays in the window');
    stops.add(await page.evaluate(() => document.activeElement?.tagName));
  }
  for (const stop of ['INPUT', 'BUTTON', 'A']) assert.ok(stops.has(stop), stop);
  await page.keyboard.press('Escape');
  await window.waitFor({ state: 'hidden' });
  await page.locator('[data-search]:focus').waitFor();

  await page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).blur());
  await page.keyboard.press('/');
  await window.waitFor();
  // The words are still there, and marked: the next letter begins anew.
  assert.equal(await window.getByRole('searchbox').inputValue(), FREE.code);
  await page.keyboard.type('lists that grow');
  const heading = window.getByRole('link', { name: FREE.heading });
  await window.locator('.hits mark', { hasText: 'grow' }).first().waitFor();
  const links = await addresses(window);
  for (let at = 0; at <= links.indexOf(FREE.address); at += 1) await page.keyboard.press('ArrowDown');
  await heading.and(page.locator(':focus')).waitFor();
  for (let at = 0; at <= links.indexOf(FREE.address); at += 1) await page.keyboard.press('ArrowUp');
  await window.getByRole('searchbox').and(page.locator(':focus')).waitFor();
  for (let at = 0; at <= links.indexOf(FREE.address); at += 1) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForURL(`**${FREE.address}`);
  await reader.isFine();
});

test('Enter in the field leads to the search page, where one goes on', async () => {
  const reader = await at('search-page', '/about/');
  const { page } = reader;
  const window = await search(reader, FREE.english);
  await window.getByRole('searchbox').press('Enter');
  await page.waitForURL('**/search/?q=pelican+harbour');
  await page.getByRole('main').getByRole('link', { name: 'Glossary' }).first().waitFor();
  assert.equal(await page.getByRole('searchbox').inputValue(), FREE.english);
  assert.equal(await page.locator('[data-all]').isVisible(), false);
  await reader.shot('found');
  await page.getByRole('searchbox').fill('zzzunheardof');
  await page.getByText(NOTHING).waitFor();
  await page.waitForURL('**/search/?q=zzzunheardof');
  const ask = page.getByRole('link', { name: 'Ask the author' });
  assert.match((await ask.getAttribute('href')) ?? '', /^mailto:/);
  await page.getByRole('searchbox').fill('');
  await page.locator('[data-all]').waitFor();
  await reader.isFine();
});

test('where nothing is found one is led to the author: below this lesson, or on the search page', async () => {
  const reader = await at('search-nothing', `/courses/${COURSE}/open/`);
  const window = await search(reader, 'zzzunheardof');
  await window.getByRole('link', { name: 'Ask below this lesson' }).click();
  await window.waitFor({ state: 'hidden' });
  await reader.page.waitForURL('**#page:comments');
  await reader.page.goto('/about/');
  await search(reader, 'zzzunheardof');
  await reader.page.getByRole('dialog').getByRole('link', { name: 'Ask the author' }).click();
  await reader.page.waitForURL('**/search/#page:ask');
  await reader.isFine();
});

test('an index that can not be loaded is told, and the next search tries again', async () => {
  const reader = await at('search-failing', '/');
  await reader.page.context().route('**/pagefind/pagefind-entry.json*', (route) => route.fulfill({ status: 503, body: '' }), { times: 1 });
  await reader.page.locator('[data-search]').click();
  const window = reader.page.getByRole('dialog');
  await window.getByRole('searchbox').fill(FREE.english);
  await window.getByText('The search could not be loaded.').waitFor();
  await window.getByRole('searchbox').fill(FREE.english.slice(0, -1));
  await window.getByRole('link', { name: 'Glossary' }).waitFor();
});

test('before the first search nothing of it is loaded', async () => {
  const reader = await Reader.arrive(browser, shop, { name: 'search-lazy' });
  /** @type {string[]} */
  const asked = [];
  reader.page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await reader.page.goto('/');
  await reader.page.waitForLoadState('networkidle');
  assert.deepEqual(asked.filter((path) => /search|pagefind/.test(path)), []);
  await search(reader, FREE.english);
  assert.ok(asked.some((path) => path.endsWith('/pagefind/pagefind.js')));
});

test('without JavaScript the page says so and lists everything by name', async () => {
  const reader = await at('search-no-script', '/about/', { javaScriptEnabled: false });
  const { page } = reader;
  await page.locator('[data-search]').click();
  await page.waitForURL('**/search/');
  await page.locator('noscript').filter({ visible: true }).waitFor();
  assert.equal(await page.locator('[data-status]').innerText(), 'Searching needs JavaScript. Below is everything by name.');
  await page.getByRole('searchbox').fill(FREE.english);
  await page.getByRole('searchbox').press('Enter');
  await page.waitForURL('**/search/?q=*');
  await reader.the('link', 'An open lesson').click();
  await reader.the('heading', 'An open lesson').waitFor();
  await reader.isFine();
});

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  for (const width of [320, 1280]) {
    test(`axe finds nothing in the open window, ${colorScheme}, ${width} px`, async () => {
      const reader = await at(`search-axe-${colorScheme}-${width}`, `/courses/${COURSE}/open/`, { colorScheme, viewport: { width, height: 800 } });
      const { page } = reader;
      for (const term of [FREE.code, 'tides', 'zzzunheardof']) {
        await search(reader, term);
        // Through the debugger, which the content policy doesn't bind.
        await page.evaluate(AXE);
        const { violations } = await page.evaluate(() => /** @type {any} */ (window).axe.run({ resultTypes: ['violations'] }));
        assert.deepEqual(violations.map((/** @type {any} */ { id, nodes }) => `${term}: ${id}: ${nodes[0].html}`), []);
        await reader.shot(`window-${term === FREE.code ? 'code' : term}`);
      }
      await page.goto(`/search/?q=tides`);
      await page.locator('.hits').waitFor();
      await page.evaluate(AXE);
      const { violations } = await page.evaluate(() => /** @type {any} */ (window).axe.run({ resultTypes: ['violations'] }));
      assert.deepEqual(violations.map((/** @type {any} */ { id, nodes }) => `page: ${id}: ${nodes[0].html}`), []);
      await reader.isFine();
    });
  }
}
