// What people write to make others' browsers run it: every text of the corpus is posted, and what comes back is
// read by a real browser, under our policy, in the lesson and on the thread's own page.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';

import { signIn, someone } from '../lib/buying.mjs';
import { Reader } from '../lib/browser.mjs';
import { opened } from '../lib/opened.mjs';
import { COURSE, madeSite } from '../lib/sites.mjs';
import { Visitor } from '../lib/visitor.mjs';

const LESSON = `${COURSE}/open`;
const THREAD = `/api/comments?lesson=${encodeURIComponent(LESSON)}`;
/** By kind. @type {Record<string, string[]>} */
const corpus = JSON.parse(readFileSync(new URL('../corpora/hostile-comments.json', import.meta.url), 'utf8'));

/** Elements that a comment may have, and their attributes. @type {Record<string, string[]>} */
const ALLOWED = {
  p: [], br: [], em: [], strong: [], del: [], code: ['class'], pre: [], ul: [], ol: ['start'], li: [], blockquote: [], a: ['href', 'rel'], span: ['class'],
};

const { shop, browser } = await opened(await madeSite());
/** The HTML of each comment that was taken. */
const taken = /** @type {{text: string, html: string}[]} */ ([]);

before(async () => {
  const writer = new Visitor(shop);
  await signIn(writer, someone());
  for (const text of Object.values(corpus).flat()) {
    const answer = await writer.post('/api/comments', { lesson: LESSON, body: text });
    if (answer.status === 422) continue;
    assert.equal(answer.status, 201, `${text}: ${answer.text}`);
    taken.push({ text, html: answer.json.html });
  }
});

/** What is in these nodes and not allowed. */
const strange = (/** @type {{html: string[], allowed: Record<string, string[]>}} */ { html, allowed }) => html.flatMap((text) => {
  const inert = new DOMParser().parseFromString(text, 'text/html');
  return [...inert.body.querySelectorAll('*'), ...inert.head.querySelectorAll('*')].flatMap((one) => {
    const name = one.namespaceURI === 'http://www.w3.org/1999/xhtml' ? one.localName : `${one.namespaceURI} ${one.localName}`;
    const attributes = allowed[name];
    if (!attributes) return [`<${name}> of ${text}`];
    const wrong = [...one.attributes].filter(({ name: key }) => !attributes.includes(key));
    const link = one.getAttribute('href');
    const leads = link === null || /^(https?|mailto):/.test(link);
    const of = (name === 'span' ? /^[a-z]$/ : /^language-[\w+#-]+$/).test(one.getAttribute('class') ?? 'language-x');
    return [...wrong.map(({ name: key }) => `${key} of ${text}`), ...(leads ? [] : [`${link} of ${text}`]), ...(of ? [] : [`class of ${text}`])];
  });
});

test('there are at least 150 hostile texts, each once, and most of them are taken', () => {
  const all = Object.values(corpus).flat();
  assert.ok(all.length >= 150 && new Set(all).size === all.length);
  assert.ok(taken.length > all.length / 2, `${taken.length} of ${all.length}`);
});

test('a browser finds no element and no attribute in them that a comment may not have', async () => {
  const reader = await Reader.arrive(browser, shop, { name: 'hostile' });
  await reader.page.goto('/404.html');
  const found = await reader.page.evaluate(strange, { html: taken.map(({ html }) => html), allowed: ALLOWED });
  assert.deepEqual(found, []);
  // Whoever parses what a browser wrote out again finds the same.
  const again = await reader.page.evaluate((html) => html.map((text) => {
    const once = new DOMParser().parseFromString(text, 'text/html').body.innerHTML;
    return new DOMParser().parseFromString(once, 'text/html').body.innerHTML === once ? null : text;
  }).filter(Boolean), taken.map(({ html }) => html));
  assert.deepEqual(again, []);
  // The check itself finds what it is for.
  assert.equal((await reader.page.evaluate(strange, { html: ['<p><img src=x onerror=x><a href="javascript:x">y</a>'], allowed: ALLOWED })).length, 2);
  await reader.context.close();
});

for (const [name, path, scripts] of /** @type {const} */ ([['in the lesson', `/courses/${COURSE}/open/`, true], ['on the page of the thread', THREAD, true], ['without scripts', THREAD, false]])) {
  test(`nothing of them runs, asks anybody or covers anything ${name}`, async () => {
    const reader = await Reader.arrive(browser, shop, { name: 'hostile', javaScriptEnabled: scripts });
    const { page } = reader;
    let alerts = 0;
    page.on('dialog', (dialog) => {
      alerts += 1;
      dialog.dismiss();
    });
    await page.goto(path);
    await page.locator('article.comment').first().waitFor();
    let shown = 0;
    for (;;) {
      shown = await page.locator('article.comment').count();
      const next = page.locator(path === THREAD ? 'a[rel=next]' : '[data-more]:visible').first();
      if ((await next.count()) === 0) break;
      await next.click();
      if (path === THREAD) await page.waitForLoadState('load');
      else await page.waitForFunction((before) => document.querySelectorAll('article.comment').length > before, shown);
    }
    // Whatever a pointer or the keyboard might set off.
    if (scripts) {
      for (const one of await page.locator('article.comment').all().then((all) => all.slice(0, 40))) await one.dispatchEvent('mouseover');
      for (let press = 0; press < 20; press += 1) await page.keyboard.press('Tab');
    }
    assert.ok(shown > 0);
    assert.equal(alerts, 0);
    assert.deepEqual(reader.wrong, []);
    await reader.context.close();
  });
}
