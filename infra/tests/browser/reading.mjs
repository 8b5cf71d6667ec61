// Reading for longer than an access token lives: with scripts and without, with pictures and a recording
// that come late, and no longer than somebody is signed in.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LOCKED, buy, paymentOf, someone, statusOf } from '../lib/buying.mjs';
import { Reader } from '../lib/browser.mjs';
import { BYTES_A_SECOND, FILES, SECONDS, illustratedSite } from '../lib/media.mjs';
import { opened } from '../lib/opened.mjs';
import { COURSE, PAID } from '../lib/sites.mjs';
import { TOKEN_LIFE, read } from '../lib/tokens.mjs';
import { until } from '../lib/until.mjs';
import { Visitor } from '../lib/visitor.mjs';

const PAYWALL = 'This lesson goes on in the full course';

const { shop, browser } = await opened(await illustratedSite());

/** A browser that has bought the course. @param {string} name @param {import('playwright-core').BrowserContextOptions} [options] */
async function buyer(name, options = {}) {
  const reader = await Reader.arrive(browser, shop, { name, ...options });
  await buyIn(reader);
  return reader;
}

/** Buys with the cookies of a browser; answers the order. @param {Reader} reader */
async function buyIn(reader) {
  const visitor = new Visitor(shop);
  const order = await buy(visitor, someone());
  await reader.context.addCookies([...visitor.cookies].map(([key, { value, path }]) => ({
    name: key, value, domain: '127.0.0.1', path, httpOnly: key !== 'tuition_hint', sameSite: /** @type {const} */ ('Lax'),
  })));
  return order;
}

/** The answers to a path, as they come: status and the range that was asked for. @param {Reader} reader @param {string} path */
function answersTo(reader, path) {
  const seen = /** @type {{status: number, range: string}[]} */ ([]);
  reader.context.on('response', (response) => {
    if (new URL(response.url()).pathname === path) seen.push({ status: response.status(), range: response.request().headers()['range'] ?? '' });
  });
  return seen;
}

/** @param {Reader} reader */
const tokenOf = async (reader) => (await reader.context.cookies()).find(({ name }) => name === 'tuition_access')?.value ?? '';
const isWhole = (/** @type {Reader} */ reader) => reader.the('heading', `Behind the line: ${PAID}`).waitFor();

/** Scrolls to a picture, and resolves when it is drawn. @param {Reader} reader @param {string} alt */
async function sees(reader, alt) {
  const picture = reader.page.getByAltText(alt);
  await picture.scrollIntoViewIfNeeded();
  await reader.page.waitForFunction((name) => {
    const found = [...document.images].find((one) => one.alt === name);
    return found?.complete && found.naturalWidth > 0;
  }, alt);
}

/** Plays the recording from a second on, and resolves when it moves there. @param {Reader} reader @param {number} second */
async function plays(reader, second) {
  await reader.page.evaluate(async (at) => {
    const media = /** @type {HTMLVideoElement} */ (document.querySelector('video'));
    media.currentTime = at;
    // What comes too late is tried again, and then this try was interrupted.
    await media.play().catch(() => {});
  }, second);
  await moves(reader, second);
}

/** @param {Reader} reader @param {number} second */
const moves = (reader, second) => reader.page.waitForFunction((from) => {
  const media = /** @type {HTMLVideoElement} */ (document.querySelector('video'));
  return !media.paused && !media.seeking && media.error === null && media.currentTime > from + 0.2 && media.currentTime < from + 30;
}, second);

test('the same URL is whole after buying, though the browser has kept the teaser', async () => {
  const reader = await Reader.arrive(browser, shop, { name: 'warm' });
  const { page } = reader;
  /** Goes there, and answers the tag of what the browser has and of what came. */
  const visit = async () => {
    const answer = await page.goto(LOCKED);
    assert.ok(answer);
    return { kept: (await answer.request().allHeaders())['if-none-match'], came: (await answer.allHeaders()).etag };
  };
  const teaser = await visit();
  await reader.see(PAYWALL);
  assert.deepEqual(await visit(), { kept: teaser.came, came: teaser.came });
  await buyIn(reader);
  const whole = await visit();
  await isWhole(reader);
  assert.equal(whole.kept, teaser.came);
  assert.notEqual(whole.came, teaser.came);
  await reader.context.clearCookies();
  assert.deepEqual(await visit(), { kept: whole.came, came: teaser.came });
  await reader.see(PAYWALL);
  assert.equal(await page.getByText(PAID).count(), 0);
  await reader.isFine();
});

test('without a script, an expired token is renewed on the way and the same URL is whole', async () => {
  const reader = await buyer('renew-no-script', { javaScriptEnabled: false });
  const { page } = reader;
  const url = `${LOCKED}?from=mail&x=%2F`;
  await page.goto(url);
  await isWhole(reader);
  const old = await tokenOf(reader);
  await shop.advance(TOKEN_LIFE);
  const hops = /** @type {string[]} */ ([]);
  page.on('response', (response) => {
    if (response.request().isNavigationRequest()) hops.push(`${response.status()} ${response.url().slice(shop.origin.length)}`);
  });
  await page.goto(url);
  await isWhole(reader);
  assert.equal(page.url(), shop.origin + url);
  assert.deepEqual(hops, [`302 ${url}`, `303 /api/access/renew?next=${encodeURIComponent(url)}`, `200 ${url}`]);
  assert.notEqual(await tokenOf(reader), old);
  // A hint and no token at all: the same.
  await reader.context.clearCookies({ name: 'tuition_access' });
  await page.goto(LOCKED);
  await isWhole(reader);
  assert.equal(page.url(), shop.origin + LOCKED);
  // No session behind the hint: the teaser, under the same URL, and no circle.
  await reader.context.clearCookies({ name: 'tuition_session' });
  await shop.advance(TOKEN_LIFE);
  await page.goto(LOCKED);
  await reader.see(PAYWALL);
  assert.equal(page.url(), shop.origin + LOCKED);
  // What is left knows of purchases in this browser, and, for half a minute, of the way here.
  const left = (await reader.context.cookies()).map(({ name }) => name);
  assert.deepEqual(left.filter((name) => !['tuition_checkout', 'tuition_renewed'].includes(name)), []);
  await reader.isFine();
});

test('sixteen minutes of reading: the page renews in the background, and late pictures and ranges come at once', async () => {
  const reader = await buyer('sixteen-minutes');
  const { page } = reader;
  await reader.context.clock.install();
  const [renewals, pictures, ranges] = [answersTo(reader, '/api/access/renew'), answersTo(reader, FILES.far), answersTo(reader, FILES.recording)];
  await page.goto(LOCKED);
  await isWhole(reader);
  await sees(reader, 'A chart');
  await until('the page makes sure of its token', () => renewals.length === 1);
  const first = read(await tokenOf(reader)).claims;
  let navigations = 0;
  page.on('framenavigated', () => (navigations += 1));

  for (let minute = 1; minute <= 16; minute += 1) {
    await shop.advance(60);
    await reader.context.clock.runFor(60_000);
    // Due after twelve minutes, and looked at every half minute.
    if (minute === 13) await until('the token is renewed before it ends', async () => read(await tokenOf(reader)).claims.iat > first.iat);
  }
  assert.equal(renewals.length, 2);
  const now = (await shop.advance(0)).getTime() / 1000;
  assert.ok(now > first.exp, 'the token that the page came with has ended');
  assert.ok(now < read(await tokenOf(reader)).claims.exp);

  assert.deepEqual(pictures, [], 'the picture far below was not fetched before');
  await sees(reader, 'A map');
  assert.deepEqual(pictures.map(({ status }) => status), [200]);
  assert.deepEqual(ranges, [], 'nor the recording');
  await plays(reader, 0);
  await plays(reader, SECONDS - 60);
  assert.ok(ranges.length >= 2 && ranges.every(({ status }) => status === 206), JSON.stringify(ranges));
  assert.ok(ranges.some(({ range }) => Number(/^bytes=(\d+)-/.exec(range)?.[1]) > (SECONDS / 2) * BYTES_A_SECOND), JSON.stringify(ranges));
  assert.equal(navigations, 0, 'the reader noticed nothing');
  const kept = await page.evaluate(() => [...Object.entries(localStorage), ...Object.entries(sessionStorage)]);
  const { progress = '', renewed = '', ...more } = Object.fromEntries(kept);
  assert.deepEqual(more, {}, 'what the browser keeps of a reader is a time and where they are');
  assert.match(renewed, /^\d+$/);
  assert.deepEqual(Object.keys(JSON.parse(progress).places), [COURSE]);
  await reader.isFine();
});

test('a page that slept too long gets its pictures and its place in a recording by a second try', async () => {
  const reader = await buyer('slept');
  const { page } = reader;
  const [renewals, pictures, ranges] = [answersTo(reader, '/api/access/renew'), answersTo(reader, FILES.far), answersTo(reader, FILES.recording)];
  reader.mayFail.push(FILES.far, FILES.recording);
  await page.goto(LOCKED);
  await isWhole(reader);
  await until('the page makes sure of its token', () => renewals.length === 1);
  await plays(reader, 0);

  // The clock of the shop alone moves: to the page it is the same minute still.
  await shop.advance(TOKEN_LIFE);
  await sees(reader, 'A map');
  assert.deepEqual(pictures.map(({ status }) => status), [404, 200]);
  assert.equal(renewals.length, 2);

  await shop.advance(TOKEN_LIFE);
  const before = ranges.length;
  await plays(reader, SECONDS - 60);
  const late = ranges.slice(before).map(({ status }) => status);
  assert.ok(late.includes(404) && late.at(-1) === 206, JSON.stringify(ranges.slice(before)));
  assert.equal(renewals.length, 3);
  await reader.isFine();
});

test('a picture that is not there is not asked for in a circle', async () => {
  const reader = await buyer('missing');
  const { page } = reader;
  const missing = `${LOCKED.replace('locked/', '')}gone.svg`;
  const asked = answersTo(reader, missing);
  reader.mayFail.push(missing);
  await page.goto(LOCKED);
  await isWhole(reader);
  await page.evaluate((src) => {
    const image = document.createElement('img');
    image.addEventListener('error', () => (document.body.dataset.failed = String(Number(document.body.dataset.failed ?? 0) + 1)));
    image.src = src;
    document.body.append(image);
  }, missing);
  await page.waitForFunction(() => document.body.dataset.failed === '2');
  assert.deepEqual(asked.map(({ status }) => status), [404, 404]);
  await reader.isFine();
});

test('after signing out, Back shows the teaser', async () => {
  const reader = await buyer('back');
  const { page } = reader;
  await page.goto(LOCKED);
  await isWhole(reader);
  await page.goto('/account/');
  await reader.the('button', 'Sign out').click();
  await page.waitForURL('/');
  for (let steps = 0; new URL(page.url()).pathname !== LOCKED; steps += 1) {
    assert.ok(steps < 3, `Back does not lead to the lesson but to ${page.url()}`);
    await page.goBack({ waitUntil: 'commit' });
    // Each page on the way notices by itself who is signed in, and may load again for it.
    await reader.the('link', 'Sign in').waitFor();
  }
  await reader.see(PAYWALL);
  assert.equal(await page.getByText(PAID).count(), 0);
  await reader.isFine();
});

test('a lesson from the back/forward cache looks who is signed in now', async () => {
  const reader = await buyer('from-cache');
  const { page } = reader;
  await page.addInitScript(() => addEventListener('pageshow', (event) => {
    if (event.persisted) sessionStorage.setItem('persisted', location.pathname);
  }));
  await page.goto(LOCKED);
  await isWhole(reader);
  await page.goto('/about/');
  // As another tab leaves the browser that signs out while this one is elsewhere.
  await reader.context.clearCookies();
  // Not goBack(): the lesson loads itself again as soon as it is back, and that would count as a failed navigation.
  await page.evaluate(() => void setTimeout(() => history.back()));
  await reader.see(PAYWALL);
  assert.equal(await page.evaluate(() => sessionStorage.getItem('persisted')), LOCKED, 'the page came from the back/forward cache');
  assert.equal(await page.getByText(PAID).count(), 0);
  await reader.isFine();
});

test('a lesson that is refunded while it is read closes when its token is renewed', async () => {
  const reader = await Reader.arrive(browser, shop, { name: 'refunded' });
  const order = await buyIn(reader);
  await reader.context.clock.install();
  await reader.page.goto(LOCKED);
  await isWhole(reader);
  await shop.dev(`till/payments/${await paymentOf(shop, order)}/refund`, {});
  await until('the refund has arrived', async () => (await statusOf(new Visitor(shop), order)) === 'refunded');
  await shop.advance(TOKEN_LIFE);
  await reader.context.clock.runFor(TOKEN_LIFE * 1000);
  await reader.see(PAYWALL);
  assert.equal(await reader.page.getByText(PAID).count(), 0);
  assert.equal(reader.page.url(), shop.origin + LOCKED);
  await reader.isFine();
});
