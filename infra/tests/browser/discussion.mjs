// A question and its answer in a browser: under the lesson, at the author's desk by keyboard, in the mails, in the
// export; then the same without scripts.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { tuition } from '../lib/binary.mjs';
import { signIn, someone } from '../lib/buying.mjs';
import { Reader, launch } from '../lib/browser.mjs';
import { Shop } from '../lib/shop.mjs';
import { COURSE, build, forget, madeSite } from '../lib/sites.mjs';
import { until } from '../lib/until.mjs';
import { Visitor } from '../lib/visitor.mjs';

const LESSON = `/courses/${COURSE}/open/`;
const THREAD = `/api/comments?lesson=${encodeURIComponent(`${COURSE}/open`)}`;

/** @type {Shop} */
let shop;
/** @type {import('playwright-core').Browser} */
let browser;
let authorAddress = '';

before(async () => {
  const site = await madeSite();
  const toml = join(site, 'content/site.toml');
  writeFileSync(toml, `${readFileSync(toml, 'utf8')}\n[comments]\nnotices = "once"\n`);
  const { out, catalog } = await build(site);
  forget(out);
  authorAddress = catalog.site.authors[0];
  shop = await Shop.open(site);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await shop?.close();
  if (shop) forget(shop.site);
});

/** A browser in which this address is signed in. @param {string} email @param {object} [options] */
async function signedIn(email, options = {}) {
  const visitor = new Visitor(shop);
  await signIn(visitor, email, LESSON);
  const reader = await Reader.arrive(browser, shop, options);
  await reader.context.addCookies([...visitor.cookies].map(([name, { value, path }]) => ({ name, value, path, domain: '127.0.0.1' })));
  return reader;
}

for (const scripts of [true, false]) {
  test(`a question finds its answer ${scripts ? 'under the lesson' : 'without scripts'}`, async () => {
    const email = someone();
    const question = `Why is it salt, ${scripts ? 'please' : 'again'}?`;
    const learner = await signedIn(email, { name: `discussion-${scripts}`, javaScriptEnabled: scripts });
    const author = await signedIn(authorAddress, { name: `desk-${scripts}`, javaScriptEnabled: scripts });
    await learner.page.goto(scripts ? LESSON : THREAD);
    const form = learner.page.locator('form[action="/api/comments"]').last();
    await form.locator('textarea').fill(question);
    await form.locator('[name=question]').check();
    await form.getByRole('button').click();
    const asked = learner.page.locator('li', { hasText: question }).first();
    await asked.waitFor();

    await shop.dev('jobs/digests', {});
    await until('the digest', async () => (await shop.mailsTo(authorAddress)).some((/** @type {any} */ mail) => mail.text.includes(question)));
    await author.page.goto(scripts ? '/author/' : '/api/comments/queue');
    const waiting = author.page.locator('li', { hasText: question });
    await waiting.waitFor();
    await author.shot('queue');
    if (scripts) {
      await author.page.locator('[data-queue]').focus();
      await author.page.keyboard.press('j');
      await author.page.keyboard.press('a');
    } else {
      await waiting.getByRole('button', { name: 'Approve' }).click();
    }
    await waiting.waitFor({ state: 'detached' });
    await author.page.goto(scripts ? LESSON : THREAD);
    const there = author.page.locator('li', { hasText: question }).first();
    if (scripts) await there.getByRole('button', { name: 'Reply' }).click();
    else await there.locator('summary', { hasText: 'Reply' }).click();
    await there.locator('textarea').first().fill('Rivers bring it.');
    await there.locator('form', { has: author.page.locator('textarea') }).first().locator('button:not([type])').first().click();
    await author.page.locator('li', { hasText: 'Rivers bring it.' }).first().waitFor();

    await shop.dev('jobs/outbox', {});
    const told = await until('the mail about the answer', async () => (await shop.mailsTo(email)).find((/** @type {any} */ mail) => /answered you/.test(mail.subject)));
    const link = /http\S+#comment-[0-9a-f]{32}/.exec(told.text)?.[0] ?? '';
    await learner.page.goto(scripts ? link : THREAD);
    const answered = learner.page.locator('li', { hasText: question }).first();
    await answered.getByText(/^answered$/i).first().waitFor();
    await learner.shot('answered');
    const exported = await tuition('comments', 'export', '--site', shop.site, '--state', shop.state);
    assert.equal(exported.code, 0, exported.stderr);
    assert.ok(!exported.stdout.includes(question), 'what is answered is open no more');
    for (const reader of [learner, author]) assert.deepEqual(reader.wrong, []);
    await learner.context.close();
    await author.context.close();
  });
}
