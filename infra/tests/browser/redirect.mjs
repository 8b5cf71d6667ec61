// Old addresses: whoever comes by one arrives, with the anchor of the link where scripts run.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { Reader } from '../lib/browser.mjs';
import { opened } from '../lib/opened.mjs';
import { COURSE, madeSite } from '../lib/sites.mjs';

const LESSON = `/courses/${COURSE}/open/`;

const site = await madeSite();
writeFileSync(join(site, 'content/redirects.toml'), `"/book/ch01.html" = "${LESSON}"
"/courses/${COURSE}/old/" = "/courses/${COURSE}/locked/"
"/fixed/" = "${LESSON}"
`);
const { shop, browser } = await opened(site);

test('an old address leads on, and keeps the anchor', async () => {
  const reader = await Reader.arrive(browser, shop, { name: 'redirect' });
  const { page } = reader;
  /** @param {string} from @param {string} to */
  const leads = async (from, to) => {
    await page.goto(from);
    await page.waitForURL(shop.origin + to);
    await page.waitForLoadState();
    // Nothing leads on from there.
    await page.waitForTimeout(300);
    assert.equal(page.url(), shop.origin + to);
  };
  await leads('/book/ch01.html', LESSON);
  await leads('/book/ch01.html#the-stack', `${LESSON}#the-stack`);
  await leads('/fixed', LESSON);
  await leads(`/courses/${COURSE}/old/`, `/courses/${COURSE}/locked/`);
  // Back goes to where the reader was, not into the redirect again.
  await page.goto('/about/');
  await leads('/book/ch01.html#part', `${LESSON}#part`);
  await page.goBack();
  await page.waitForURL('/about/');
  await reader.isFine();
});

test('without JavaScript it leads on, too', async () => {
  const reader = await Reader.arrive(browser, shop, { name: 'redirect-no-script', javaScriptEnabled: false });
  await reader.page.goto('/book/ch01.html#the-stack');
  await reader.page.waitForURL((url) => url.pathname === LESSON);
  await reader.isFine();
});
