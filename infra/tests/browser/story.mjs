// The whole story in a browser, on the repository's own site: from the front page to a course of
// one's own and back to the teaser after a refund, then what the author sees of it.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { codeIn, linkIn, paymentOf, someone } from '../lib/buying.mjs';
import { Reader } from '../lib/browser.mjs';
import { opened } from '../lib/opened.mjs';
import { sampleCourse } from '../lib/sample-course.mjs';
import { sampleSite } from '../lib/sites.mjs';
import { until } from '../lib/until.mjs';

const PAYWALL = 'This lesson goes on in the full course';
const COMMENT = 'Why does this lesson take the error apart only in main?';

const email = someone();

const site = sampleSite();
const sample = await sampleCourse(site);
const { shop, browser } = await opened(site);

/** @param {Reader} reader */
async function seesTheTeaser(reader) {
  await reader.see(PAYWALL);
  assert.equal(await reader.page.getByText(sample.paidHeading, { exact: true }).count(), 0);
}

/** @param {Reader} reader */
async function seesTheWholeLesson(reader) {
  await reader.the('heading', sample.paidHeading).waitFor();
  assert.equal(await reader.page.getByText(PAYWALL).count(), 0);
}

/** Counts the batches of usage facts that this browser sends. @param {Reader} reader */
function batches(reader) {
  const sent = { count: 0 };
  reader.context.on('requestfinished', (request) => {
    if (request.url().endsWith('/api/metrics/events')) sent.count += 1;
  });
  return sent;
}

test('one sale, from the front page to the refund, and what the author sees of it', async (t) => {
  const buyer = await Reader.arrive(browser, shop, { name: 'buyer' });
  const phone = await Reader.arrive(browser, shop, { name: 'phone', viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
  const author = await Reader.arrive(browser, shop, { name: 'author', colorScheme: 'dark' });
  const { page } = buyer;
  const sent = batches(buyer);
  let session = '';
  const step = stepsOf(t);

  await step('the front page leads to the course, the course to a locked lesson: teaser and offer', async () => {
    await page.goto('/');
    await buyer.shot('home');
    await buyer.the('link', sample.course.title).click();
    await page.waitForURL(sample.path);
    await buyer.the('heading', sample.course.title).waitFor();
    await buyer.the('button', `Buy for ${sample.price}`).waitFor();
    await buyer.shot('course');
    await page.getByRole('main').getByRole('link', { name: sample.lesson.title }).first().click();
    await page.waitForURL(sample.locked);
    await seesTheTeaser(buyer);
    await buyer.the('button', `Buy for ${sample.price}`).waitFor();
    await buyer.shot('teaser');
  });

  await step('paying at the till leads back to the same URL, and the lesson is whole', async () => {
    await buyer.the('button', `Buy for ${sample.price}`).click();
    await page.waitForURL(/\/_dev\/till\//);
    session = /cs_\w+/.exec(page.url())?.[0] ?? '';
    await buyer.see('no money moves');
    await page.getByLabel('E-mail').fill(email);
    await buyer.shot('till');
    const before = sent.count;
    await buyer.the('button', `Pay ${sample.due}`).click();
    await page.waitForURL(sample.locked);
    await seesTheWholeLesson(buyer);
    await buyer.shot('whole');
    // The view of the page goes off with the first stretch that was read.
    await until('reading is counted', () => sent.count >= before + 1);
  });

  await step('a comment is there at once and after a reload', async () => {
    await page.getByLabel('Your question or comment').fill(COMMENT);
    await page.getByLabel('This is a question').check();
    await buyer.the('button', /^Post$/).click();
    await page.getByRole('article').getByText(COMMENT).waitFor();
    await page.reload();
    await page.locator('[id="page:comments"]').scrollIntoViewIfNeeded();
    await page.getByRole('article').getByText(COMMENT).waitFor();
    await seesTheWholeLesson(buyer);
    await buyer.shot('comment');
  });

  await step('after signing out, Back and a reload show the teaser', async () => {
    await buyer.the('link', 'Account').click();
    await page.waitForURL('/account/');
    await buyer.shot('account');
    await buyer.the('button', 'Sign out').click();
    await page.waitForURL('/');
    await buyer.the('link', 'Sign in').waitFor();
    for (let steps = 0; new URL(page.url()).pathname !== sample.locked; steps += 1) {
      assert.ok(steps < 3, `Back does not lead to the lesson but to ${page.url()}`);
      // A page from the back/forward cache has loaded long ago; it notices by itself who is signed in.
      await page.goBack({ waitUntil: 'commit' });
      await buyer.the('link', 'Sign in').waitFor();
    }
    await seesTheTeaser(buyer);
    await page.reload();
    await seesTheTeaser(buyer);
    await buyer.shot('signed-out');
    await buyer.isFine();
  });

  await step('on a phone, the mailed link opens what was bought', async () => {
    await phone.page.goto(sample.locked);
    await seesTheTeaser(phone);
    await phone.the('link', 'Sign in').click();
    await phone.page.waitForURL(/\/sign-in\//);
    await phone.page.getByLabel('E-mail').fill(email);
    await phone.the('button', 'Mail me a link').click();
    await phone.page.getByLabel('Code from the mail').waitFor();
    await phone.shot('code');
    await phone.page.goto(await mailedLink(email));
    await phone.shot('link');
    await phone.the('button', 'Sign in').click();
    await phone.page.waitForURL(sample.locked);
    await seesTheWholeLesson(phone);
    await phone.shot('whole');
    await phone.isFine();
  });

  await step('fifteen minutes after a refund the lesson is a teaser again', async () => {
    await shop.dev(`till/payments/${await paymentOf(shop, session)}/refund`, {});
    await until('the refund has arrived', async () => (await (await fetch(`${shop.origin}/api/checkout/sessions/${session}`)).json()).status === 'refunded');
    await shop.advance(901);
    await phone.page.reload();
    await seesTheTeaser(phone);
    assert.equal(new URL(phone.page.url()).pathname, sample.locked);
    await phone.shot('refunded');
    await phone.isFine();
  });

  await step('the author, signed in by the mailed code, sees views, starts and the sale', async () => {
    await author.page.goto('/author/');
    await author.the('link', 'Sign in').click();
    await author.page.getByLabel('E-mail').fill(sample.author);
    await author.the('button', 'Mail me a link').click();
    const [mail] = await until('the mail', async () => {
      const mails = await shop.mailsTo(sample.author);
      return mails.length > 0 && mails;
    });
    await author.page.getByLabel('Code from the mail').fill(codeIn(mail));
    await author.the('button', 'Sign in').click();
    await author.page.waitForURL('/author/');
    await author.page.locator('[data-summary]').waitFor();
    const cells = async (/** @type {string} */ table, /** @type {string} */ row) => author.page.locator(`[data-${table}] tbody tr`).filter({ hasText: row }).first().getByRole('cell').allInnerTexts();
    const [, views = '0'] = await cells('views', sample.locked);
    assert.ok(Number(views) >= 3, `${views} views of ${sample.locked}`);
    const [, started = '0'] = await cells('lessons', sample.lesson.title);
    assert.ok(Number(started) >= 1, `${started} starts of ${sample.lesson.title}`);
    assert.deepEqual((await cells('sales', 'USD')).slice(0, 5), ['USD', '1', sample.price, sample.price, '$0.00']);
    assert.equal((await cells('recent', 'purchase'))[3], sample.price);
    await author.shot('summary');
    await author.isFine();
  });
});

/** Steps that build on each other: after one has failed the others are not tried. @param {import('node:test').TestContext} t */
function stepsOf(t) {
  let skip = false;
  return (/** @type {string} */ name, /** @type {() => Promise<void>} */ work) => t.test(name, { skip }, async () => {
    skip = true;
    await work();
    skip = false;
  });
}

/** @param {string} address */
const mailedLink = (address) => until('the mailed link', async () => {
  const [mail] = await shop.mailsTo(address);
  return linkIn(mail);
});
