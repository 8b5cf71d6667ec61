// A question and its answer in a browser: under the lesson, at the author's desk by keyboard, in the mails, in the
// export; then the same without scripts.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { tuition } from '../lib/binary.mjs';
import { signIn, someone } from '../lib/buying.mjs';
import { Reader } from '../lib/browser.mjs';
import { opened } from '../lib/opened.mjs';
import { COURSE, build, forget, madeSite } from '../lib/sites.mjs';
import { until } from '../lib/until.mjs';
import { Visitor } from '../lib/visitor.mjs';

const LESSON = `/courses/${COURSE}/open/`;
const THREAD = `/api/comments?lesson=${encodeURIComponent(`${COURSE}/open`)}`;

const site = await madeSite();
const toml = join(site, 'content/site.toml');
writeFileSync(toml, `${readFileSync(toml, 'utf8')}\n[comments]\nnotices = "once"\n`);
const { out, catalog } = await build(site);
forget(out);
const authorAddress = catalog.site.authors[0];
const { shop, browser } = await opened(site);

/** A browser in which this address is signed in. @param {string} email @param {object} [options] */
async function signedIn(email, options = {}) {
  const visitor = new Visitor(shop);
  await signIn(visitor, email, LESSON);
  const reader = await Reader.arrive(browser, shop, options);
  await reader.becomes(visitor);
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
    const all = await tuition('comments', 'export', '--all', '--site', shop.site, '--state', shop.state);
    assert.equal(all.code, 0, all.stderr);
    assert.match(all.stdout, new RegExp(`### Answered\\n[^]*- \\[x\\] \\[[\\d-]+\\]\\(${shop.origin}${LESSON}#comment-[0-9a-f]{32}\\)\\n\\n  > ${question.replace('?', '\\?')}`));
    for (const reader of [learner, author]) assert.deepEqual(reader.wrong, []);
    await learner.context.close();
    await author.context.close();
  });
}

for (const [locale, words] of /** @type {const} */ ([
  ['en-US', { fixed: 'Answered in the text', commit: "Commit of the lesson's change", save: 'Save', told: /Answered in the text on \d{4}-\d{2}-\d{2}/, trail: 'What was decided', step: 'Answered in the text' }],
  ['zh-CN', { fixed: '已在正文中解答', commit: '课文改动的提交（commit）', save: '保存', told: /已在正文中解答：\s*\d{4}-\d{2}-\d{2}/, trail: '处理记录', step: '已在正文中解答' }],
])) {
  test(`without scripts and by keyboard an author says which commit answers a question, and reads what was decided, in ${locale}`, async () => {
    const writer = new Visitor(shop);
    await signIn(writer, someone());
    const body = `Is it in the text by now, in ${locale}?`;
    const { id } = (await writer.post('/api/comments', { lesson: `${COURSE}/open`, body, question: true })).json;
    const author = await signedIn(authorAddress, { name: `commit-${locale}`, javaScriptEnabled: false, locale });
    const { page } = author;
    await page.goto(`${THREAD}&order=newest`);
    const question = page.locator(`#comment-${id}`);
    await question.locator('summary', { hasText: words.fixed }).focus();
    await page.keyboard.press('Enter');
    await question.getByLabel(words.commit).focus();
    await page.keyboard.type('C0FFEE1');
    await page.keyboard.press('Enter');
    await question.getByText(words.told).waitFor();
    await author.shot('answered-in-text');
    await question.getByRole('link', { name: words.trail }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: words.trail }).waitFor();
    const steps = page.locator('main ol > li');
    assert.equal(await steps.count(), 1);
    assert.match(await steps.first().innerText(), new RegExp(`^${words.step} · `));
    await author.shot('trail');

    const reader = await Reader.arrive(browser, shop, { name: `told-${locale}`, locale });
    await reader.page.goto(`${LESSON}#comment-${id}`);
    await reader.page.locator(`#comment-${id}`).getByText(/answered in the text on|已在正文中解答/i).first().waitFor();
    for (const one of [author, reader]) {
      assert.deepEqual(one.wrong, []);
      await one.context.close();
    }
  });
}

test('at the desk a key leads to what was decided before', async () => {
  const [writer, judge] = [new Visitor(shop), new Visitor(shop)];
  await signIn(writer, someone());
  await signIn(judge, authorAddress);
  const body = 'Hidden once, and changed since';
  const { id } = (await writer.post('/api/comments', { lesson: `${COURSE}/open`, body })).json;
  assert.equal((await judge.post(`/api/comments/${id}/moderation`, { decision: 'pin' })).status, 200);
  const author = await signedIn(authorAddress, { name: 'desk-trail' });
  const { page } = author;
  await page.goto('/author/');
  const item = page.locator('[data-waiting] > li', { hasText: body });
  await item.waitFor();
  await item.focus();
  await page.keyboard.press('t');
  await page.waitForURL(`**/api/comments/${id}/moderation`);
  assert.match(await page.locator('main ol > li').innerText(), /^Pinned · You · /);
  assert.deepEqual(author.wrong, []);
  await author.context.close();
});
