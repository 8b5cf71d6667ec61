// A session and whose it is: how it begins and ends, what only its learner may do with it, and that no other
// page, method or spelling of a request does it in their name.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { LOCKED, askForLink, buy, codeIn, isWhole, linkIn, signIn, someone } from '../lib/buying.mjs';
import { Shop } from '../lib/shop.mjs';
import { COURSE, forget, madeSite } from '../lib/sites.mjs';
import { read } from '../lib/tokens.mjs';
import { until } from '../lib/until.mjs';
import { Visitor } from '../lib/visitor.mjs';

const ME = '/api/access/me';
const SESSIONS = '/api/access/sessions';
const DAY = 86_400;
/** Life of a session that is not used, in days. */
const IDLE = 30;

/** @type {Shop} */
let shop;
before(async () => (shop = await Shop.open(await madeSite({ limits: '[limits]\nlinks_per_address_per_hour = 1000\nlinks_per_network_per_hour = 1000\ndevices = 3\n' }))));
after(async () => {
  await shop?.close();
  if (shop) forget(shop.site);
});

const isSignedIn = async (/** @type {Visitor} */ visitor) => (await visitor.get(ME)).status === 200;

/** @param {Visitor} visitor */
function copyOf(visitor) {
  const copy = new Visitor(shop);
  for (const [name, cookie] of visitor.cookies) copy.cookies.set(name, cookie);
  return copy;
}

test('cookies are for this site, and all but the hint for the server alone', async () => {
  const visitor = new Visitor(shop);
  const mail = await askForLink(visitor, someone());
  const used = await visitor.submit(linkIn(mail), {});
  const lines = Object.fromEntries((used.headers['set-cookie'] ?? []).map((line) => [line.split('=')[0], line]));
  assert.deepEqual(Object.keys(lines).sort(), ['tuition_access', 'tuition_hint', 'tuition_session', 'tuition_sign_in']);
  for (const [name, line] of Object.entries(lines)) {
    assert.match(line, /; SameSite=Lax/, name);
    assert.equal(/; HttpOnly/.test(line), name !== 'tuition_hint', line);
    assert.doesNotMatch(line, /; Domain=/i);
    assert.ok(line.split(';')[0]?.length ?? 5000 <= 4096);
  }
  // The hint is what scripts may read: no id, no address, no part of a secret.
  assert.equal(visitor.cookies.get('tuition_hint')?.value, 'a');
  const { claims } = read(visitor.cookies.get('tuition_access')?.value ?? '');
  assert.deepEqual(Object.keys(claims).sort(), ['aud', 'courses', 'exp', 'iat', 'iss', 'sub']);
});

test('signing in begins a new session and ends the one that the browser had', async () => {
  const email = someone();
  const visitor = new Visitor(shop);
  await signIn(visitor, email);
  const before = copyOf(visitor);
  assert.equal(await isSignedIn(before), true);
  await signIn(visitor, email);
  assert.notEqual(visitor.cookies.get('tuition_session')?.value, before.cookies.get('tuition_session')?.value);
  assert.equal(await isSignedIn(visitor), true);
  (await before.get(ME)).refuses(401, 'signed-out');
  assert.equal((await visitor.get(SESSIONS)).json.sessions.length, 1);

  // A session that somebody else planted is not taken over.
  const planted = new Visitor(shop);
  const made = { value: `${'0'.repeat(32)}.${'A'.repeat(43)}`, path: '/' };
  planted.cookies.set('tuition_session', made);
  await signIn(planted, someone());
  assert.notEqual(planted.cookies.get('tuition_session')?.value, made.value);
});

test('a session lives thirty days from its last use', async () => {
  const email = someone();
  const [used, idle] = [new Visitor(shop), new Visitor(shop)];
  for (const visitor of [used, idle]) await signIn(visitor, email);
  await shop.advance((IDLE - 1) * DAY);
  assert.equal(await isSignedIn(used), true);
  await shop.advance(DAY);
  (await idle.get(ME)).refuses(401, 'signed-out');
  assert.equal(await isSignedIn(used), true);
});

test('of more browsers than the site allows the one used least recently is signed out', async () => {
  const email = someone();
  await buy(new Visitor(shop), email);
  const browsers = [new Visitor(shop), new Visitor(shop), new Visitor(shop)];
  for (const browser of browsers) {
    await signIn(browser, email);
    await shop.advance(2 * DAY);
  }
  const [first, second, third] = /** @type {[Visitor, Visitor, Visitor]} */ (browsers);
  // The first to come is the last to be used.
  assert.equal(await isSignedIn(first), true);
  await shop.advance(2 * DAY);
  const fourth = new Visitor(shop);
  await signIn(fourth, email);
  assert.deepEqual(await Promise.all([first, second, third, fourth].map(isSignedIn)), [true, false, true, true]);
  await shop.advance(901);
  assert.equal(await isWhole(second), false);
  assert.equal(await isWhole(fourth), true);
});

test('what is another learner\'s is not there', async () => {
  const [mine, theirs] = [new Visitor(shop), new Visitor(shop)];
  for (const visitor of [mine, theirs]) await signIn(visitor, someone());
  const { id } = (await theirs.get(SESSIONS)).json.sessions[0];
  (await mine.send('DELETE', `${SESSIONS}/${id}`)).refuses(404, 'not-found');
  assert.equal(await isSignedIn(theirs), true);
  (await mine.send('GET', '/api/metrics/summary')).refuses(404, 'not-found');

  // A browser that bought without signing in has no account to look at.
  const guest = new Visitor(shop);
  await buy(guest, someone());
  assert.equal(await isWhole(guest), true);
  for (const [method, path] of [['GET', ME], ['GET', `${ME}/export`], ['DELETE', ME], ['GET', SESSIONS]]) {
    (await guest.send(String(method), String(path))).refuses(401, 'signed-out');
  }
});

test('of a profile a learner changes what is theirs to say, and nothing else', async () => {
  const visitor = new Visitor(shop);
  await signIn(visitor, someone());
  const { id, email, roles, entitlements, orders } = (await visitor.get(ME)).json;
  const patch = (/** @type {object} */ fields) => visitor.send('PATCH', ME, { body: JSON.stringify(fields), headers: { 'content-type': 'application/json' } });
  for (const more of [{ id: '0'.repeat(32) }, { email: 'author@courses.example' }, { roles: ['author'] }, { entitlements: [{ courses: '*' }] }, { created_at: '2000-01-01T00:00:00Z' }, { __proto__x: 1 }]) {
    assert.equal((await patch({ name: 'Me', ...more })).status, 400, JSON.stringify(more));
  }
  const after = (await visitor.get(ME)).json;
  assert.deepEqual({ id: after.id, email: after.email, roles: after.roles, entitlements: after.entitlements, orders: after.orders, name: after.name }, { id, email, roles, entitlements, orders, name: '' });
  assert.equal((await patch({ name: 'Me' })).json.name, 'Me');
  const taken = await visitor.get(`${ME}/export?name=evil.html`);
  assert.equal(taken.headers['content-disposition'], 'attachment; filename="my-data.json"');
  assert.match(taken.headers['content-type'] ?? '', /^application\/json/);
  assert.equal(taken.headers['cache-control'], 'no-store');
});

/** Every route that changes something, with a body it takes. */
const CHANGES = /** @type {[string, string, object | null][]} */ ([
  ['POST', '/api/checkout/sessions', { offer: COURSE }],
  ['POST', '/api/access/links', { email: 'somebody@example.org' }],
  ['POST', `/api/access/links/${'A'.repeat(43)}`, null],
  ['POST', '/api/access/codes', { code: '123456' }],
  ['POST', '/api/access/sign-out', {}],
  ['PATCH', ME, { name: 'Them' }],
  ['DELETE', ME, null],
  ['DELETE', SESSIONS, null],
  ['DELETE', `${SESSIONS}/0123456789abcdef`, null],
  ['POST', '/api/comments', { lesson: `${COURSE}/locked`, body: 'Not mine.' }],
  ['DELETE', `/api/comments/${'0'.repeat(32)}`, null],
  ['POST', '/api/metrics/events', { events: [] }],
]);

test('a page of another site changes nothing in the name of who visits it', async () => {
  const visitor = new Visitor(shop);
  await signIn(visitor, someone());
  const foreign = /** @type {Record<string, string | null>[]} */ ([
    { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, { origin: 'null', 'sec-fetch-site': 'cross-site' }, { origin: null, 'sec-fetch-site': null },
    { origin: `${shop.origin}.evil.example` }, { origin: shop.origin.replace('http:', 'https:') }, { origin: 'null', 'sec-fetch-site': 'same-site' },
  ]);
  for (const [method, path, fields] of CHANGES) {
    for (const headers of foreign) {
      const body = fields === null ? undefined : JSON.stringify(fields);
      const answer = await visitor.send(method, path, { body, headers: { 'content-type': 'application/json', ...headers } });
      assert.equal(answer.status, 400, `${method} ${path} ${JSON.stringify(headers)}: ${answer.text}`);
      answer.refuses(400, 'origin', 'evil');
      assert.equal(answer.headers['access-control-allow-origin'], undefined);
    }
  }
  const me = (await visitor.get(ME)).json;
  assert.equal(me.name, '');
  assert.equal(await isSignedIn(visitor), true);
});

test('what changes something is not reached by GET, and other methods are refused', async () => {
  const visitor = new Visitor(shop);
  await signIn(visitor, someone());
  for (const [method, path] of CHANGES) {
    for (const other of ['GET', 'PUT', 'OPTIONS', 'TRACE', 'BREW']) {
      const answer = await visitor.send(other, path, { headers: { 'x-secret': 'echo' } });
      const safe = other === 'GET' && (path === ME || path === SESSIONS || path === '/api/comments' || path.includes('/links/'));
      assert.ok(safe || [404, 405].includes(answer.status), `${other} in place of ${method} ${path}: ${answer.status}`);
      assert.ok(!answer.text.includes('echo'), 'a request is not sent back');
      assert.equal(answer.headers['access-control-allow-methods'], undefined);
    }
  }
  for (const path of ['/', LOCKED]) assert.equal((await visitor.send('TRACE', path)).status, 405);
  assert.equal(await isSignedIn(visitor), true);
});

test('a parameter that comes twice is no parameter, and one of a body counts in the body only', async () => {
  const visitor = new Visitor(shop);
  const twice = await visitor.send('GET', '/api/access/renew?next=/about/&next=//evil.example');
  assert.equal(twice.status, 400);
  assert.equal(twice.headers.location, undefined);
  const body = 'email=a%40x.example&email=b%40x.example';
  assert.equal((await visitor.send('POST', '/api/access/links', { body, headers: { 'content-type': 'application/x-www-form-urlencoded' } })).status, 400);
  (await visitor.post('/api/access/links?email=a@x.example', {})).refuses(422, 'email');
});

test('a refusal is in the log under the name that the caller was told, with its code and nothing of theirs', async () => {
  const visitor = new Visitor(shop);
  const email = someone();
  const mail = await askForLink(visitor, email);
  const link = linkIn(mail);
  const refusals = [
    await new Visitor(shop).send('POST', link), await new Visitor(shop).post('/api/access/codes', { code: '123456' }), await visitor.post('/api/access/links', { email: `${email}\r\nx` }),
    await visitor.post('/api/access/links', { email }, { origin: 'https://evil.example' }), await new Visitor(shop).send('GET', ME),
  ];
  for (const { json } of refusals) {
    const line = await until('the line in the log', () => shop.said.split('\n').find((one) => one.includes(json.instance)));
    assert.ok(line.includes(json.code) && line.includes(String(json.status)), line);
  }
  for (const secret of [email, link.split('/').at(-1) ?? '', codeIn(mail), 'evil.example', visitor.cookies.get('tuition_sign_in')?.value ?? '']) {
    assert.ok(!shop.said.includes(secret), 'no address, no secret, nothing that was sent');
  }
});

test('nothing but the built site and the interface is there', async () => {
  for (const path of ['/.git/config', '/content/site.toml', '/catalog.json', '/public/index.html', '/members/tides/', '/assets/', '/courses/tides/files/', '/server-status', '/.env', '/keys.json', '/Cargo.toml']) {
    const answer = await new Visitor(shop).get(path);
    assert.equal(answer.status, 404, path);
    assert.doesNotMatch(answer.text, /Index of|<title>Directory/);
  }
});
