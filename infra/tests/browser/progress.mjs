// What a reader has done and where they stopped: on the device alone for visitors, in the account for learners.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Reader, launch } from '../lib/browser.mjs';
import { Shop } from '../lib/shop.mjs';
import { COURSE, forget, madeSite } from '../lib/sites.mjs';
import { until } from '../lib/until.mjs';

const LANDING = `/courses/${COURSE}/`;
const LESSON = `${LANDING}open/`;
const SECOND = `${LANDING}second/`;

/** @type {Shop} */
let shop;
/** @type {import('playwright-core').Browser} */
let browser;

before(async () => {
  const site = await madeSite();
  const folder = join(site, 'content/courses', COURSE, '01-start');
  const parts = (/** @type {string} */ name) => ['First', 'Second', 'Third'].map((word) => `\n## ${word} part of ${name}\n\n${'A paragraph that is read. '.repeat(20)}\n\n${'\n\nAnother one.\n'.repeat(20)}`).join('');
  writeFileSync(join(folder, '01-open.md'), readFileSync(join(folder, '01-open.md'), 'utf8') + parts('one'));
  writeFileSync(join(folder, '03-second.md'), `+++\ntitle = "A second open lesson"\nfree = true\n+++\n${parts('two')}`);
  shop = await Shop.open(site);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await shop?.close();
  if (shop) forget(shop.site);
});

/** What the page says is done. @param {Reader} reader */
const count = ({ page }) => page.locator('[data-progress] span').first().innerText();
/** Names of the lessons that the outline marks. @param {Reader} reader */
const marked = ({ page }) => page.locator('[data-course] li.done a').evaluateAll((links) => links.map((link) => link.textContent));
/** Scrolls until a heading is the last that was passed, as a reader does. @param {Reader} reader @param {string} heading */
async function readsTo({ page }, heading) {
  await page.getByRole('heading', { name: heading }).evaluate((element) => element.scrollIntoView({ block: 'start', behavior: 'instant' }));
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

test('a lesson is marked as done and not done, in the outline, on the page of the course, and after a reload', async () => {
  const reader = await Reader.arrive(browser, shop, { name: 'done' });
  const { page } = reader;
  /** @type {string[]} */
  const asked = [];
  reader.context.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(LESSON);
  await reader.the('button', 'Mark as done').click();
  await page.getByRole('status').filter({ hasText: /^Done$/ }).waitFor();
  assert.deepEqual(await marked(reader), ['An open lesson Done']);
  assert.equal(await count(reader), '1 of 3 lessons done');
  await reader.shot('lesson');
  await page.goto(LANDING);
  await page.locator('li.done').waitFor();
  assert.deepEqual(await marked(reader), ['An open lesson Done']);
  assert.equal(await count(reader), '1 of 3 lessons done');
  assert.equal(await page.locator('[data-progress] progress').first().evaluate((bar) => /** @type {HTMLProgressElement} */ (bar).value), 1);
  await reader.shot('course');
  // Another tab says so at once.
  const other = await reader.context.newPage();
  await other.goto(LESSON);
  await other.getByRole('button', { name: 'Not done after all' }).click();
  await other.getByRole('button', { name: 'Mark as done' }).waitFor();
  await until('the first tab knows', async () => (await count(reader)) === '0 of 3 lessons done');
  await page.goto(LESSON);
  await reader.the('button', 'Mark as done').waitFor();
  assert.deepEqual(await marked(reader), []);
  assert.deepEqual(asked.filter((path) => path.startsWith('/api/access/')), [], 'nobody but the browser is told');
  await reader.isFine();
});

test('the front page, the course and its card lead back to the heading where one stopped', async () => {
  const reader = await Reader.arrive(browser, shop, { name: 'resume' });
  const { page } = reader;
  await page.goto('/');
  await reader.the('link', 'Read the first lesson').waitFor();
  assert.equal(await page.getByRole('link', { name: 'Continue reading' }).count(), 0);
  await page.goto(LESSON);
  await page.getByRole('button', { name: 'Mark as done' }).waitFor();
  await readsTo(reader, 'Second part of one');
  await page.goto('/');
  await page.getByRole('link', { name: 'Continue reading: An open lesson' }).click();
  await page.waitForURL(`${LESSON}#second-part-of-one`);
  // Looking in at the top is not reading from there.
  await page.goto(LESSON);
  await page.goto(LANDING);
  const back = page.getByRole('link', { name: 'Continue reading' });
  assert.equal(await back.getAttribute('href'), `${LESSON}#second-part-of-one`);
  await page.goto(SECOND);
  await readsTo(reader, 'Third part of two');
  await page.goto('/courses/');
  await page.locator('.card').filter({ hasText: 'All about tides' }).getByRole('link', { name: 'Continue reading' }).first().click();
  await page.waitForURL(`${SECOND}#third-part-of-two`);
  await page.goto('/');
  await reader.shot('home');
  await page.getByRole('link', { name: 'Continue reading: A second open lesson' }).waitFor();
  await reader.isFine();
});

test('without JavaScript, and where nothing can be kept, lessons are read all the same', async () => {
  const reader = await Reader.arrive(browser, shop, { name: 'no-progress', javaScriptEnabled: false });
  await reader.page.goto(LESSON);
  for (const part of ['.finish', '.progress']) assert.equal(await reader.page.locator(part).first().isVisible(), false, part);
  await reader.isFine();
  const forgetful = await Reader.arrive(browser, shop, { name: 'no-storage' });
  await forgetful.context.addInitScript(() => Object.defineProperty(window, 'localStorage', { get: () => { throw new DOMException('forbidden', 'SecurityError'); } }));
  await forgetful.page.goto(LESSON);
  await forgetful.the('button', 'Mark as done').click();
  await forgetful.page.getByRole('status').filter({ hasText: /^Done$/ }).waitFor();
  await forgetful.isFine();
});
