// The gate as a visitor meets it: no spelling of a path and no token but the right one shows a paid
// byte. Its rules one by one are in infra/edge/vectors.json; a number before a test is that of the
// row in the list of bad inputs to access, whose other rows sign-in.mjs has.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { LOCKED, askForLink, buy, isWhole, linkIn, paymentOf, secondOf, signIn, someone, statusOf } from '../lib/buying.mjs';
import { Shop } from '../lib/shop.mjs';
import { COURSE, OTHER, PAID, forget, madeSite } from '../lib/sites.mjs';
import { TOKEN_LIFE, coded, minted, read } from '../lib/tokens.mjs';
import { until } from '../lib/until.mjs';
import { Visitor } from '../lib/visitor.mjs';

const OTHERS = LOCKED.replace(COURSE, OTHER);
/** The most bytes that a browser keeps of a cookie (RFC 6265 §6.1). */
const COOKIE_BYTES = 4096;
/** As DESIGN §5 has it. */
const MOST_COURSES = 60;

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

/** Tokens that open no lesson of COURSE, by what is wrong with them. */
async function unusable() {
  const now = await secondOf(shop);
  const token = buyer.cookies.get('tuition_access')?.value ?? '';
  const [head = '', claims = '', mac = ''] = token.split('.');
  const { head: header, claims: says } = read(token);
  const made = (/** @type {{head?: object, claims?: object}} */ changes) => minted(shop, [COURSE], { ...changes, now });
  return {
    'no token': null,
    'an empty token': '',
    'not a token': 'x',
    'two tokens': `${token}; tuition_access=${token}`,
    'expired this second': made({ claims: { iat: now - TOKEN_LIFE, exp: now } }),
    'expired a day ago': made({ claims: { iat: now - 86_400, exp: now - 86_400 + TOKEN_LIFE } }),
    'too long a life': made({ claims: { exp: now + TOKEN_LIFE + 1 } }),
    'issued in two minutes': made({ claims: { iat: now + 120, exp: now + 120 + TOKEN_LIFE } }),
    'a bit of the signature changed': `${head}.${claims}.${mac.startsWith('A') ? 'B' : 'A'}${mac.slice(1)}`,
    'more courses than were signed': `${head}.${coded({ ...says, courses: [COURSE, OTHER] })}.${mac}`,
    'a longer life than was signed': `${head}.${coded({ ...says, exp: says.exp + 9000 })}.${mac}`,
    'no signature': `${head}.${claims}.`,
    'an unknown kid': made({ head: { kid: 'nobody' } }),
    'no kid': made({ head: { kid: undefined } }),
    'alg none': `${coded({ ...header, alg: 'none' })}.${claims}.`,
    'alg none with a signature': `${coded({ ...header, alg: 'none' })}.${claims}.${mac}`,
    'alg HS384': made({ head: { alg: 'HS384' } }),
    'another typ': made({ head: { typ: 'JWT' } }),
    'another audience': made({ claims: { aud: 'https://elsewhere.example' } }),
    'another issuer': made({ claims: { iss: 'https://elsewhere.example' } }),
    'no subject': made({ claims: { sub: '' } }),
  };
}

test('X05 without a hint every unusable token shows the same teaser as no token at all', async () => {
  const now = await secondOf(shop);
  const good = await ask(LOCKED, { tuition_access: minted(shop, [COURSE], { now }), tuition_hint: null });
  assert.ok(good.text.includes(PAID), 'the tokens of this test are like the shop\'s own');
  const teaser = await new Visitor(shop).send('GET', LOCKED);
  assert.equal(teaser.status, 200);
  assert.ok(teaser.text.includes(`The teaser of ${COURSE} ends here.`) && !teaser.text.includes(PAID));
  for (const [what, value] of Object.entries({ ...await unusable(), 'a token for another course': minted(shop, [OTHER], { now }), 'a token for no course': minted(shop, [], { now }), 'a star': minted(shop, ['*'], { now }) })) {
    const answer = await ask(LOCKED, { tuition_access: value, tuition_hint: null });
    assert.equal(answer.status, 200, what);
    assert.deepEqual(answer.bytes, teaser.bytes, what);
    assert.equal(answer.headers.etag, teaser.headers.etag, what);
    const head = await new Visitor(shop).send('HEAD', LOCKED, { headers: { cookie: `tuition_access=${value}` } });
    assert.equal(head.status, 200, what);
    assert.equal(head.headers.etag, teaser.headers.etag, what);
  }
});

test('X06 a token for one course does not open another whose name begins like it', async () => {
  const now = await secondOf(shop);
  assert.ok(OTHER.startsWith(COURSE));
  for (const [token, closed, opened] of [[minted(shop, [COURSE], { now }), OTHERS, LOCKED], [minted(shop, [OTHER], { now }), LOCKED, OTHERS]]) {
    for (const hint of [null, 'a']) {
      const shut = await ask(closed, { tuition_access: token, tuition_hint: hint });
      assert.equal(shut.status, 200, 'a usable token that covers another course is no reason to renew');
      assert.ok(!shut.text.includes(PAID), closed);
      assert.ok((await ask(opened, { tuition_access: token, tuition_hint: hint })).text.includes(PAID), opened);
    }
  }
  assert.equal(await isWhole(buyer), true);
  assert.equal(await isWhole(buyer, OTHER), false);
});

test('X07 the members tree answers 404 to every spelling, with and without a token', async () => {
  const inside = `${COURSE}/courses/${COURSE}/locked/`;
  const spellings = [
    '/_members', '/_members/', `/_members/${inside}`, `/_members/${inside}index.html`, `/_MEMBERS/${inside}`, `/_Members/${inside}`,
    `//_members/${inside}`, `/_members//${inside}`, `/%5Fmembers/${inside}`, `/%5fmembers/${inside}`, `/%255Fmembers/${inside}`,
    `/%5f%6d%65%6d%62%65%72%73/${inside}`, `/%2f_members%2f${inside}`, `/_members%2f${inside}`, `/x/../_members/${inside}`,
    `/x/%2e%2e/_members/${inside}`, `/x/%252e%252e/_members/${inside}`, `/_members;x/${inside}`, `/_members%3bx/${inside}`,
    `/_members./${inside}`, `/_members%2e/${inside}`, `/_members%20/${inside}`, `/_members%00/${inside}`, `/\\_members/${inside}`,
    `/courses/${COURSE}/_members/${inside}`, `/zh/_members/${inside}`, `/./_members/${inside}`, `/courses/${COURSE}/../../_members/${inside}`,
    `/_members.;x/${inside}`, `/_members%252e/${inside}`, `/_members%253bx/${inside}`, `/_members/${inside}?_members=1`,
  ];
  for (const path of spellings) {
    for (const visitor of [buyer, new Visitor(shop)]) {
      for (const method of ['GET', 'HEAD']) {
        const answer = await visitor.send(method, path);
        assert.equal(answer.status, 404, `${method} ${path}`);
        assert.ok(!answer.text.includes(PAID), path);
      }
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

test('X08 fifteen minutes after a refund the lesson is the teaser again', async () => {
  const own = new Visitor(shop);
  const session = await buy(own, someone());
  const teaser = await new Visitor(shop).send('GET', LOCKED);
  await shop.dev(`till/payments/${await paymentOf(shop, session)}/refund`, {});
  await until('the refund has arrived', async () => (await statusOf(new Visitor(shop), session)) === 'refunded');
  await shop.advance(TOKEN_LIFE);
  const after = await own.get(LOCKED);
  assert.equal(after.status, 200);
  assert.deepEqual(after.bytes, teaser.bytes);
  // Its token covers nothing, and is good: no second trip to renewal.
  assert.deepEqual(read(own.cookies.get('tuition_access')?.value ?? '').claims.courses, []);
  assert.equal((await own.send('GET', LOCKED)).status, 200);
});

test('X14 with a hint every unusable token goes through renewal, once, and comes back to the same URL', async () => {
  const url = `${LOCKED}?from=mail&x=%25`;
  for (const [what, value] of Object.entries(await unusable())) {
    const answer = await ask(url, { tuition_access: value });
    assert.equal(answer.status, 302, what);
    assert.equal(answer.headers.location, `/api/access/renew?next=${encodeURIComponent(url)}`, what);
    assert.match(answer.headers['cache-control'] ?? '', /no-store/);
    assert.ok(!answer.text.includes(PAID));
  }

  // Who is entitled comes back to the whole lesson, with a token that opens it.
  const jar = new Visitor(shop);
  for (const [name, cookie] of buyer.cookies) jar.cookies.set(name, cookie);
  jar.cookies.delete('tuition_access');
  const away = await jar.send('GET', url);
  const back = await jar.send('GET', String(away.headers.location));
  assert.equal(back.status, 303);
  assert.equal(back.headers.location, url);
  const whole = await jar.send('GET', url);
  assert.equal(whole.status, 200);
  assert.ok(whole.text.includes(PAID));

  // Who is signed in and not entitled: the teaser, with a token that says so.
  const guest = new Visitor(shop);
  await signIn(guest, someone());
  guest.cookies.delete('tuition_access');
  assert.equal(await isWhole(guest), false);
  assert.equal((await guest.send('GET', LOCKED)).status, 200);
  assert.deepEqual(read(guest.cookies.get('tuition_access')?.value ?? '').claims.courses, []);

  // A hint alone: renewal ends it and shows the teaser.
  const ghost = new Visitor(shop);
  ghost.cookies.set('tuition_hint', { value: 'a.tides', path: '/' });
  assert.equal(await isWhole(ghost), false);
  assert.equal(ghost.cookies.has('tuition_hint'), false);
});

test('after fifteen minutes the token is renewed on the way and the reader notices nothing', async () => {
  const before = buyer.cookies.get('tuition_access')?.value;
  await shop.advance(TOKEN_LIFE + 1);
  assert.equal(await isWhole(buyer), true);
  assert.notEqual(buyer.cookies.get('tuition_access')?.value, before);
});

test('X15 two token cookies open nothing, and renewal does not send them in a circle', async () => {
  const token = minted(shop, [COURSE], { now: await secondOf(shop) });
  for (const pair of [`${token}; tuition_access=${token}`, `${token}; tuition_access=x`, `x; tuition_access=${token}`, `; tuition_access=${token}`]) {
    const plain = await ask(LOCKED, { tuition_access: pair, tuition_hint: null });
    assert.equal(plain.status, 200);
    assert.ok(!plain.text.includes(PAID));
    const hinted = await ask(LOCKED, { tuition_access: pair });
    assert.equal(hinted.status, 302);
    const back = await ask(String(hinted.headers.location), { tuition_access: pair });
    assert.equal(back.status, 303);
    assert.equal(back.headers.location, LOCKED);
    const ended = (back.headers['set-cookie'] ?? []).filter((line) => line.startsWith('tuition_hint='));
    assert.match(ended.join(), /^tuition_hint=;.*Max-Age=0/, 'the hint that would lead back here is gone');
  }
});

test('X15 of sixty-one courses sixty are minted, that of the way back among them, in a cookie that browsers keep', async () => {
  const courses = Array.from({ length: 61 }, (_, n) => `a-course-with-quite-a-long-name-no-${100 + n}`);
  const large = await Shop.open(await madeSite({ courses }));
  try {
    const author = new Visitor(large);
    // An author opens everything that is for sale.
    const mail = await askForLink(author, 'author@courses.example', `/courses/${courses[0]}/locked/`);
    assert.equal((await author.submit(linkIn(mail), {})).status, 303);
    for (const course of [courses[0], courses[60], courses[30]]) {
      const path = `/courses/${course}/locked/`;
      const answer = await author.send('GET', `/api/access/renew?next=${encodeURIComponent(path)}`);
      assert.equal(answer.status, 303);
      const line = (answer.headers['set-cookie'] ?? []).find((one) => one.startsWith('tuition_access=')) ?? '';
      const pair = line.split(';')[0] ?? '';
      assert.ok(Buffer.byteLength(pair) < COOKIE_BYTES, `${Buffer.byteLength(pair)} bytes`);
      const { courses: minted } = read(pair.slice('tuition_access='.length)).claims;
      assert.equal(minted.length, MOST_COURSES);
      assert.equal(minted[0], course);
      const page = await author.send('GET', path);
      assert.ok(page.text.includes(PAID), path);
    }
  } finally {
    await large.close();
    forget(large.site);
  }
});

test('teaser and lesson have different ETags, and a copy of one is never taken for the other', async () => {
  const whole = await buyer.get(LOCKED);
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

test('a range of a file is for whoever may have the file, and of one version only', async () => {
  const whole = await buyer.get(LOCKED);
  const range = (/** @type {string} */ bytes, /** @type {Record<string, string>} */ headers = {}) => buyer.send('GET', LOCKED, { headers: { range: bytes, ...headers } });
  const part = await range('bytes=10-19');
  assert.equal(part.status, 206);
  assert.equal(part.headers['content-range'], `bytes 10-19/${whole.bytes.length}`);
  assert.deepEqual(part.bytes, whole.bytes.subarray(10, 20));
  assert.equal(part.headers.etag, whole.headers.etag);
  assert.equal(part.headers['cache-control'], whole.headers['cache-control']);
  assert.deepEqual((await range('bytes=-7')).bytes, whole.bytes.subarray(-7));
  assert.equal((await range(`bytes=${whole.bytes.length}-`)).status, 416);

  const teaser = await new Visitor(shop).send('GET', LOCKED);
  const stranger = await new Visitor(shop).send('GET', LOCKED, { headers: { range: 'bytes=0-', 'if-range': whole.headers.etag ?? '' } });
  assert.equal(stranger.status, 200);
  assert.deepEqual(stranger.bytes, teaser.bytes);
  const crossed = await range('bytes=10-19', { 'if-range': teaser.headers.etag ?? '' });
  assert.equal(crossed.status, 200, 'the rest of the lesson is no rest of the teaser');
  assert.deepEqual(crossed.bytes, whole.bytes);
});
