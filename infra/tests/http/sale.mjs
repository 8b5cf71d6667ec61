// One sale over HTTP, as a browser without JavaScript lives through it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { LOCKED, buy, isWhole, open, pay, paymentOf, signIn, someone, statusOf } from '../lib/buying.mjs';
import { Shop } from '../lib/shop.mjs';
import { COURSE, OTHER, PAID, forget, madeSite } from '../lib/sites.mjs';
import { until } from '../lib/until.mjs';
import { Visitor } from '../lib/visitor.mjs';

/** @type {Shop} */
let shop;
before(async () => (shop = await Shop.open(await madeSite())));
after(async () => {
  await shop?.close();
  if (shop) forget(shop.site);
});

test('what is for sale is offered with its prices, the site\'s currency first', async () => {
  const { offers } = (await new Visitor(shop).get('/api/checkout/offers')).json;
  const offer = offers.find((/** @type {any} */ one) => one.id === COURSE);
  assert.deepEqual(offer.courses, [COURSE]);
  assert.equal(offer.kind, 'course');
  assert.equal(offer.term, null);
  const prices = offer.prices.map((/** @type {any} */ price) => `${price.amount} ${price.currency}`);
  assert.deepEqual([...prices].sort(), ['29900 CNY', '4900 JPY', '4900 USD']);
});

test('teaser, buy, whole on the same URL; mailed link elsewhere; refund, teaser', async () => {
  const buyer = new Visitor(shop);
  const stranger = new Visitor(shop);
  const phone = new Visitor(shop);
  const email = someone();

  assert.equal(await isWhole(buyer), false);
  const free = await buyer.get(`/courses/${COURSE}/open/`);
  assert.ok(free.text.includes('Everybody may read this.'));

  const id = await buy(buyer, email);
  assert.equal(await isWhole(buyer), true);
  assert.equal(await isWhole(buyer, OTHER), false, `${COURSE} does not open ${OTHER}`);

  assert.equal(await isWhole(stranger), false);
  assert.equal(await statusOf(stranger, id), 'paid');
  assert.equal(stranger.cookies.size, 0, 'the return page gives nothing to another browser');
  assert.equal(await isWhole(stranger), false);

  await signIn(phone, email);
  assert.equal(await isWhole(phone), true);
  const me = (await phone.get('/api/access/me')).json;
  assert.equal(me.email, email);
  assert.deepEqual(me.entitlements.map((/** @type {any} */ one) => [one.offer, one.courses, one.ends_at]), [[COURSE, [COURSE], null]]);

  await shop.dev(`till/payments/${await paymentOf(shop, id)}/refund`, {});
  await until('the refund has arrived', async () => (await statusOf(stranger, id)) === 'refunded');
  await shop.advance(901);
  assert.equal(await isWhole(buyer), false);
  assert.equal(await isWhole(phone), false);
});

test('the plain form leads to the payment page and back to the lesson', async () => {
  const buyer = new Visitor(shop);
  const sent = await buyer.submit('/api/checkout/sessions', { offer: COURSE, currency: 'CNY', next: LOCKED });
  assert.equal(sent.status, 303, sent.text);
  const till = new URL(sent.headers.location ?? '');
  assert.equal(till.origin, shop.origin);
  assert.match(till.pathname, /^\/_dev\/till\//);
  const page = await buyer.get(till.pathname + till.search, { accept: 'text/html' });
  assert.match(page.text, /299/);
  const id = /cs_\w+/.exec(till.href)?.[0] ?? '';
  await pay(shop, id, someone());
  const back = await until('the way back is open', async () => {
    const answer = await buyer.send('GET', `/api/checkout/sessions/${id}`, { headers: { accept: 'text/html' } });
    assert.equal(answer.status, 303);
    return answer.headers.location === LOCKED && answer;
  });
  assert.equal(back.headers['cache-control'], 'no-store');
  assert.equal(await isWhole(buyer), true);
});

test('a purchase with someone else\'s address opens the course here and nothing of that account', async () => {
  const owner = new Visitor(shop);
  const email = someone();
  await signIn(owner, email);
  await owner.send('PATCH', '/api/access/me', { body: '{"name":"The owner"}', headers: { 'content-type': 'application/json' } });

  const payer = new Visitor(shop);
  await buy(payer, email);
  assert.equal(await isWhole(payer), true);
  (await payer.get('/api/access/me')).refuses(401, undefined, email);
  (await payer.get('/api/access/me/export')).refuses(401, undefined, email);
  (await payer.post('/api/checkout/portal')).refuses(401, undefined, email);
  (await payer.send('PATCH', '/api/access/me', { body: '{"name":"x"}', headers: { 'content-type': 'application/json' } })).refuses(401);
  (await payer.send('DELETE', '/api/access/me')).refuses(401);
  assert.equal((await owner.get('/api/access/me')).json.name, 'The owner');
});

test('another browser learns the status of an order and nothing else', async () => {
  const buyer = new Visitor(shop);
  const id = await buy(buyer, someone());
  const { json, headers } = await new Visitor(shop).get(`/api/checkout/sessions/${id}`);
  assert.deepEqual(json, { id, status: 'paid' });
  assert.equal(headers['set-cookie'], undefined);
  const own = (await buyer.get(`/api/checkout/sessions/${id}`)).json;
  assert.deepEqual([own.offer, own.amount, own.currency, own.next], [COURSE, 4900, 'USD', LOCKED]);
  (await buyer.get('/api/checkout/sessions/cs_test_nosuchsession')).refuses(404);
});

test('a declined card leaves the order open, a slow method pending, and a failed one opens nothing', async () => {
  const buyer = new Visitor(shop);
  const id = await open(buyer);
  const declined = await buyer.post(`/_dev/till/sessions/${id}/pay`, { card: 'declined', email: someone() });
  assert.equal(declined.status, 402);
  assert.equal(await statusOf(buyer, id), 'open');
  await pay(shop, id, someone(), 'async');
  await until('the payment is pending', async () => (await statusOf(buyer, id)) === 'pending');
  assert.equal(await isWhole(buyer), false);
  await shop.dev(`till/sessions/${id}/settle`, { result: 'failed' });
  await until('the payment has failed', async () => (await statusOf(buyer, id)) === 'failed');
  assert.equal(await isWhole(buyer), false);
});

test('a paying browser may comment; signing out closes what it bought', async () => {
  const buyer = new Visitor(shop);
  const lesson = `${COURSE}/locked`;
  const comment = { lesson, body: 'When is *high* water?', question: true };
  (await buyer.post('/api/comments', comment)).refuses(401);
  const id = await buy(buyer, someone());
  const posted = await buyer.post('/api/comments', comment);
  assert.equal(posted.status, 201, posted.text);
  assert.match(posted.json.html, /<em>high<\/em>/);
  const { comments } = (await buyer.get(`/api/comments?lesson=${lesson}`)).json;
  assert.ok(comments.some((/** @type {any} */ one) => one.id === posted.json.id));

  const left = await buyer.submit('/api/access/sign-out', {});
  assert.equal(left.status, 303, left.text);
  assert.match(String(left.headers['clear-site-data']), /"cache"/);
  assert.equal(await isWhole(buyer), false);
  await buyer.get(`/api/checkout/sessions/${id}`);
  assert.equal(await isWhole(buyer), false, 'the next person at this browser does not get it back');
});

test('the paid text is in no public answer', async () => {
  const stranger = new Visitor(shop);
  const { text } = await stranger.get('/sitemap.xml');
  const paths = [...text.matchAll(/<loc>[^<]*?(\/[^<]*?)<\/loc>/g)].map(([, path]) => new URL(path, shop.origin).pathname);
  assert.ok(paths.some((path) => path.endsWith(LOCKED)), 'the locked lesson is in the sitemap');
  for (const path of [...paths, '/feed.xml', '/robots.txt', '/', `/api/comments?lesson=${COURSE}/locked`]) {
    assert.ok(!(await stranger.get(path)).text.includes(PAID), path);
  }
});
