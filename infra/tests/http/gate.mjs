// The gate as a visitor meets it: no spelling of a path and no token but the right one shows a paid
// byte. Its rules one by one are in infra/edge/vectors.json.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { LOCKED, buy, isWhole, someone } from '../lib/buying.mjs';
import { Shop } from '../lib/shop.mjs';
import { COURSE, OTHER, PAID, forget, madeSite } from '../lib/sites.mjs';
import { Visitor } from '../lib/visitor.mjs';

/** @type {Shop} */
let shop;
/** Owns COURSE, not OTHER. @type {Visitor} */
let buyer;
before(async () => {
  shop = await Shop.open(await madeSite());
  buyer = new Visitor(shop);
  await buy(buyer, someone());
});
after(async () => {
  await shop?.close();
  if (shop) forget(shop.site);
});

/** GET exactly this, following nothing, with one cookie changed. @param {string} path @param {Record<string, string | null>} [cookies] */
function ask(path, cookies = {}) {
  const jar = { ...Object.fromEntries([...buyer.cookies].map(([name, { value }]) => [name, value])), ...cookies };
  const cookie = Object.entries(jar).filter(([, value]) => value !== null).map(([name, value]) => `${name}=${value}`).join('; ');
  return new Visitor(shop).send('GET', path, { headers: { cookie } });
}

test('the members tree answers 404 to every spelling, with and without a token', async () => {
  const inside = `${COURSE}/courses/${COURSE}/locked/`;
  const spellings = [
    '/_members', '/_members/', `/_members/${inside}`, `/_members/${inside}index.html`, `/_MEMBERS/${inside}`, `/_Members/${inside}`,
    `//_members/${inside}`, `/_members//${inside}`, `/%5Fmembers/${inside}`, `/%5fmembers/${inside}`, `/%255Fmembers/${inside}`,
    `/%5f%6d%65%6d%62%65%72%73/${inside}`, `/%2f_members%2f${inside}`, `/_members%2f${inside}`, `/x/../_members/${inside}`,
    `/x/%2e%2e/_members/${inside}`, `/x/%252e%252e/_members/${inside}`, `/_members;x/${inside}`, `/_members%3bx/${inside}`,
    `/_members./${inside}`, `/_members%2e/${inside}`, `/_members%20/${inside}`, `/_members%00/${inside}`, `/\\_members/${inside}`,
    `/courses/${COURSE}/_members/${inside}`, `/zh/_members/${inside}`, `/./_members/${inside}`, `/courses/${COURSE}/../../_members/${inside}`,
  ];
  for (const path of spellings) {
    for (const visitor of [buyer, new Visitor(shop)]) {
      const answer = await visitor.send('GET', path);
      assert.equal(answer.status, 404, path);
      assert.ok(!answer.text.includes(PAID), path);
    }
  }
});

test('a broken path is 404 and a missing slash is mended', async () => {
  for (const path of ['/%', '/courses/%zz/', `/courses//${COURSE}/`, '//evil.example/', '/\\evil.example', `/courses/${COURSE}/..%2f`, '/a%00b', `/courses%2f${COURSE}/locked/`]) {
    const answer = await buyer.send('GET', path);
    assert.equal(answer.status, 404, path);
    assert.ok(!answer.text.includes(PAID), path);
  }
  const mended = await buyer.send('GET', `${LOCKED.slice(0, -1)}?a=b`);
  assert.equal(mended.status, 301);
  assert.equal(mended.headers.location, `${LOCKED}?a=b`);
});

test('only the own valid token opens a lesson, and no loop awaits the others', async () => {
  assert.ok((await ask(LOCKED)).text.includes(PAID), 'the buyer\'s own token');
  const token = buyer.cookies.get('tuition_access')?.value ?? '';
  const [head = '', claims = '', mac = ''] = token.split('.');
  const coded = (/** @type {object} */ value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const header = JSON.parse(Buffer.from(head, 'base64url').toString());
  const says = JSON.parse(Buffer.from(claims, 'base64url').toString());
  const forged = {
    none: null,
    'two tokens': `${token}; tuition_access=${token}`,
    'a bit changed': `${head}.${claims}.${mac.startsWith('A') ? 'B' : 'A'}${mac.slice(1)}`,
    'more courses': `${head}.${coded({ ...says, courses: [COURSE, OTHER] })}.${mac}`,
    'a longer life': `${head}.${coded({ ...says, exp: says.exp + 9000 })}.${mac}`,
    'alg none': `${coded({ ...header, alg: 'none' })}.${claims}.`,
    'alg none with a signature': `${coded({ ...header, alg: 'none' })}.${claims}.${mac}`,
    'another kid': `${coded({ ...header, kid: 'x' })}.${claims}.${mac}`,
    'no signature': `${head}.${claims}.`,
    'not a token': 'x',
  };
  for (const [what, value] of Object.entries(forged)) {
    const hinted = await ask(LOCKED, { tuition_access: value });
    assert.equal(hinted.status, 302, what);
    assert.equal(hinted.headers.location, `/api/access/renew?next=${encodeURIComponent(LOCKED)}`, what);
    assert.match(hinted.headers['cache-control'] ?? '', /no-store/);
    const plain = await ask(LOCKED, { tuition_access: value, tuition_hint: null });
    assert.equal(plain.status, 200, what);
    assert.ok(!plain.text.includes(PAID), what);
  }
  const foreign = await ask(LOCKED.replace(COURSE, OTHER));
  assert.ok(!foreign.text.includes(PAID), `a token for ${COURSE} at ${OTHER}`);
});

test('after fifteen minutes the token is renewed on the way and the reader notices nothing', async () => {
  const before = buyer.cookies.get('tuition_access')?.value;
  await shop.advance(901);
  assert.equal(await isWhole(buyer), true);
  assert.notEqual(buyer.cookies.get('tuition_access')?.value, before);
  // A hint alone, without a session: renewal ends it and shows the teaser.
  const ghost = new Visitor(shop);
  ghost.cookies.set('tuition_hint', { value: 'x', path: '/' });
  assert.equal(await isWhole(ghost), false);
  assert.equal(ghost.cookies.has('tuition_hint'), false);
});

test('teaser and lesson have different ETags, and a copy of one is never taken for the other', async () => {
  const whole = await buyer.send('GET', LOCKED);
  const teaser = await new Visitor(shop).send('GET', LOCKED);
  assert.notEqual(whole.headers.etag, teaser.headers.etag);
  for (const { headers } of [whole, teaser]) {
    assert.match(headers['cache-control'] ?? '', /private/);
    assert.match(headers['cache-control'] ?? '', /no-cache/);
  }
  const again = await buyer.send('GET', LOCKED, { headers: { 'if-none-match': whole.headers.etag ?? '' } });
  assert.equal(again.status, 304);
  const crossed = await buyer.send('GET', LOCKED, { headers: { 'if-none-match': teaser.headers.etag ?? '', 'if-modified-since': new Date(Date.now() + 1e9).toUTCString() } });
  assert.equal(crossed.status, 200);
  assert.ok(crossed.text.includes(PAID));
  const head = await buyer.send('HEAD', LOCKED);
  assert.equal(head.status, 200);
  assert.equal(head.bytes.length, 0);
});
