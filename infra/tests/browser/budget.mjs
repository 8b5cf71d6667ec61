// What the first view of a long lesson weighs on the wire, counted as a browser receives it; and that nothing moves for a reader
// for whom scripts change the page after it was painted. Other pages and states: layout.mjs.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { Reader } from '../lib/browser.mjs';
import { Edge } from '../lib/cdn.mjs';
import { LONG_LESSON, siteWithLongLesson } from '../lib/long-lesson.mjs';
import { opened } from '../lib/opened.mjs';
import { shifts } from '../lib/shifts.mjs';

const KB = 1024;
/** `counting`: the script of usage metrics, whatever a page has. */
const MOST = { all: 32 * KB, script: 8 * KB, counting: 1.5 * KB };

const { shop, browser } = await opened(siteWithLongLesson(), { watch: false });
const edge = await Edge.open(shop);
after(() => edge.close());

/** The window, then the first question: most of it is the engine, which comes once. */
const FIND = { window: 16 * KB, search: 160 * KB };

/** Every answer that has come to a browser so far: its path, kind, and the bytes of its body as they came. @param {Reader} reader */
function received(reader) {
  /** @type {Promise<{path: string, kind: string, bytes: number}>[]} */
  const answers = [];
  reader.context.on('requestfinished', (request) => answers.push(request.sizes().then((sizes) => ({
    path: new URL(request.url()).pathname, kind: request.resourceType(), bytes: sizes.responseBodySize,
  }))));
  return async () => {
    await reader.page.waitForLoadState('networkidle');
    return Promise.all(answers);
  };
}

const sum = (/** @type {{bytes: number}[]} */ answers) => answers.reduce((bytes, answer) => bytes + answer.bytes, 0);

for (const [name, viewport] of Object.entries({ phone: { width: 390, height: 844 }, desk: { width: 1280, height: 800 } })) {
  test(`the first view of a long lesson, ${name}: at most 32 KB in all, 8 KB of it script`, async (t) => {
    const reader = await Reader.arrive(browser, edge, { name: `budget-${name}`, viewport });
    const answers = received(reader);
    await reader.page.goto(LONG_LESSON);
    const all = await answers();
    const script = all.filter(({ kind }) => kind === 'script');
    const table = all.map(({ path, bytes }) => `${bytes} ${path}`).join('\n');
    t.diagnostic(`${sum(all)} bytes, ${sum(script)} of them script`);
    assert.ok(all.length > 6 && script.length > 3 && sum(all) > 10 * KB, `something was not counted:\n${table}`);
    assert.ok(sum(all) <= MOST.all, `${sum(all)} bytes:\n${table}`);
    assert.ok(sum(script) <= MOST.script, `${sum(script)} bytes of script:\n${table}`);
    const counting = script.filter(({ path }) => /\/metrics\.[\w-]+\.js$/.test(path));
    assert.ok(counting.length === 1 && sum(counting) > KB / 2 && sum(counting) <= MOST.counting, `${sum(counting)} bytes of metrics:\n${table}`);
    // What comes when one reads on comes from here, too: the reader remembers any request to another origin.
    await reader.page.evaluate(async () => {
      for (let top = 0; top < document.documentElement.scrollHeight; top += innerHeight) {
        scrollTo({ top, behavior: 'instant' });
        await new Promise((done) => setTimeout(done, 50));
      }
    });
    await reader.page.waitForLoadState('networkidle');
    await reader.isFine();
  });

  test(`nothing moves for a reader who comes back, ${name}`, async () => {
    const reader = await Reader.arrive(browser, edge, { name: `back-${name}`, viewport });
    const { page } = reader;
    await page.goto(LONG_LESSON);
    await reader.the('button', 'Mark as done').click();
    // Modules that come long after the first paint.
    await page.route(/\/assets\/(?!theme)[\w-]+\.\w+\.js$/, async (route) => {
      await new Promise((wake) => setTimeout(wake, 200));
      await route.continue();
    });
    const course = LONG_LESSON.split('/').slice(0, 3).join('/');
    for (const path of ['/', '/courses/', `${course}/`, LONG_LESSON, '/courses/publishing-with-tuition/notation/', '/account/']) {
      await page.goto(path);
      await page.waitForLoadState('networkidle');
      if (path === '/') await page.getByRole('link', { name: /^Continue reading: / }).waitFor();
      assert.deepEqual(await page.evaluate(shifts), { sum: 0, moved: [] }, path);
    }
    await reader.isFine();
  });
}

test('search: nothing before its window is open, at most 16 KB for the window and 160 KB for the first question', async (t) => {
  const reader = await Reader.arrive(browser, edge, { name: 'budget-search' });
  const answers = received(reader);
  await reader.page.goto(LONG_LESSON);
  const before = await answers();
  assert.deepEqual(before.filter(({ path }) => /search|pagefind/.test(path)), []);
  await reader.page.keyboard.press('/');
  const field = reader.page.getByRole('dialog').getByRole('searchbox');
  await field.waitFor();
  const opened = await answers();
  const window = sum(opened) - sum(before);
  await field.fill('error');
  await reader.page.locator('.hits').waitFor();
  const found = (await answers()).slice(opened.length);
  const table = found.map(({ path, bytes }) => `${bytes} ${path}`).join('\n');
  t.diagnostic(`${window} bytes for the window, ${sum(found)} for the first question`);
  assert.ok(found.some(({ path }) => path.endsWith('/pagefind/pagefind.js')) && found.some(({ path }) => path.includes('/pagefind/wasm.')), `something was not counted:\n${table}`);
  assert.ok(window > KB && window <= FIND.window, `${window} bytes`);
  assert.ok(sum(found) <= FIND.search, `${sum(found)} bytes:\n${table}`);
  await reader.isFine();
});
