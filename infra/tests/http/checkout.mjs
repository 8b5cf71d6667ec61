// What `POST /api/checkout/sessions` takes and refuses: one session per key, prices only from git,
// and a way back that stays on the site.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { LOCKED, randomKey, someone } from '../lib/buying.mjs';
import { Shop } from '../lib/shop.mjs';
import { COURSE, OTHER, forget, madeSite } from '../lib/sites.mjs';
import { Visitor } from '../lib/visitor.mjs';

const SESSIONS = '/api/checkout/sessions';

/** @type {Shop} */
let shop;
before(async () => (shop = await Shop.open(await madeSite())));
after(async () => {
  await shop?.close();
  if (shop) forget(shop.site);
});

/** The ids of all sessions at the provider. */
async function sessionsAtTheTill() {
  const ids = new Set();
  let after = '';
  for (;;) {
    const url = `${shop.facts.stripe_api}/v1/checkout/sessions?limit=100${after && `&starting_after=${after}`}`;
    const answer = await fetch(url, { headers: { authorization: 'Bearer sk_test_local' } });
    assert.equal(answer.status, 200, await answer.clone().text());
    const page = await answer.json();
    for (const { id } of page.data) ids.add(id);
    if (!page.has_more) return ids;
    after = page.data.at(-1).id;
  }
}

test('the same key gets the same session, and with another body a refusal', async () => {
  const visitor = new Visitor(shop);
  const key = { 'idempotency-key': randomKey() };
  const first = await visitor.post(SESSIONS, { offer: COURSE, next: LOCKED }, key);
  assert.equal(first.status, 201, first.text);
  const second = await visitor.post(SESSIONS, { offer: COURSE, next: LOCKED }, key);
  assert.equal(second.status, 201);
  assert.equal(second.text, first.text);
  for (const other of [{ offer: OTHER }, { offer: COURSE, currency: 'CNY' }, { offer: COURSE, next: '/' }]) {
    (await visitor.post(SESSIONS, { next: LOCKED, ...other }, key)).refuses(422, 'idempotency-mismatch');
  }
  const fresh = await visitor.post(SESSIONS, { offer: COURSE, next: LOCKED }, { 'idempotency-key': randomKey() });
  assert.notEqual(fresh.json.id, first.json.id);
  const stranger = await new Visitor(shop).post(SESSIONS, { offer: OTHER }, { ...key, 'user-agent': 'another browser' });
  assert.equal(stranger.status, 201, 'the key belongs to the browser that sent it');
});

for (const [who, isKnown] of /** @type {const} */ ([['a browser that was here before', true], ['a browser without a cookie', false]])) {
  test(`fifty requests at once with one key from ${who} open one session`, async () => {
    const visitor = new Visitor(shop);
    if (isKnown) await visitor.post(SESSIONS, { offer: COURSE }, { 'idempotency-key': randomKey() });
    const before = await sessionsAtTheTill();
    const key = { 'idempotency-key': randomKey() };
    const answers = await Promise.all(Array.from({ length: 50 }, () => visitor.post(SESSIONS, { offer: COURSE, next: LOCKED }, key)));
    assert.deepEqual([...new Set(answers.map(({ status, text }) => `${status} ${text}`))].length, 1, answers[0]?.text);
    assert.equal(answers[0]?.status, 201);
    const made = [...await sessionsAtTheTill()].filter((id) => !before.has(id));
    assert.deepEqual(made, [answers[0]?.json.id]);
  });
}

test('a way back that could lead off the site is refused and never sent on', async () => {
  const visitor = new Visitor(shop);
  const off = ['//evil.example', 'https:evil', 'https://evil.example/', '/\\evil', '/%5cevil', '/%0d%0aSet-Cookie:x', '/%250d%250aSet-Cookie:x', '\t//evil.example', 'javascript:alert(1)', '/%2f/evil.example', 'evil'];
  for (const next of off) {
    (await visitor.post(SESSIONS, { offer: COURSE, next })).refuses(400, 'next', 'evil');
    (await visitor.post('/api/access/links', { email: someone(), next })).refuses(400, 'next', 'evil');
    const renewed = await visitor.send('GET', `/api/access/renew?next=${encodeURIComponent(next)}`);
    assert.equal(renewed.headers.location, undefined, next);
    renewed.refuses(400, 'next', 'evil');
    const form = await visitor.submit(SESSIONS, { offer: COURSE, next });
    assert.equal(form.status, 400);
    assert.equal(form.headers.location, undefined, next);
  }
  assert.equal((await visitor.post(SESSIONS, { offer: COURSE, next: `${LOCKED}?a=b#c` })).status, 201);
});

test('what a browser must not decide, it cannot', async () => {
  const visitor = new Visitor(shop);
  const refusals = /** @type {const} */ ([
    [{ price: 1 }, 400, 'unknown-field'],
    [{ amount: 1 }, 400, 'unknown-field'],
    [{ success_url: 'https://evil.example/' }, 400, 'unknown-field'],
    [{ offer: 'nosuch' }, 404, 'offer-not-found'],
    [{ quantity: 0 }, 422, 'quantity'],
    [{ quantity: -1 }, 422, 'quantity'],
    [{ quantity: 1.5 }, 422, 'quantity'],
    [{ quantity: 1e9 }, 422, 'quantity'],
    [{ quantity: '1' }, 422, 'quantity'],
    [{ currency: 'EUR' }, 422, 'currency'],
  ]);
  for (const [fields, status, code] of refusals) {
    const answer = await visitor.post(SESSIONS, { offer: COURSE, ...fields });
    assert.equal(answer.status, status, `${JSON.stringify(fields)}: ${answer.text}`);
    answer.refuses(status, code);
  }
});

test('a body that is no request is told apart by kind', async () => {
  const visitor = new Visitor(shop);
  const json = { 'content-type': 'application/json' };
  const send = (/** @type {string} */ body, /** @type {Record<string, string>} */ headers = json) => visitor.send('POST', SESSIONS, { body, headers });
  (await send(JSON.stringify({ offer: COURSE, pad: 'x'.repeat(70_000) }))).refuses(413);
  (await send('['.repeat(10_000))).refuses(400);
  (await send(`{"offer":"${COURSE}","offer":"${OTHER}"}`)).refuses(400);
  (await send('{')).refuses(400);
  (await send(`{"offer":"${COURSE}"}`, { 'content-type': 'text/plain' })).refuses(415);
  const got = await visitor.get(SESSIONS);
  got.refuses(405);
  assert.match(String(got.headers.allow), /POST/);
});

test('a page of another site starts nothing', async () => {
  const visitor = new Visitor(shop);
  const from = (/** @type {Record<string, string | null>} */ headers) => visitor.send('POST', SESSIONS, { body: JSON.stringify({ offer: COURSE }), headers: { 'content-type': 'application/json', ...headers } });
  (await from({ origin: 'https://evil.example' })).refuses(400, 'origin');
  (await from({ origin: 'https://evil.example', host: 'evil.example' })).refuses(400, 'origin');
  (await from({ origin: 'null', 'sec-fetch-site': 'cross-site' })).refuses(400, 'origin');
  (await from({ origin: 'null', 'sec-fetch-site': null })).refuses(400, 'origin');
  assert.equal((await from({ origin: 'null', 'sec-fetch-site': 'same-origin' })).status, 201);
});

test('a provider that is down is said to be down, and a second try with the key makes one session', async () => {
  const visitor = new Visitor(shop);
  const before = await sessionsAtTheTill();
  const key = { 'idempotency-key': randomKey() };
  await shop.dev('till/faults', { api_status: 500 });
  const down = await visitor.post(SESSIONS, { offer: COURSE }, key);
  await shop.dev('till/faults', {});
  down.refuses(503, 'payments-unavailable');
  assert.ok(Number(down.headers['retry-after']) > 0);
  const again = await visitor.post(SESSIONS, { offer: COURSE }, key);
  assert.equal(again.status, 201, again.text);
  assert.deepEqual([...await sessionsAtTheTill()].filter((id) => !before.has(id)), [again.json.id]);
});
