// What a reader has done and where they stopped: on the device alone for visitors, in the account for learners.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { codeIn, signIn, someone } from '../lib/buying.mjs';
import { Reader } from '../lib/browser.mjs';
import { opened } from '../lib/opened.mjs';
import { COURSE, madeSite } from '../lib/sites.mjs';
import { until } from '../lib/until.mjs';
import { Visitor } from '../lib/visitor.mjs';

const PROGRESS = '/api/access/me/progress';
const LANDING = `/courses/${COURSE}/`;
const LESSON = `${LANDING}open/`;
const SECOND = `${LANDING}second/`;

const site = await madeSite();
const folder = join(site, 'content/courses', COURSE, '01-start');
const parts = (/** @type {string} */ name) => ['First', 'Second', 'Third'].map((word) => `\n## ${word} part of ${name}\n\n${'A paragraph that is read. '.repeat(20)}\n\n${'\n\nAnother one.\n'.repeat(20)}`).join('');
writeFileSync(join(folder, '01-open.md'), readFileSync(join(folder, '01-open.md'), 'utf8') + parts('one'));
writeFileSync(join(folder, '03-second.md'), `+++\ntitle = "A second open lesson"\nfree = true\n+++\n${parts('two')}`);
const { shop, browser } = await opened(site);

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

/** What the account knows: lessons that are done, and where the learner stopped. @param {Visitor} visitor */
async function known(visitor) {
  const answer = await visitor.get(PROGRESS);
  assert.equal(answer.status, 200, answer.text);
  /** @type {any[]} */
  const all = answer.json.progress;
  return {
    done: all.filter((one) => one.finished_at).map((one) => one.lesson).sort(),
    places: all.filter((one) => one.seen_at).map((one) => `${one.lesson}#${one.heading}`),
  };
}

/** Signs a browser in by the code from a mail, as somebody does who reads in it. @param {Reader} reader @param {string} email */
async function signsIn({ page }, email) {
  const before = (await shop.mailsTo(email)).length;
  await page.goto(`/sign-in/?next=${LANDING}`);
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('button', { name: 'Mail me a link' }).click();
  const mail = await until('the mail', async () => {
    const mails = await shop.mailsTo(email);
    return mails.length > before && mails[0];
  });
  await page.getByLabel('Code from the mail').fill(codeIn(mail));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(LANDING);
}

test('at sign-in the device and the account come together, and of two words the later one counts', async () => {
  const email = someone();
  const account = new Visitor(shop);
  await signIn(account, email);
  const now = (await shop.advance(0)).getTime();
  const at = (/** @type {number} */ seconds) => new Date(now + seconds * 1000).toISOString();
  const told = await account.send('PATCH', PROGRESS, { headers: { 'content-type': 'application/json' }, body: JSON.stringify({
    lessons: [{ lesson: `${COURSE}/locked`, done: true, at: at(-3600) }, { lesson: `${COURSE}/open`, done: true, at: at(-7200) }],
    places: [{ lesson: `${COURSE}/locked`, heading: 'elsewhere', at: at(-3600) }],
  }) });
  assert.equal(told.status, 200, told.text);

  // A visitor: one lesson done, one done and taken back after the account heard that it was, and a place that is newer.
  const reader = await Reader.arrive(browser, shop, { name: 'merge' });
  const { page } = reader;
  await page.goto(LESSON);
  await reader.the('button', 'Mark as done').click();
  await reader.the('button', 'Not done after all').click();
  await page.goto(SECOND);
  await reader.the('button', 'Mark as done').click();
  await readsTo(reader, 'Second part of two');
  await signsIn(reader, email);
  await until('both are known to the page', async () => (await count(reader)) === '2 of 3 lessons done');
  assert.deepEqual(await marked(reader), ['A locked lesson Done', 'A second open lesson Done']);
  assert.deepEqual(await known(account), { done: ['locked', 'second'], places: ['second#second-part-of-two', 'locked#elsewhere'] });
  await reader.shot('together');

  // Another device knows all that from the start, and goes on from there.
  const phone = await Reader.arrive(browser, shop, { name: 'merge-phone', viewport: { width: 390, height: 844 } });
  await phone.becomes(account);
  await phone.page.goto(LANDING);
  await until('the phone knows', async () => (await count(phone)) === '2 of 3 lessons done');
  await phone.page.getByRole('link', { name: 'Continue reading' }).click();
  await phone.page.waitForURL(`${SECOND}#second-part-of-two`);
  await phone.the('button', 'Not done after all').click();
  await until('the account knows', async () => (await known(account)).done.length === 1);

  // The first device still thinks otherwise, and its older word is not heard.
  await page.evaluate(() => {
    const kept = JSON.parse(localStorage.getItem('progress') ?? '{}');
    for (const word of Object.values(kept.done)) word[2] = 1;
    localStorage.setItem('progress', JSON.stringify(kept));
  });
  await page.goto(SECOND);
  await reader.the('button', 'Mark as done').waitFor();
  assert.deepEqual(await known(account), { done: ['locked'], places: (await known(account)).places });
  await phone.isFine();

  // Nothing of the account is left for who comes after.
  await page.goto('/account/');
  // That of this browser: each of the others has a button, too.
  await page.locator('form[action="/api/access/sign-out"]').getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.waitForURL('/');
  assert.equal(await page.evaluate(() => localStorage.getItem('progress')), null);
  await page.goto(LANDING);
  await until('the page of the course is as for anybody', async () => (await count(reader)) === '0 of 3 lessons done');
  await reader.isFine();
});
