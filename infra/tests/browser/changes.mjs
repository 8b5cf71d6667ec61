// What changed in a lesson since this reader was there last: marked, in their browser alone.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { Reader } from '../lib/browser.mjs';
import { opened } from '../lib/opened.mjs';
import { COURSE, madeSite } from '../lib/sites.mjs';
import { until } from '../lib/until.mjs';

const LESSON = `content/courses/${COURSE}/01-start/01-open.md`;
const PATH = `/courses/${COURSE}/open/`;

const site = await madeSite();
git('init', '-q');
git('add', '--all');
git('commit', '-qm', 'The whole site');
change('Say it better');
change('Correct a date');
const { shop, browser } = await opened(site);

/** @param {...string} args */
function git(...args) {
  const who = ['-c', 'user.name=somebody', '-c', 'user.email=somebody@example.com', '-c', 'core.hooksPath=/nonexistent'];
  execFileSync('git', ['-C', site, ...who, ...args]);
}

/** Commits a change of the open lesson. @param {string} subject */
function change(subject) {
  appendFileSync(join(site, LESSON), `\n${subject}.\n`);
  git('commit', '-qam', subject);
}

/** The lesson in a new tab, its list of changes open: subjects, and which of them are marked. @param {Reader} reader */
async function visit(reader) {
  const page = await reader.context.newPage();
  await page.goto(PATH);
  const list = page.locator('[data-changes]');
  await list.locator('summary').click();
  // Marks are made, by a module that loads after the page, when it has noted what is newest.
  await page.waitForFunction((path) => {
    const newest = document.querySelector('[data-changes] li span')?.textContent ?? '';
    return localStorage.getItem(`changes:${path}`)?.endsWith(newest);
  }, PATH);
  const seen = await list.locator('li').evaluateAll((entries) => entries.map((entry) => ({
    subject: entry.querySelector('span')?.textContent, isNew: entry.querySelector('.tag')?.textContent === 'New',
  })));
  await page.close();
  return seen;
}

test('a reader who comes back sees what is new, and nobody else does', async () => {
  const reader = await Reader.arrive(browser, shop, { name: 'changes' });
  const first = [{ subject: 'Correct a date', isNew: false }, { subject: 'Say it better', isNew: false }];
  assert.deepEqual(await visit(reader), first);
  assert.deepEqual(await visit(reader), first);

  change('Add <an> example');
  // A commit alone is no change of a file that is watched.
  appendFileSync(join(site, LESSON), '\n');
  await until('the page has the change', async () => (await (await fetch(shop.origin + PATH)).text()).includes('Add &lt;an&gt; example'));

  const again = await visit(reader);
  assert.deepEqual(again, [{ subject: 'Add <an> example', isNew: true }, ...first]);
  await reader.isFine();
  assert.deepEqual(await visit(reader), again.map((entry) => ({ ...entry, isNew: false })));
  const other = await Reader.arrive(browser, shop, { name: 'changes-other' });
  assert.ok((await visit(other)).every((entry) => !entry.isNew));
  const withoutScript = await Reader.arrive(browser, shop, { name: 'changes-no-script', javaScriptEnabled: false });
  await withoutScript.page.goto(PATH);
  await withoutScript.page.getByText('What changed').click();
  await withoutScript.see('Add <an> example');
  await withoutScript.shot('list');
  await withoutScript.isFine();
});
