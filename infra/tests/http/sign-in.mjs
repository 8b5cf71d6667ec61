// Signing in by mail: a link works once, for ten minutes, in the browser that asked for it; its code
// works there too. Nothing tells whether an address has an account. A number before a test is that of
// the row in the list of bad inputs to access, whose other rows gate.mjs has.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { LOCKED, askForLink, buy, codeIn, isWhole, linkIn, secondOf, signIn, someone, wrongCode } from '../lib/buying.mjs';
import { Shop } from '../lib/shop.mjs';
import { USUAL_LIMITS, forget, madeSite } from '../lib/sites.mjs';
import { Visitor } from '../lib/visitor.mjs';

const LINKS = '/api/access/links';
const CODES = '/api/access/codes';
const ME = '/api/access/me';
const HTML = { accept: 'text/html' };

/** @type {Shop} */
let shop;
before(async () => (shop = await Shop.open(await madeSite())));
after(async () => {
  await shop?.close();
  if (shop) forget(shop.site);
});

const isSignedIn = async (/** @type {Visitor} */ visitor) => (await visitor.get(ME)).status === 200;

/** A visitor of their own who has asked, and the mail. @param {string} [email] */
async function asked(email = someone()) {
  const visitor = new Visitor(shop);
  return { visitor, mail: await askForLink(visitor, email) };
}

/** An answer without what is new in each: the time, a secret that was set, the name of the occurrence. @param {import('../lib/visitor.mjs').Answer} answer */
function lasting({ status, headers, text }) {
  const { date: _, 'set-cookie': cookies, ...rest } = headers;
  const set = (cookies ?? []).map((line) => line.replace(/^(\w+=)[^;]*/, '$1…'));
  return { status, headers: rest, set, text: text.replace(/urn:tuition:request:[0-9a-f]{16}/, 'urn:tuition:request:…') };
}

/** @param {import('../lib/visitor.mjs').Answer[]} answers */
function areAlike(answers) {
  const [first, ...others] = answers.map(lasting);
  for (const other of others) assert.deepEqual(other, first);
}

test('X01 an address with an account and one without get the same answer, byte for byte', async () => {
  const known = someone();
  await signIn(new Visitor(shop), known);
  for (const form of [false, true]) {
    const ask = (/** @type {string} */ email) => (form ? new Visitor(shop).submit(LINKS, { email }) : new Visitor(shop).post(LINKS, { email }));
    const answers = [await ask(known), await ask(someone()), await ask(known)];
    for (const { status } of answers) assert.equal(status, form ? 303 : 202);
    areAlike(answers);
    assert.deepEqual(answers[0]?.bytes, answers[1]?.bytes);
    assert.equal((answers[0]?.headers['set-cookie'] ?? []).length, 1);
  }
});

test('X01 what is no address is told, the same in every case, and nothing is mailed', async () => {
  const before = (await shop.dev('outbox')).length;
  const refused = [];
  for (const email of ['not-an-address', 'a@', '@b.example', 'a b@c.example', 'a@b.example,c@d.example', 'a@b', '']) {
    const answer = await new Visitor(shop).post(LINKS, { email });
    answer.refuses(422, 'email');
    refused.push(answer);
  }
  areAlike(refused);
  assert.equal((await shop.dev('outbox')).length, before);
});

test('X02 looking at a link, a hundred times each way, does not use it up', async () => {
  const { visitor, mail } = await asked();
  const path = linkIn(mail);
  for (let round = 0; round < 10; round += 1) {
    const looks = await Promise.all(Array.from({ length: 10 }, () => ['GET', 'HEAD'].map((method) => visitor.send(method, path, { headers: HTML }))).flat());
    for (const look of looks) {
      assert.equal(look.status, 200);
      assert.match(look.headers['content-type'] ?? '', /^text\/html/);
      assert.match(look.headers['cache-control'] ?? '', /no-store/);
      assert.equal(look.headers['set-cookie'], undefined);
    }
  }
  assert.equal(await isSignedIn(visitor), false);
  const used = await visitor.submit(path, {});
  assert.equal(used.status, 303);
  assert.equal(used.headers.location, LOCKED);
  assert.ok(visitor.cookies.has('tuition_session'));
  assert.equal(await isSignedIn(visitor), true);
});

test('X03 of many uses of a link one succeeds, and all refusals are alike', async () => {
  /** Every way in which a link does not work. @param {(visitor: Visitor, path: string) => ReturnType<Visitor['send']>} use */
  const refusals = async (use) => {
    const refused = [];

    const twice = await asked();
    assert.equal((await use(twice.visitor, linkIn(twice.mail))).status, 303);
    // The same secret once more: the answer has taken it out of the visitor's jar.
    const parallel = await asked();
    const [path, cookie] = [linkIn(parallel.mail), parallel.visitor.cookiesFor(LINKS)];
    const uses = await Promise.all(Array.from({ length: 20 }, () => {
      const clone = new Visitor(shop);
      for (const pair of cookie.split('; ')) clone.keep([`${pair}; Path=/api/access`]);
      return use(clone, path);
    }));
    assert.equal(uses.filter(({ status }) => status === 303).length, 1);
    refused.push(...uses.filter(({ status }) => status !== 303), await use(twice.visitor, linkIn(twice.mail)));

    const late = await asked();
    await shop.advance(600);
    refused.push(await use(late.visitor, linkIn(late.mail)));

    const changed = await asked();
    const link = linkIn(changed.mail);
    for (const bit of [0, 1, 100, 128, 254, 255]) refused.push(await use(changed.visitor, flipped(link, bit)));
    // Another spelling of the same bytes is another token.
    refused.push(await use(changed.visitor, `${link}=`), await use(changed.visitor, `${LINKS}/short`));
    assert.equal((await use(changed.visitor, link)).status, 303, 'a wrong one has not used up the right one');

    const email = someone();
    const older = await asked(email);
    const newer = await askForLink(older.visitor, email);
    refused.push(await use(older.visitor, linkIn(older.mail)));
    assert.equal((await use(older.visitor, linkIn(newer))).status, 303);
    assert.equal((await older.visitor.get(ME)).json.email, email);
    return refused;
  };
  const problems = await refusals((visitor, path) => visitor.send('POST', path));
  for (const answer of problems) answer.refuses(410, 'link');
  areAlike(problems);
  const pages = await refusals((visitor, path) => visitor.submit(path, {}));
  for (const answer of pages) assert.equal(answer.status, 410);
  assert.equal(new Set(pages.map((answer) => answer.text)).size, 1, 'the page is the same byte for byte');
});

/** A link whose token differs in one bit. @param {string} link @param {number} bit */
function flipped(link, bit) {
  const at = link.lastIndexOf('/') + 1;
  const token = Buffer.from(link.slice(at), 'base64url');
  token.writeUInt8(token.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  return link.slice(0, at) + token.toString('base64url');
}

test('X03 a link lives for ten minutes and not a second more', async () => {
  const inTime = await asked();
  await shop.advance(590);
  assert.equal((await inTime.visitor.submit(linkIn(inTime.mail), {})).status, 303);
  const late = await asked();
  await shop.advance(600);
  assert.equal((await late.visitor.send('GET', linkIn(late.mail), { headers: HTML })).status, 410);
  (await late.visitor.post(CODES, { code: codeIn(late.mail) })).refuses(410, 'link');
});

test('X04 in a browser that did not ask, the link shows the code, and the code signs in only the one that did', async () => {
  const { visitor: asking, mail } = await asked();
  const elsewhere = new Visitor(shop);
  await askForLink(elsewhere, someone());
  const page = await elsewhere.get(linkIn(mail), HTML);
  assert.equal(page.status, 200);
  const shown = /<strong>(\w{6})<\/strong>/.exec(page.text)?.[1] ?? '';
  assert.equal(shown, codeIn(mail));
  assert.doesNotMatch(page.text, /<form/);
  (await elsewhere.send('POST', linkIn(mail))).refuses(410, 'link');
  (await elsewhere.post(CODES, { code: shown })).refuses(410, 'link');
  (await new Visitor(shop).post(CODES, { code: shown })).refuses(410, 'link');
  assert.equal(await isSignedIn(elsewhere), false);

  const used = await asking.post(CODES, { code: ` ${shown.slice(0, 3).toLowerCase()}-${shown.slice(3)} ` });
  assert.equal(used.status, 200, used.text);
  assert.equal(used.json.next, LOCKED);
  assert.equal(await isSignedIn(asking), true);
  (await asking.post(CODES, { code: shown })).refuses(410, 'link');
});

test('X04 the fifth try may be the right one, the sixth may not, however many come at once', async () => {
  const fifth = await asked();
  for (let n = 0; n < 4; n += 1) (await fifth.visitor.post(CODES, { code: wrongCode(codeIn(fifth.mail), n) })).refuses(410, 'link');
  assert.equal((await fifth.visitor.post(CODES, { code: codeIn(fifth.mail) })).status, 200);

  const sixth = await asked();
  const right = codeIn(sixth.mail);
  const refused = [];
  for (let n = 0; n < 5; n += 1) refused.push(await sixth.visitor.post(CODES, { code: wrongCode(right, n) }));
  refused.push(await sixth.visitor.post(CODES, { code: right }), await sixth.visitor.send('POST', linkIn(sixth.mail)));
  for (const answer of refused) answer.refuses(410, 'link');
  areAlike(refused);

  const many = await asked();
  const cookie = many.visitor.cookiesFor(CODES);
  await Promise.all(Array.from({ length: 30 }, (_, n) => new Visitor(shop).post(CODES, { code: wrongCode(codeIn(many.mail), n) }, { cookie })));
  (await many.visitor.post(CODES, { code: codeIn(many.mail) })).refuses(410, 'link');
  assert.equal(await isSignedIn(many.visitor), false);
});

test('X09 the sixth link for one address in an hour is refused, known or not, and so is the twenty-first from one network', async () => {
  const site = await madeSite({ limits: USUAL_LIMITS });
  const own = await Shop.open(site);
  try {
    const ask = (/** @type {string} */ email, /** @type {Record<string, string>} */ headers = {}) => new Visitor(own).post(LINKS, { email }, headers);
    const known = someone();
    await signIn(new Visitor(own), known);
    // The windows of an hour that this test counts in begin now, and end after it.
    await own.advance(3 * 3600);
    await own.advance(3600 - ((await secondOf(own)) % 3600));
    const last = [];
    for (const email of [known, someone()]) {
      const answers = [];
      for (let n = 0; n < 6; n += 1) answers.push(await ask(email));
      assert.deepEqual(answers.map(({ status }) => status), [202, 202, 202, 202, 202, 429]);
      answers[5]?.refuses(429, 'too-many', email);
      last.push(answers[5]);
      assert.equal((await ask(email, { 'x-forwarded-for': '203.0.113.9', 'x-tuition-caller': '203.0.113.9' })).status, 429, 'the caller does not name its own network');
    }
    const waits = last.map((answer) => Number(answer?.headers['retry-after']));
    assert.ok(waits.every((wait) => wait > 0 && wait <= 7200), String(waits));
    const [one, other] = last.map((answer) => answer && { ...lasting(answer), headers: { ...answer.headers, date: '', 'retry-after': '' } });
    assert.deepEqual(one, other);
    // Two times seven were counted for the network.
    const rest = [];
    for (let n = 0; n < 7; n += 1) rest.push(await ask(someone(), { 'x-forwarded-for': `203.0.113.${n}`, 'x-tuition-caller': `203.0.113.${n}` }));
    assert.deepEqual(rest.map(({ status }) => status), [202, 202, 202, 202, 202, 202, 429]);
    rest.at(-1)?.refuses(429, 'too-many');
    assert.ok(Number(rest.at(-1)?.headers['retry-after']) > 0);
  } finally {
    await own.close();
    forget(site);
  }
});

test('X10 signing out, one browser or all of them, ends sessions and renewals at once', async () => {
  const email = someone();
  await buy(new Visitor(shop), email);
  const [laptop, phone, tablet] = [new Visitor(shop), new Visitor(shop), new Visitor(shop)];
  for (const device of [laptop, phone, tablet]) await signIn(device, email);
  assert.equal(await isWhole(phone), true);
  const listed = (await laptop.get('/api/access/sessions')).json.sessions;
  assert.equal(listed.length, 3);
  assert.equal(listed.filter((/** @type {any} */ one) => one.current).length, 1);

  // A copy of the cookies, as whoever has the lost phone may have made.
  const stolen = copyOf(tablet);
  const out = await tablet.submit('/api/access/sign-out', { next: '/' });
  assert.equal(out.status, 303, out.text);
  assert.match(String(out.headers['clear-site-data']), /"cache"/);
  assert.equal(tablet.cookies.size, 0);
  await isShutOut(stolen);
  assert.equal(await isSignedIn(phone), true);

  const all = await laptop.send('DELETE', '/api/access/sessions');
  assert.equal(all.status, 204, all.text);
  assert.match(String(all.headers['clear-site-data']), /"cache"/);
  await isShutOut(phone);
});

test('X10 erasing the account ends every session and renewal at once and leaves nothing of it', async () => {
  const email = someone();
  await buy(new Visitor(shop), email);
  const [laptop, phone] = [new Visitor(shop), new Visitor(shop)];
  for (const device of [laptop, phone]) await signIn(device, email);
  const lesson = LOCKED.split('/').slice(2, 4).join('/');
  const posted = await laptop.post('/api/comments', { lesson, body: 'Forget me.' });
  assert.equal(posted.status, 201, posted.text);
  const id = (await laptop.get(ME)).json.id;
  const stolen = copyOf(laptop);
  const erased = await laptop.send('DELETE', ME);
  assert.equal(erased.status, 204, erased.text);
  await isShutOut(stolen);
  await isShutOut(phone);
  const reader = new Visitor(shop);
  await buy(reader, someone());
  assert.ok(!(await reader.get(`/api/comments?lesson=${lesson}`)).text.includes('Forget me.'));
  await signIn(laptop, email);
  const anew = (await laptop.get(ME)).json;
  assert.notEqual(anew.id, id);
  assert.deepEqual(anew.orders, []);
  assert.deepEqual(anew.entitlements, []);
});

/** @param {Visitor} visitor */
function copyOf(visitor) {
  const copy = new Visitor(shop);
  for (const [name, cookie] of visitor.cookies) copy.cookies.set(name, cookie);
  return copy;
}

/** The session is over now, nothing renews it, and when the last token ends nothing opens. @param {Visitor} visitor */
async function isShutOut(visitor) {
  (await visitor.get(ME)).refuses(401, 'signed-out');
  (await visitor.send('GET', '/api/access/sessions')).refuses(401);
  const token = visitor.cookies.get('tuition_access')?.value;
  const renewed = await visitor.send('GET', `/api/access/renew?next=${encodeURIComponent(LOCKED)}`);
  assert.equal(renewed.status, 303);
  assert.equal(visitor.cookies.size, 0, 'renewal ends what is left in the browser');
  // Even one that keeps its token.
  if (token) visitor.cookies.set('tuition_access', { value: token, path: '/' });
  await shop.advance(900);
  assert.equal(await isWhole(visitor), false);
}

/** Ways back that lead, or could lead, off the site. */
const ASTRAY = ['//evil.example', 'https:evil', '/\\evil', '/%0d%0aSet-Cookie:x', 'https://evil.example/', '/%5cevil.example', '/%2fevil.example', 'javascript:alert(1)', '\t//evil.example', 'evil'];

test('X11 a way back that leads off the site is refused wherever one is taken, and never sent to', async () => {
  const visitor = new Visitor(shop);
  const before = (await shop.dev('outbox')).length;
  for (const next of ASTRAY) {
    const answers = [
      await visitor.post(LINKS, { email: someone(), next }),
      await visitor.submit(LINKS, { email: someone(), next }),
      await visitor.send('GET', `/api/access/renew?next=${encodeURIComponent(next)}`),
      await visitor.post('/api/access/sign-out', { next }),
    ];
    for (const answer of answers) {
      assert.equal(answer.status, 400, `${next}: ${answer.text}`);
      assert.equal(answer.headers.location, undefined);
      assert.equal(answer.headers['set-cookie'], undefined);
      assert.ok(!answer.text.includes('evil'), 'not repeated');
    }
    for (const answer of [answers[0], answers[2], answers[3]]) answer?.refuses(400, 'next');
  }
  assert.equal((await shop.dev('outbox')).length, before);
});

test('X12 one person is one account, however the address is written', async () => {
  const name = someone().split('@')[0];
  const one = [`${name}@Example.ORG`, `${name}@example.org`, `${name.toUpperCase()}@example.org`, ` ${name}@example.org `];
  const idn = [`${name}@b\u00fccher.example`, `${name}@bu\u0308cher.example`, `${name}@xn--bcher-kva.example`, `${name}@B\u00dcCHER.example`];
  const ids = [];
  for (const spellings of [one, idn]) {
    const accounts = new Set();
    for (const email of spellings) {
      const visitor = new Visitor(shop);
      const answer = await visitor.post(LINKS, { email });
      assert.equal(answer.status, 202, email);
      const [mail] = await shop.mailsTo(spellings === one ? `${name}@example.org` : `${name}@xn--bcher-kva.example`);
      assert.equal((await visitor.submit(linkIn(mail), {})).status, 303, email);
      accounts.add((await visitor.get(ME)).json.id);
    }
    assert.equal(accounts.size, 1);
    ids.push(...accounts);
  }
  assert.equal(new Set(ids).size, 2);
  const plus = new Visitor(shop);
  await signIn(plus, `${name}+tag@example.org`);
  assert.ok(!ids.includes((await plus.get(ME)).json.id), 'a plus tag is another address');
});

test('X12 an address with a line break is none, and no mail gets a header from it', async () => {
  const before = (await shop.dev('outbox')).length;
  for (const email of ['a@b.example\r\nBcc: evil@evil.example', 'a\r\n@b.example', 'a@b.example\n', '\ra@b.example', 'a@b.example\u2028Bcc: evil@evil.example', 'a\0@b.example', 'a@b.example%0d%0aBcc:evil@evil.example']) {
    (await new Visitor(shop).post(LINKS, { email })).refuses(422, 'email', 'evil');
    assert.equal((await new Visitor(shop).submit(LINKS, { email })).status, 422, JSON.stringify(email));
  }
  assert.equal((await shop.dev('outbox')).length, before);
});

test('X13 renewal without a session leads back to the teaser, once, and never to itself', async () => {
  const visitor = new Visitor(shop);
  visitor.cookies.set('tuition_hint', { value: 'x', path: '/' });
  const answer = await visitor.send('GET', `/api/access/renew?next=${encodeURIComponent(LOCKED)}`);
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.location, LOCKED);
  assert.match(answer.headers['cache-control'] ?? '', /no-store/);
  assert.equal(visitor.cookies.size, 0);
  assert.equal((await visitor.send('GET', LOCKED)).status, 200);
  assert.equal(await isWhole(visitor), false);

  const itself = ['/api/access/renew', '/api/access/renew?next=/api/access/renew', `/api/access/renew?next=${encodeURIComponent('/api/access/renew?next=/')}`, '/API/access/renew', '/%61pi/access/renew', '/%2561pi/access/renew'];
  for (const signedIn of [false, true]) {
    const reader = new Visitor(shop);
    if (signedIn) await signIn(reader, someone());
    for (const next of itself) {
      const led = await reader.send('GET', `/api/access/renew?next=${encodeURIComponent(next)}`);
      assert.equal(led.status, 303, next);
      assert.equal(led.headers.location, '/', next);
      // A browser that keeps no cookie at all gets to a page, too.
      const forgetful = await new Visitor(shop).get(`/api/access/renew?next=${encodeURIComponent(next)}`, { cookie: 'tuition_hint=a' });
      assert.equal(forgetful.status, 200, next);
    }
  }
});
