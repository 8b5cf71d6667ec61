// Progress in the account, as a browser tells it and reads it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { buy, signIn, someone } from '../lib/buying.mjs';
import { Shop } from '../lib/shop.mjs';
import { COURSE, forget, madeSite } from '../lib/sites.mjs';
import { Visitor } from '../lib/visitor.mjs';

const PROGRESS = '/api/access/me/progress';
const LESSON = `${COURSE}/open`;

/** @type {Shop} */
let shop;
before(async () => (shop = await Shop.open(await madeSite())));
after(async () => {
  await shop?.close();
  if (shop) forget(shop.site);
});

async function learner() {
  const visitor = new Visitor(shop);
  await signIn(visitor, someone());
  return visitor;
}

/** @param {Visitor} visitor @param {unknown} body @param {Record<string, string | null>} [headers] */
const tell = (visitor, body, headers) => visitor.send('PATCH', PROGRESS, { body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } });
const now = async () => (await shop.advance(0)).getTime();
const at = async (/** @type {number} */ seconds) => new Date((await now()) + seconds * 1000).toISOString();

test('the same word again changes nothing, a later one counts, an older one does not', async () => {
  const visitor = await learner();
  assert.deepEqual((await visitor.get(PROGRESS)).json, { progress: [], ignored: 0 });
  const first = { lessons: [{ lesson: LESSON, done: true, at: await at(-60) }], places: [{ lesson: LESSON, heading: 'one', at: await at(-60) }] };
  const known = await tell(visitor, first);
  assert.equal(known.status, 200, known.text);
  const [one] = known.json.progress;
  // The shop writes a fraction of a second without zeros at its end.
  const same = (/** @type {string} */ time) => new Date(time).toISOString();
  assert.deepEqual({ ...one, coverage: 0, finished_at: same(one.finished_at), marked_at: same(one.marked_at), seen_at: same(one.seen_at) }, {
    course: COURSE, lesson: 'open', coverage: 0, finished_at: first.lessons[0]?.at, marked_at: first.lessons[0]?.at, heading: 'one', seen_at: first.places[0]?.at,
  });
  assert.deepEqual((await tell(visitor, first)).json, known.json);
  const undone = await tell(visitor, { lessons: [{ lesson: LESSON, done: false, at: await at(-30) }] });
  assert.equal(undone.json.progress[0].finished_at, null);
  assert.deepEqual((await tell(visitor, first)).json, undone.json, 'what was undone stays undone');
  assert.deepEqual((await visitor.get(PROGRESS)).json, undone.json);
  const me = await visitor.get('/api/access/me');
  assert.deepEqual(me.json.progress, undone.json.progress);
});

test('lessons that are not there are counted, and what has another shape is refused', async () => {
  const visitor = await learner();
  const word = { lesson: LESSON, done: true, at: await at(0) };
  const mixed = await tell(visitor, { lessons: [{ ...word, lesson: `${COURSE}/gone` }, { ...word, at: 'soon' }, word], places: [{ lesson: LESSON, heading: 'a b', at: word.at }] });
  assert.equal(mixed.json.ignored, 3);
  assert.equal(mixed.json.progress.length, 1);
  for (const [body, status, code] of /** @type {const} */ ([
    [{ lessons: Array(101).fill(word) }, 422, 'batch'], [{ places: Array(101).fill({ lesson: LESSON, heading: '', at: word.at }) }, 422, 'batch'],
    [{ lessons: [{ lesson: LESSON }] }, 400, 'json'], [[], 400, 'json'], [{ done: true }, 400, 'unknown-field'],
  ])) {
    const refused = await tell(visitor, body);
    assert.equal(refused.status, status, refused.text);
    assert.equal(refused.json.code, code);
  }
  const form = await visitor.send('PATCH', PROGRESS, { body: 'lessons=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } });
  assert.equal(form.status, 415);
  assert.equal((await tell(visitor, { lessons: [word] }, { origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' })).json.code, 'origin');
});

test('it is one\'s own: nobody without a session, nobody else\'s, and gone with the account', async () => {
  for (const answer of [await new Visitor(shop).get(PROGRESS), await tell(new Visitor(shop), {})]) assert.equal(answer.status, 401, answer.text);
  const [visitor, other] = [await learner(), await learner()];
  await tell(visitor, { lessons: [{ lesson: LESSON, done: true, at: await at(0) }], places: [{ lesson: LESSON, heading: 'here', at: await at(0) }] });
  assert.deepEqual((await other.get(PROGRESS)).json.progress, []);
  const exported = (await visitor.get('/api/access/me/export')).json;
  assert.deepEqual(exported.reading.map((/** @type {any} */ one) => [one.lesson, one.marked_done, one.heading]), [[LESSON, true, 'here']]);
  assert.equal((await visitor.send('DELETE', '/api/access/me')).status, 204);
  assert.equal((await visitor.get(PROGRESS)).status, 401);
});

test('who bought without signing in has it too, and takes it along when they sign in', async () => {
  const visitor = new Visitor(shop);
  const email = someone();
  await buy(visitor, email);
  const told = await tell(visitor, { lessons: [{ lesson: LESSON, done: true, at: await at(0) }], places: [{ lesson: LESSON, heading: 'here', at: await at(0) }] });
  assert.equal(told.status, 200, told.text);
  await signIn(visitor, email);
  const [one] = (await visitor.get(PROGRESS)).json.progress;
  assert.equal(one.heading, 'here');
  assert.ok(one.finished_at);
});
