// Every response has the headers that infra/edge/headers.json gives it, these and no others. The table is
// read here as the README beside it says, not as `serve` reads it.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { repository } from '../lib/binary.mjs';
import { LOCKED, buy, isWhole, signIn, someone } from '../lib/buying.mjs';
import { Shop } from '../lib/shop.mjs';
import { COURSE, build, forget, madeSite } from '../lib/sites.mjs';
import { Visitor } from '../lib/visitor.mjs';

/** @typedef {Record<string, string>} Headers */
/** @type {{every: Headers, https: Headers, rows: {name: string, path: string, headers: Headers, keeps?: string[], object?: string}[], answers: Record<string, Headers>}} */
const table = JSON.parse(readFileSync(join(repository, 'infra/edge/headers.json'), 'utf8'));

/** What an answer may say of itself, whatever its kind. */
const OWN = [
  'accept-ranges', 'allow', 'clear-site-data', 'connection', 'content-disposition', 'content-length', 'content-range', 'content-type', 'date',
  'etag', 'keep-alive', 'location', 'retry-after', 'set-cookie', 'transfer-encoding',
];

/** @type {Shop} */
let shop;
/** @type {Visitor} */
let buyer;
/** @type {Visitor} */
let learner;
before(async () => {
  shop = await Shop.open(await madeSite());
  buyer = new Visitor(shop);
  await buy(buyer, someone());
  learner = new Visitor(shop);
  await signIn(learner, someone());
});
after(async () => {
  await shop?.close();
  if (shop) forget(shop.site);
});

/** The row of a path: the first that matches. @param {string} path */
function rowOf(path) {
  const row = table.rows.find((row) => path.startsWith(row.path.slice(0, -1)));
  assert.ok(row, `no row for ${path}`);
  return row;
}

/**
 * @param {import('../lib/visitor.mjs').Answer} answer
 * @param {string} path that was asked for
 * @param {'moved' | 'renew' | 'missing' | 'page' | 'description'} [kind] of answer that is no file and no data
 */
function hasTheTables(answer, path, kind) {
  const all = { ...table.every, ...rowOf(path).headers, ...(kind ? table.answers[kind] : {}) };
  const expected = Object.fromEntries(Object.entries(all).map(([name, value]) => [name.toLowerCase(), value]));
  const said = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !OWN.includes(name)));
  assert.deepEqual(said, expected, `${answer.status} ${path}`);
}

test('the table has a row for every path, and no row behind the one that takes the rest', () => {
  assert.deepEqual(table.rows.map((row) => row.path), ['/_members*', '/api/*', '/assets/runner.*', '/assets/search-worker.*', '/assets/*', '*']);
  for (const row of table.rows) {
    const twice = Object.keys(row.headers).filter((name) => name in table.every || name in table.https);
    assert.deepEqual(twice, [], row.name);
    for (const name of row.keeps ?? []) assert.ok(name in row.headers, `${row.name} keeps ${name}`);
  }
});

test('no feature of the device is granted, to the site itself or to others', () => {
  const features = table.every['Permissions-Policy']?.split(', ') ?? [];
  assert.ok(features.length >= 30);
  for (const feature of features) assert.match(feature, /^[a-z-]+=\(\)$/);
  for (const name of ['camera', 'microphone', 'geolocation', 'payment', 'usb', 'display-capture', 'publickey-credentials-get']) {
    assert.ok(features.includes(`${name}=()`), name);
  }
});

test('whoever came by https once comes by https for two years, to the site and all below it', () => {
  assert.deepEqual(table.https, { 'Strict-Transport-Security': 'max-age=63072000; includeSubDomains' });
});

test('every file of the site, asked for by anybody', async () => {
  const { out } = await build(shop.site);
  const files = readdirSync(join(out, 'public'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.ok(files.length > 20);
  const seen = new Set();
  for (const file of files) {
    const path = join('/', file.parentPath.slice(join(out, 'public').length), file.name).replace(/index\.html$/, '');
    const answer = await new Visitor(shop).send('GET', encodeURI(path));
    // Watched pages hold one script more, and what is made of it has another name.
    assert.equal(answer.status, 200, path);
    hasTheTables(answer, path);
    seen.add(rowOf(path).name);
  }
  assert.deepEqual([...seen].sort(), ['assets', 'pages', 'runner', 'search']);
  forget(out);
});

test('teaser and lesson, copies of them and what only asks for their headers', async () => {
  assert.equal(await isWhole(buyer), true);
  for (const visitor of [buyer, new Visitor(shop)]) {
    const answer = await visitor.send('GET', LOCKED);
    hasTheTables(answer, LOCKED);
    assert.match(answer.headers.etag ?? '', /^"[pm]-[0-9a-f]{32}"$/);
    hasTheTables(await visitor.send('HEAD', LOCKED), LOCKED);
    const again = await visitor.send('GET', LOCKED, { headers: { 'if-none-match': answer.headers.etag ?? '' } });
    assert.equal(again.status, 304);
    hasTheTables(again, LOCKED);
  }
});

test('what the gate answers itself', async () => {
  const hinted = new Visitor(shop);
  hinted.cookies.set('tuition_hint', { value: 'x', path: '/' });
  const renewed = await hinted.send('GET', LOCKED);
  assert.equal(renewed.status, 302);
  hasTheTables(renewed, LOCKED, 'renew');
  const moved = await new Visitor(shop).send('GET', LOCKED.slice(0, -1));
  assert.equal(moved.status, 301);
  hasTheTables(moved, LOCKED.slice(0, -1), 'moved');
  for (const path of ['/nosuch/', '/assets/nosuch.css', `/courses/${COURSE}/nosuch.png`, '/%', '//x/']) {
    const missing = await new Visitor(shop).send('GET', path);
    assert.equal(missing.status, 404, path);
    hasTheTables(missing, path, 'missing');
  }
  const posted = await new Visitor(shop).post('/pricing/');
  assert.equal(posted.status, 405);
  hasTheTables(posted, '/pricing/');
});

test('the members tree is refused under a policy of its own', async () => {
  for (const visitor of [buyer, new Visitor(shop)]) {
    for (const path of [`/_members/${COURSE}${LOCKED}`, '/_members', '/_members/']) {
      const refused = await visitor.send('GET', path);
      assert.equal(refused.status, 404, path);
      hasTheTables(refused, path, 'missing');
    }
  }
});

test('answers of the functions', async () => {
  /** @type {[Visitor, string, number][]} */
  const asked = [
    [new Visitor(shop), '/api/checkout/offers', 200],
    [learner, '/api/access/me', 200],
    [learner, '/api/access/me/export', 200],
    [learner, '/api/access/sessions', 200],
    [learner, `/api/comments?lesson=${COURSE}/open`, 200],
    [buyer, `/api/access/renew?next=${LOCKED}`, 303],
  ];
  for (const [visitor, path, status] of asked) {
    const answer = await visitor.send('GET', path);
    assert.equal(answer.status, status, path);
    hasTheTables(answer, path);
  }
  const sent = await new Visitor(shop).post('/api/access/links', { email: someone() });
  assert.equal(sent.status, 202);
  hasTheTables(sent, '/api/access/links');
  const uncounted = await new Visitor(shop).post('/api/metrics/events', { events: [] }, { dnt: '1' });
  assert.equal(uncounted.status, 204);
  hasTheTables(uncounted, '/api/metrics/events');
});

test('the description of the interface may be kept for minutes', async () => {
  const answer = await new Visitor(shop).send('GET', '/api/openapi.json');
  assert.equal(answer.status, 200);
  hasTheTables(answer, '/api/openapi.json', 'description');
});

test('refusals of the functions, to a program and to a person', async () => {
  /** @type {[string, string, number][]} */
  const asked = [
    ['GET', '/api/access/me', 401],
    ['GET', '/api/metrics/summary', 401],
    ['GET', '/api/nosuch', 404],
    ['GET', '/api/', 404],
    ['PUT', '/api/comments', 405],
    ['POST', '/api/checkout/sessions', 415],
    ['POST', '/api/checkout/webhook', 400],
    ['GET', `/api/access/links/${'0'.repeat(43)}`, 410],
  ];
  for (const [method, path, status] of asked) {
    const told = await new Visitor(shop).send(method, path);
    assert.equal(told.status, status, path);
    assert.match(told.headers['content-type'] ?? '', /^application\/problem\+json/);
    hasTheTables(told, path);
    const shown = await new Visitor(shop).send(method, path, { headers: { accept: 'text/html' } });
    assert.equal(shown.status, status, path);
    assert.match(shown.headers['content-type'] ?? '', /^text\/html/);
    hasTheTables(shown, path, 'page');
  }
});

test('the page behind a mailed link', async () => {
  const asking = new Visitor(shop);
  const email = someone();
  await asking.post('/api/access/links', { email });
  const [mail] = await shop.mailsTo(email);
  const [path = ''] = /\/api\/access\/links\/\S+/.exec(mail.text) ?? [];
  for (const visitor of [asking, new Visitor(shop)]) {
    const answer = await visitor.send('GET', path);
    assert.equal(answer.status, 200, answer.text);
    hasTheTables(answer, path, 'page');
  }
});
