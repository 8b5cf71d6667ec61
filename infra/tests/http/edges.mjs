// Where one thing meets another: a body that is too long and the answer to it, a guest and the account
// that they become, a limit and the time after which it lets one in again.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { LOCKED, buy, signIn, someone } from '../lib/buying.mjs';
import { Shop } from '../lib/shop.mjs';
import { COURSE, OTHER, USUAL_LIMITS, forget, madeSite } from '../lib/sites.mjs';
import { Visitor } from '../lib/visitor.mjs';

const LESSON = `${COURSE}/locked`;
const FREE = `${COURSE}/open`;

/** @type {Shop} */
let shop;
before(async () => (shop = await Shop.open(await madeSite())));
after(async () => {
  await shop?.close();
  if (shop) forget(shop.site);
});

const post = (/** @type {Visitor} */ visitor, /** @type {object} */ comment) => visitor.post('/api/comments', { body: 'text', ...comment });
const thread = async (/** @type {Visitor} */ visitor, lesson = LESSON) => (await visitor.get(`/api/comments?lesson=${lesson}`)).json.comments;
const watch = (/** @type {number} */ to) => ({ id: crypto.randomUUID(), type: 'watch', at: new Date().toISOString(), lesson: LESSON, from: 0, to });

test('whoever sends far too much still gets to read the refusal', async () => {
  const visitor = new Visitor(shop);
  for (const path of ['/api/checkout/sessions', '/api/comments', '/api/metrics/events', '/api/access/links']) {
    for (const size of [65_537, 300_000, 1_000_000, 3_000_000]) {
      (await visitor.post(path, { body: 'x'.repeat(size) })).refuses(413, 'too-large');
    }
  }
});

test('every path below the interface answers as one', async () => {
  for (const path of ['/api/', '/api/nosuch', '/api/checkout/', '/api/%61ccess/me', '/api//access/me', '/api/access/me/']) {
    (await new Visitor(shop).send('GET', path)).refuses(404, 'not-found');
  }
});

test('an answer to an answer to an answer is put beside it at some depth', async () => {
  const visitor = new Visitor(shop);
  await signIn(visitor, someone());
  const above = /** @type {Map<string, string | null>} */ (new Map());
  let parent = /** @type {string | undefined} */ (undefined);
  for (let n = 0; n < 9; n += 1) {
    const made = /** @type {{id: string, parent: string | null}} */ ((await post(visitor, { lesson: FREE, parent })).json);
    above.set(made.id, made.parent);
    parent = made.id;
  }
  /** @param {string} id @returns {number} */
  const depth = (id) => {
    const next = above.get(id);
    return next ? 1 + depth(next) : 0;
  };
  assert.deepEqual([...above.keys()].map(depth), [0, 1, 2, 3, 4, 4, 4, 4, 4]);
});

test('a dashed line in front of a word is text, and an override hidden in a reference is left out', async () => {
  const visitor = new Visitor(shop);
  await signIn(visitor, someone());
  const log = await post(visitor, { lesson: FREE, body: '-------------------- [ERROR] it broke' });
  assert.equal(log.status, 201, log.text);
  const hidden = await post(visitor, { lesson: FREE, body: 'safe &#x202e;evil' });
  assert.equal(hidden.json.html, '<p>safe evil</p>\n');
  (await post(visitor, { lesson: FREE, body: `a${'\u0301'.repeat(10_000)}` })).refuses(422, 'marks');
  (await post(visitor, { lesson: FREE, body: `a${'&#769;'.repeat(500)}` })).refuses(422, 'marks');
});

test('what a guest wrote and read is theirs after the first sign-in in that browser', async () => {
  const email = someone();
  const guest = new Visitor(shop);
  await buy(guest, email);
  const written = (await post(guest, { lesson: LESSON, body: 'As a guest' })).json;
  const sent = await guest.post('/api/metrics/events', { events: [watch(1)] });
  assert.equal(sent.json.accepted, 1, sent.text);
  await signIn(guest, email);
  const kept = (await thread(guest)).find((/** @type {any} */ one) => one.id === written.id);
  assert.ok(kept.mine, 'the comment is theirs');
  const { account, comments } = (await guest.get('/api/access/me/export')).json;
  assert.deepEqual(comments.map((/** @type {any} */ one) => one.body), ['As a guest']);
  assert.equal(account.progress[0]?.lesson, 'locked');
});

test('a browser in which others bought too keeps what was written there apart', async () => {
  const visitor = new Visitor(shop);
  await buy(visitor, someone());
  const written = (await post(visitor, { lesson: LESSON, body: 'Of somebody' })).json;
  await signIn(visitor, someone());
  const kept = (await thread(visitor)).find((/** @type {any} */ one) => one.id === written.id);
  assert.equal(kept.mine, false);
});

test('erasing the account takes along what was done as a guest in another browser', async () => {
  const email = someone();
  const guest = new Visitor(shop);
  await buy(guest, email, { offer: OTHER, next: LOCKED });
  const written = (await post(guest, { lesson: `${OTHER}/locked`, body: 'Words of a guest' })).json;
  const phone = new Visitor(shop);
  await signIn(phone, email);
  const erased = await phone.send('DELETE', '/api/access/me');
  assert.equal(erased.status, 204, erased.text);
  const other = new Visitor(shop);
  await buy(other, someone(), { offer: OTHER });
  const left = (await thread(other, `${OTHER}/locked`)).find((/** @type {any} */ one) => one.id === written.id);
  assert.deepEqual([left.deleted, left.html], [true, '']);
  assert.equal((await post(guest, { lesson: `${OTHER}/locked` })).status, 401, 'the guest is gone, too');
});

test('whoever waits as long as they are told is let in', async () => {
  const site = await madeSite({ limits: USUAL_LIMITS });
  const own = await Shop.open(site);
  try {
    const visitor = new Visitor(own);
    await signIn(visitor, someone());
    let answer;
    for (let n = 0; n < 12; n += 1) answer = await post(visitor, { lesson: FREE, body: `${n}` });
    answer?.refuses(429, 'too-many');
    await own.advance(Number(answer?.headers['retry-after']));
    const later = await post(visitor, { lesson: FREE });
    assert.equal(later.status, 201, later.text);
  } finally {
    await own.close();
    forget(site);
  }
});
