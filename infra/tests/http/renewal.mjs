// Renewal by redirect and in the background: whatever the gate makes of what it brings, no browser goes in a
// circle, and none that could be let in is kept out.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { LOCKED, buy, isWhole, someone } from '../lib/buying.mjs';
import { Shop } from '../lib/shop.mjs';
import { COURSE, PAID, forget, madeSite } from '../lib/sites.mjs';
import { TOKEN_LIFE } from '../lib/tokens.mjs';
import { Visitor } from '../lib/visitor.mjs';

/** A person who looks at a page. */
const PERSON = { accept: 'text/html', 'sec-fetch-mode': 'navigate' };

/** @type {Shop} */
let shop;
before(async () => (shop = await Shop.open(await madeSite())));
after(async () => {
  await shop?.close();
  if (shop) forget(shop.site);
});

/** A browser whose cookies reach the gate otherwise than the functions. */
class Odd extends Visitor {
  /** @param {Shop} shop @param {(cookies: Record<string, string>, path: string) => Record<string, string>} change */
  constructor(shop, change) {
    super(shop);
    this.change = change;
  }

  /** @param {string} path */
  cookiesFor(path) {
    const pairs = super.cookiesFor(path).split('; ').filter(Boolean).map((pair) => pair.split(/=(.*)/s));
    const cookies = this.change(Object.fromEntries(pairs.map(([name = '', value = '']) => [name, value])), path);
    return Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join('; ');
  }
}

const value = (/** @type {Visitor} */ visitor, /** @type {string} */ name) => visitor.cookies.get(name)?.value;

test('a gate that takes no token from us shows the teaser after a few turns, not never', async () => {
  const visitor = new Odd(shop, (cookies, path) => (path.startsWith('/api/') ? cookies : { ...cookies, tuition_access: 'unknown' }));
  await buy(visitor, someone());
  const page = await visitor.get(LOCKED, PERSON);
  assert.equal(page.status, 200);
  assert.ok(!page.text.includes(PAID));
  assert.equal(value(visitor, 'tuition_hint'), undefined);
  assert.ok(value(visitor, 'tuition_session'), 'the session is kept: the gate may come to its senses');
});

test('a hint that cannot be taken away leads to the page to sign in', async () => {
  const visitor = new Odd(shop, (cookies) => ({ ...cookies, tuition_hint: 'of-another-host' }));
  const page = await visitor.get(LOCKED, PERSON);
  assert.equal(page.status, 200);
  assert.match(page.text, /<form[^>]* action="\/api\/access\/links"/);
});

test('a browser that is opened again with many tabs stays signed in, each tab whole', async () => {
  const visitor = new Visitor(shop);
  await buy(visitor, someone());
  await shop.advance(TOKEN_LIFE + 1);
  const tabs = [LOCKED, LOCKED, `/courses/${COURSE}/`, `/courses/${COURSE}/open/`, `${LOCKED}?a=1`, `${LOCKED}?a=2`, `${LOCKED}?a=3`];
  const pages = await Promise.all(tabs.map((path) => visitor.get(path, PERSON)));
  for (const [n, page] of pages.entries()) {
    assert.equal(page.status, 200, tabs[n]);
    if (tabs[n]?.startsWith(LOCKED)) assert.ok(page.text.includes(PAID), tabs[n]);
  }
  assert.ok(value(visitor, 'tuition_hint'));
  await shop.advance(TOKEN_LIFE + 1);
  assert.equal(await isWhole(visitor), true);
});

test('however often a page renews in the background, it stays open', async () => {
  const visitor = new Visitor(shop);
  await buy(visitor, someone());
  for (let n = 0; n < 6; n += 1) {
    const before = value(visitor, 'tuition_access');
    await shop.advance(1);
    const renewed = await visitor.send('GET', `/api/access/renew?next=${LOCKED}`, { headers: { accept: '*/*', 'sec-fetch-mode': 'cors' } });
    assert.equal(renewed.status, 303);
    assert.notEqual(value(visitor, 'tuition_access'), before);
    assert.ok(value(visitor, 'tuition_hint'));
  }
  assert.equal(await isWhole(visitor), true);
});

test('in the quarter of an hour after a renewal by redirect the next one is no circle', async () => {
  const visitor = new Visitor(shop);
  await buy(visitor, someone());
  for (let n = 0; n < 5; n += 1) {
    await shop.advance(TOKEN_LIFE + 1);
    // The browser has forgotten by then; the clock of the stage is not that of its cookies.
    visitor.cookies.delete('tuition_renewed');
    const page = await visitor.get(LOCKED, PERSON);
    assert.ok(page.text.includes(PAID), `renewal ${n}`);
  }
});
