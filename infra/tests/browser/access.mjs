// Signing in as people do it: asked for here and opened there, looked at by a scanner before anybody reads
// the mail, and signed out from another device.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LOCKED, buy, codeIn, linkIn, someone, wrongCode } from '../lib/buying.mjs';
import { Reader } from '../lib/browser.mjs';
import { opened } from '../lib/opened.mjs';
import { PAID, madeSite } from '../lib/sites.mjs';
import { TOKEN_LIFE } from '../lib/tokens.mjs';
import { until } from '../lib/until.mjs';
import { Visitor } from '../lib/visitor.mjs';

const PAYWALL = 'This lesson goes on in the full course';

const { shop, browser } = await opened(await madeSite());

/** Somebody who has bought the course elsewhere. */
async function owner() {
  const email = someone();
  await buy(new Visitor(shop), email);
  return email;
}

/** From the teaser to a mail that is on its way. @param {Reader} reader @param {string} email */
async function asks(reader, email) {
  const before = (await shop.mailsTo(email)).length;
  await reader.page.goto(LOCKED);
  await reader.see(PAYWALL);
  await reader.the('link', 'Sign in').click();
  await reader.page.waitForURL(/\/sign-in\//);
  await reader.page.getByLabel('E-mail').fill(email);
  await reader.the('button', 'Mail me a link').click();
  await reader.page.getByLabel('Code from the mail').waitFor();
  return until('the mail', async () => {
    const mails = await shop.mailsTo(email);
    return mails.length > before && mails[0];
  });
}

/** @param {Reader} reader */
const isWhole = (reader) => reader.the('heading', `Behind the line: ${PAID}`).waitFor();
const sessionOf = async (/** @type {Reader} */ reader) => (await reader.context.cookies()).find(({ name }) => name === 'tuition_session');

test('a link that was asked for in one browser and opened in another shows the code, which signs in the first', async () => {
  const desk = await Reader.arrive(browser, shop, { name: 'asked-here' });
  const phone = await Reader.arrive(browser, shop, { name: 'opened-there', viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
  const mail = await asks(desk, await owner());
  desk.mayFail.push('/api/access/codes');

  await phone.page.goto(linkIn(mail));
  await phone.the('heading', 'Your code').waitFor();
  const code = await phone.page.locator('.code-to-type').innerText();
  assert.equal(code, codeIn(mail));
  assert.equal(await phone.page.getByRole('button').count(), 0, 'nothing here signs in');
  assert.equal(await sessionOf(phone), undefined);
  await phone.shot('code');

  const codeField = desk.page.getByLabel('Code from the mail');
  await codeField.fill(wrongCode(code, 0));
  await desk.the('button', 'Sign in').click();
  await desk.see('That code is wrong or has expired.');
  await codeField.fill(code);
  await desk.the('button', 'Sign in').click();
  await desk.page.waitForURL(LOCKED);
  await isWhole(desk);

  // Used up: the other browser is told so, and is still not signed in.
  phone.mayFail.push(linkIn(mail));
  const again = await phone.page.goto(linkIn(mail));
  assert.equal(again?.status(), 410);
  await phone.page.goto(LOCKED);
  await phone.see(PAYWALL);
  assert.equal(await sessionOf(phone), undefined);
  await desk.isFine();
  await phone.isFine();
});

test('a link that a scanner has fetched, followed and rendered still signs in who asked for it', async () => {
  const reader = await Reader.arrive(browser, shop, { name: 'scanned' });
  const mail = await asks(reader, await owner());
  const links = [...new Set([...`${mail.text} ${mail.html}`.matchAll(/https?:\/\/[^\s"'<>]+/g)].map(([url]) => url))];
  assert.ok(links.some((url) => url.endsWith(linkIn(mail))), links.join());

  // A gateway that asks for every link it finds, again and again, and follows where they lead.
  for (const url of links) {
    for (const method of ['HEAD', 'GET', 'GET', 'HEAD', 'OPTIONS']) await fetch(url, { method, headers: { 'user-agent': 'link scanner' } });
  }
  // One that opens them in a browser of its own, waits for all scripts, and then opens whatever those pages link to.
  const scanner = await Reader.arrive(browser, shop, { name: 'scanner' });
  for (const url of links) {
    await scanner.page.goto(url);
    const further = await scanner.page.locator('a[href]').evaluateAll((all) => all.map((one) => /** @type {HTMLAnchorElement} */ (one).href));
    for (const next of further.filter((one) => one.startsWith(shop.origin))) await scanner.page.goto(next);
  }
  assert.equal(await sessionOf(scanner), undefined);
  // The reader's own mail program, in the reader's own browser, looks ahead, too.
  const preview = await reader.context.newPage();
  await preview.goto(linkIn(mail));
  await preview.close();
  assert.equal(await sessionOf(reader), undefined);

  await reader.page.goto(linkIn(mail));
  await reader.the('button', 'Sign in').click();
  await reader.page.waitForURL(LOCKED);
  await isWhole(reader);
  assert.ok(await sessionOf(reader));
  await reader.isFine();
  await scanner.isFine();
});

test('a browser that is signed out from another one closes what it shows, and the other reads on', async () => {
  const email = await owner();
  const [laptop, phone] = [await Reader.arrive(browser, shop, { name: 'laptop' }), await Reader.arrive(browser, shop, { name: 'lost-phone', viewport: { width: 390, height: 844 } })];
  await phone.context.clock.install();
  for (const reader of [laptop, phone]) {
    const mail = await asks(reader, email);
    await reader.page.goto(linkIn(mail));
    await reader.the('button', 'Sign in').click();
    await reader.page.waitForURL(LOCKED);
    await isWhole(reader);
  }

  await laptop.page.goto('/account/');
  const devices = laptop.page.locator('[data-devices] li');
  await devices.nth(1).waitFor();
  assert.equal(await devices.count(), 2);
  await laptop.shot('devices');
  await devices.getByRole('button', { name: 'Sign out' }).click();
  await until('one browser is left', async () => (await devices.count()) === 1);

  // At once for all that asks a function …
  const elsewhere = await phone.context.newPage();
  await elsewhere.goto('/account/');
  await elsewhere.getByText('Sign in by mail to see your courses').waitFor();
  await elsewhere.close();
  // … and for the open lesson when its token is due.
  await shop.advance(TOKEN_LIFE);
  await phone.context.clock.runFor(TOKEN_LIFE * 1000);
  await phone.see(PAYWALL);
  assert.equal(await phone.page.getByText(PAID).count(), 0);
  await phone.the('link', 'Sign in').waitFor();

  await laptop.page.goto(LOCKED);
  await isWhole(laptop);
  await laptop.isFine();
  await phone.isFine();
});
