// An author looks at a draft on the site, publishes it, and looks again.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { Reader } from '../lib/browser.mjs';
import { signIn } from '../lib/buying.mjs';
import { opened } from '../lib/opened.mjs';
import { COURSE, madeSite } from '../lib/sites.mjs';
import { until } from '../lib/until.mjs';
import { Visitor } from '../lib/visitor.mjs';

const AUTHOR = 'author@courses.example';
const PATH = `/courses/${COURSE}/next-tide/`;
const NOTE = 'Preview: only authors see the course like this';

const site = await madeSite();
const draft = join(site, 'content/courses', COURSE, '01-start/03-next-tide.md');
writeFileSync(draft, '+++\ntitle = "The next tide"\ndraft = true\n+++\n\nAbove the line.\n\n<!-- more -->\n\nBelow it.\n');
const { shop, browser } = await opened(site);

test('a draft is shown to its author, and when it is published the author is not left with a page that is gone', async () => {
  const author = await Reader.arrive(browser, shop, { name: 'author-of-draft' });
  const { page } = author;
  const visitor = new Visitor(shop);
  await signIn(visitor, AUTHOR, PATH);
  await author.context.addCookies([...visitor.cookies].map(([name, { value }]) => ({ name, value, url: shop.origin })));
  await page.goto(PATH);
  await author.see(NOTE);
  await author.see('Below it.');
  assert.equal(await page.locator('nav [aria-current="page"] .tag').textContent(), 'draft');
  await author.shot('draft');
  await page.goto(`/courses/${COURSE}/`);
  await author.see(NOTE);
  await author.shot('course-with-draft');
  await page.setViewportSize({ width: 360, height: 700 });
  await page.goto(PATH);
  await author.shot('draft-on-a-phone');
  await author.isFine();

  writeFileSync(draft, readFileSync(draft, 'utf8').replace('draft = true\n', ''));
  await until('the lesson is published', async () => (await new Visitor(shop).get(PATH)).status === 200);
  // The token names a tree that is gone; the page that says so has it renewed.
  author.mayFail = [PATH];
  await open(page, PATH);
  await until('the published page', async () => (await page.getByText('Below it.').count()) > 0 && (await page.getByText(NOTE).count()) === 0);
  await author.isFine();

  // A page that never was is looked for twice, and not for ever.
  const gone = PATH.replace('next', 'no');
  author.mayFail = [gone];
  let asked = 0;
  page.on('request', (request) => (asked += Number(request.isNavigationRequest() && request.url().endsWith(gone))));
  await open(page, gone);
  await page.waitForLoadState('networkidle');
  assert.ok(asked <= 2, `asked ${asked} times`);
  assert.match(page.url(), new RegExp(`${gone}$`));
});

/** Goes there; the page may go on by itself before it is loaded. @param {import('playwright-core').Page} page @param {string} path */
const open = (page, path) => page.goto(path).catch((error) => assert.match(String(error), /interrupted|ERR_ABORTED/));
