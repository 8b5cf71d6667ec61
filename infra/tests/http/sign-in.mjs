// Signing in by mail: a link works once, for ten minutes, in the browser that asked for it; its code
// works there too. Nothing tells whether an address has an account.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { LOCKED, askForLink, buy, codeIn, isWhole, linkIn, signIn, someone } from '../lib/buying.mjs';
import { Shop } from '../lib/shop.mjs';
import { USUAL_LIMITS, forget, madeSite } from '../lib/sites.mjs';
import { Visitor } from '../lib/visitor.mjs';

const LINKS = '/api/access/links';

/** @type {Shop} */
let shop;
before(async () => (shop = await Shop.open(await madeSite())));
after(async () => {
  await shop?.close();
  if (shop) forget(shop.site);
});

const isSignedIn = async (/** @type {Visitor} */ visitor) => (await visitor.get('/api/access/me')).status === 200;

test('an address with an account gets the same answer as one without', async () => {
  const known = someone();
  await signIn(new Visitor(shop), known);
  const [first, second] = await Promise.all([known, someone()].map((email) => new Visitor(shop).post(LINKS, { email })));
  assert.equal(first?.status, 202);
  assert.equal(second?.status, 202);
  assert.equal(first?.text, second?.text);
  const names = (/** @type {any} */ answer) => Object.keys(answer.headers).filter((name) => name !== 'date').sort();
  assert.deepEqual(names(first), names(second));
});

test('what is no address is told, and nothing is mailed', async () => {
  const before = (await shop.dev('outbox')).length;
  for (const email of ['not-an-address', 'a@', '@b.example', 'a b@c.example', 'a@b.example\r\nBcc: evil@evil.example', 'a@b.example,c@d.example', '']) {
    const answer = await new Visitor(shop).post(LINKS, { email });
    assert.equal(answer.status, 422, `${JSON.stringify(email)}: ${answer.text}`);
    answer.refuses(422, 'email', email.includes('evil') ? 'evil' : undefined);
  }
  assert.equal((await shop.dev('outbox')).length, before);
});

test('looking at a link, a hundred times, does not use it up', async () => {
  const visitor = new Visitor(shop);
  const path = linkIn(await askForLink(visitor, someone()));
  const looks = await Promise.all(Array.from({ length: 50 }, () => ['GET', 'HEAD'].map((method) => visitor.send(method, path))).flat());
  for (const look of looks) {
    assert.equal(look.status, 200);
    assert.match(look.headers['cache-control'] ?? '', /no-store/);
  }
  assert.equal(await isSignedIn(visitor), false);
  const used = await visitor.submit(path, {});
  assert.equal(used.status, 303);
  assert.equal(used.headers.location, LOCKED);
  assert.equal(await isSignedIn(visitor), true);
});

test('of many uses of a link one succeeds, and all refusals are alike', async () => {
  const visitor = new Visitor(shop);
  const path = linkIn(await askForLink(visitor, someone()));
  const cookie = visitor.cookiesFor(path);
  const uses = await Promise.all(Array.from({ length: 20 }, () => new Visitor(shop).send('POST', path, { headers: { cookie } })));
  assert.equal(uses.filter(({ status }) => status === 303).length, 1);
  const refused = uses.filter(({ status }) => status !== 303);

  const late = new Visitor(shop);
  const old = linkIn(await askForLink(late, someone()));
  await shop.advance(601);
  refused.push(await late.send('POST', old));

  const changed = new Visitor(shop);
  const link = linkIn(await askForLink(changed, someone()));
  refused.push(await changed.send('POST', link.slice(0, -2) + (link.endsWith('AA') ? 'BA' : 'AA')));
  refused.push(await changed.send('POST', `${LINKS}/short`));
  for (const answer of refused) answer.refuses(410, 'link');
  assert.equal(new Set(refused.map((answer) => JSON.stringify({ ...answer.json, instance: '' }))).size, 1);
});

test('once a newer link was asked for, the older one is dead', async () => {
  const visitor = new Visitor(shop);
  const email = someone();
  const [older, newer] = [linkIn(await askForLink(visitor, email)), linkIn(await askForLink(visitor, email))];
  (await visitor.send('POST', older)).refuses(410, 'link');
  assert.equal((await visitor.submit(newer, {})).status, 303);
  assert.equal((await visitor.get('/api/access/me')).json.email, email);
});

test('in a browser that did not ask, the link shows the code, and the code signs in only the one that did', async () => {
  const asking = new Visitor(shop);
  const elsewhere = new Visitor(shop);
  const mail = await askForLink(asking, someone());
  const page = await elsewhere.get(linkIn(mail), { accept: 'text/html' });
  assert.equal(page.status, 200);
  assert.ok(page.text.includes(codeIn(mail)));
  assert.doesNotMatch(page.text, /<form/);
  (await elsewhere.send('POST', linkIn(mail))).refuses(410);
  (await elsewhere.post('/api/access/codes', { code: codeIn(mail) })).refuses(410);
  assert.equal(await isSignedIn(elsewhere), false);

  const used = await asking.post('/api/access/codes', { code: codeIn(mail) });
  assert.equal(used.status, 200, used.text);
  assert.equal(used.json.next, LOCKED);
  assert.equal(await isSignedIn(asking), true);
});

test('after five wrong codes the right one is dead too', async () => {
  const site = await madeSite({ limits: USUAL_LIMITS });
  const own = await Shop.open(site);
  try {
    const visitor = new Visitor(own);
    const mail = await askForLink(visitor, someone());
    const right = codeIn(mail);
    for (let n = 0; n < 5; n += 1) {
      (await visitor.post('/api/access/codes', { code: String((Number(right) + 1 + n) % 1e6).padStart(6, '0') })).refuses(410, 'link');
    }
    (await visitor.post('/api/access/codes', { code: right })).refuses(410, 'link');
    (await visitor.send('POST', linkIn(mail))).refuses(410, 'link');
    assert.equal(await isSignedIn(visitor), false);

    // The limits per address and per network hold for known and unknown addresses alike.
    const email = someone();
    const answers = [];
    for (let n = 0; n < 6; n += 1) answers.push(await new Visitor(own).post(LINKS, { email }));
    assert.deepEqual(answers.map(({ status }) => status), [202, 202, 202, 202, 202, 429]);
    answers[5]?.refuses(429, undefined, email);
    assert.ok(Number(answers[5]?.headers['retry-after']) > 0);
    const spoofed = await new Visitor(own).post(LINKS, { email }, { 'x-forwarded-for': '203.0.113.9' });
    assert.equal(spoofed.status, 429);
    let last = answers[5];
    for (let n = 0; n < 20 && last?.status !== 202; n += 1) last = await new Visitor(own).post(LINKS, { email: someone() });
    for (let n = 0; n < 20; n += 1) last = await new Visitor(own).post(LINKS, { email: someone() }, { 'x-forwarded-for': `203.0.113.${n}` });
    last?.refuses(429);
  } finally {
    await own.close();
    forget(site);
  }
});

test('one person is one account, however the address is written', async () => {
  const name = someone().split('@')[0];
  const accounts = [];
  for (const email of [`${name}@Example.ORG`, `${name}@example.org`, `${name.toUpperCase()}@example.org`]) {
    const visitor = new Visitor(shop);
    const asked = await visitor.post(LINKS, { email });
    assert.equal(asked.status, 202, email);
    const [mail] = await shop.mailsTo(`${name}@example.org`);
    await visitor.submit(linkIn(mail), {});
    accounts.push((await visitor.get('/api/access/me')).json.id);
  }
  assert.equal(new Set(accounts).size, 1);
});

test('signing out everywhere, and erasing the account, ends every session at once', async () => {
  const email = someone();
  const [laptop, phone] = [new Visitor(shop), new Visitor(shop)];
  await buy(new Visitor(shop), email);
  await signIn(laptop, email);
  await signIn(phone, email);
  assert.equal(await isWhole(phone), true);
  const listed = (await laptop.get('/api/access/sessions')).json.sessions;
  assert.equal(listed.length, 2);
  assert.equal(listed.filter((/** @type {any} */ one) => one.current).length, 1);

  const out = await laptop.send('DELETE', '/api/access/sessions');
  assert.ok(out.status < 300, out.text);
  assert.match(String(out.headers['clear-site-data']), /"cache"/);
  (await phone.get('/api/access/me')).refuses(401);
  await shop.advance(901);
  assert.equal(await isWhole(phone), false);

  await signIn(laptop, email);
  const lesson = LOCKED.split('/').slice(2, 4).join('/');
  const posted = await laptop.post('/api/comments', { lesson, body: 'Forget me.' });
  assert.equal(posted.status, 201, posted.text);
  const id = (await laptop.get('/api/access/me')).json.id;
  const erased = await laptop.send('DELETE', '/api/access/me');
  assert.equal(erased.status, 204, erased.text);
  (await laptop.get('/api/access/me')).refuses(401);
  const reader = new Visitor(shop);
  await buy(reader, someone());
  const thread = (await reader.get(`/api/comments?lesson=${lesson}`)).text;
  assert.ok(!thread.includes('Forget me.'));
  await signIn(laptop, email);
  const anew = (await laptop.get('/api/access/me')).json;
  assert.notEqual(anew.id, id);
  assert.deepEqual(anew.orders, []);
  assert.deepEqual(anew.entitlements, []);
});

test('renewal without a session leads back, once', async () => {
  const visitor = new Visitor(shop);
  visitor.cookies.set('tuition_hint', { value: 'x', path: '/' });
  const answer = await visitor.send('GET', `/api/access/renew?next=${encodeURIComponent(LOCKED)}`);
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.location, LOCKED);
  assert.equal(visitor.cookies.size, 0);
  const loop = await visitor.send('GET', `/api/access/renew?next=${encodeURIComponent('/api/access/renew?next=/')}`);
  assert.ok(!String(loop.headers.location ?? '').includes('renew'));
});
