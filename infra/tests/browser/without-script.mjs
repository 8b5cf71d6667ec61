// The core of the story with JavaScript switched off: read, buy, read on, ask, sign in elsewhere.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { linkIn, someone } from '../lib/buying.mjs';
import { Reader } from '../lib/browser.mjs';
import { opened } from '../lib/opened.mjs';
import { sampleCourse } from '../lib/sample-course.mjs';
import { sampleSite } from '../lib/sites.mjs';
import { until } from '../lib/until.mjs';

const PAYWALL = 'This lesson goes on in the full course';

const site = sampleSite();
const sample = await sampleCourse(site);
const { shop, browser } = await opened(site);

test('without JavaScript one reads, buys, asks, and signs in elsewhere', async () => {
  const email = someone();
  const reader = await Reader.arrive(browser, shop, { name: 'no-script', javaScriptEnabled: false });
  const { page } = reader;

  await page.goto(sample.open);
  await reader.the('heading', sample.free.title).waitFor();
  assert.equal(await page.getByText(PAYWALL).count(), 0);
  await page.goto(sample.locked);
  await reader.see(PAYWALL);
  await reader.the('button', `Buy for ${sample.price}`).click();
  await page.getByLabel('E-mail').fill(email);
  await reader.the('button', `Pay ${sample.due}`).click();
  await page.waitForURL(sample.locked);
  await reader.the('heading', sample.paidHeading).waitFor();
  await reader.shot('whole');

  const body = 'Asked without a script.';
  await page.getByLabel('Your question or comment').fill(body);
  await reader.the('button', /^Post$/).click();
  await page.waitForURL((url) => url.pathname === sample.locked && url.hash === '#page:comments');
  const thread = await page.request.get(`/api/comments?lesson=${sample.course.id}/${sample.lesson.id}`);
  assert.ok((await thread.text()).includes(body));

  // The access token runs out; the gate sends the reader through renewal and back.
  await shop.advance(901);
  await page.goto(sample.locked);
  await reader.the('heading', sample.paidHeading).waitFor();
  assert.equal(new URL(page.url()).pathname, sample.locked);
  await reader.isFine();

  const other = await Reader.arrive(browser, shop, { name: 'no-script-other', javaScriptEnabled: false });
  await other.page.goto(sample.locked);
  await other.see(PAYWALL);
  await other.page.getByText('Already bought it? Sign in').click();
  await other.page.getByLabel('E-mail').filter({ visible: true }).fill(email);
  await other.the('button', 'Mail me a link').click();
  await other.page.waitForURL('/sign-in/?sent=1');
  await other.page.getByLabel('Code from the mail').waitFor();
  await other.shot('sent');
  await other.page.goto(await until('the mailed link', async () => {
    const mails = await shop.mailsTo(email);
    return linkIn(mails[0]);
  }));
  await other.the('button', 'Sign in').click();
  await other.page.waitForURL(sample.locked);
  await other.the('heading', sample.paidHeading).waitFor();
  await other.shot('whole');
  await other.isFine();
});
