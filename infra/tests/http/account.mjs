// A learner's own account: the change of its address, confirmed at both; the page for who runs no
// script; the export; and erasure, after which nothing that is kept leads to them.

import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { LOCKED, askForLink, buy, isWhole, linkIn, open, paymentOf, signIn, someone } from '../lib/buying.mjs';
import { Shop } from '../lib/shop.mjs';
import { COURSE, OTHER, build, forget, madeSite } from '../lib/sites.mjs';
import { rows } from '../lib/tables.mjs';
import { until } from '../lib/until.mjs';
import { Visitor } from '../lib/visitor.mjs';

const ME = '/api/access/me';
const EMAILS = '/api/access/emails';
const HTML = { accept: 'text/html' };
const LESSON = LOCKED.split('/').slice(2, 4).join('/');
const OFFERS = `[[offers]]
id = "everything"
kind = "subscription"
title = "Everything, month by month"
courses = "*"
prices = { USD = "9.00" }
term = "month"
`;

/** @type {Shop} */
let shop;
/** @type {string} */
let authorAddress;
before(async () => {
  const site = await madeSite();
  writeFileSync(join(site, 'content/offers.toml'), OFFERS);
  const { out, catalog } = await build(site);
  forget(out);
  authorAddress = catalog.site.authors[0];
  shop = await Shop.open(site);
});
after(async () => {
  await shop?.close();
  if (shop) forget(shop.site);
});

const isSignedIn = async (/** @type {Visitor} */ visitor) => (await visitor.get(ME)).status === 200;

/** Somebody with an account. */
async function learner() {
  const email = someone();
  const visitor = new Visitor(shop);
  await signIn(visitor, email);
  return { email, visitor };
}

/** The newest mailed link to an address that proves it. @param {string} email */
async function proofIn(email) {
  const [mail] = await shop.mailsTo(email);
  const path = /\/api\/access\/emails\/[A-Za-z0-9_-]+/.exec(mail?.text ?? '')?.[0];
  assert.ok(path, `a link in ${mail?.text}`);
  return path;
}

/** Asks for another address and answers both links, that to the old one first. @param {Visitor} visitor @param {string} old @param {string} wanted */
async function asked(visitor, old, wanted) {
  const answer = await visitor.post(EMAILS, { email: wanted });
  assert.equal(answer.status, 202, answer.text);
  return [await proofIn(old), await proofIn(wanted)];
}

/** What a mail says of the last mails to an address. @param {string} email */
const subjects = async (email) => (await shop.mailsTo(email)).map((/** @type {any} */ mail) => mail.subject);

test('an address is changed by a link at both, and then everything but this browser is signed out', async () => {
  const { email: old, visitor } = await learner();
  const phone = new Visitor(shop);
  await signIn(phone, old);
  const wanted = someone();
  const [first, second] = await asked(visitor, old, wanted);
  const { waiting } = (await visitor.get(EMAILS)).json;
  assert.equal(waiting.email, wanted);
  assert.deepEqual(waiting.confirmed, { old: false, new: false });

  // A mail scanner is signed in to nothing; who is, may look as often as they like.
  for (let n = 0; n < 20; n += 1) (await new Visitor(shop).get(second ?? '')).refuses(401, 'signed-out');
  (await new Visitor(shop).send('POST', second ?? '')).refuses(401, 'signed-out');
  for (let n = 0; n < 5; n += 1) {
    const page = await visitor.get(second ?? '', HTML);
    assert.equal(page.status, 200);
    assert.ok(page.text.includes(old) && page.text.includes(wanted));
    assert.match(page.text, /<form method="post"/);
  }
  assert.equal((await visitor.submit(second ?? '', {})).headers.location, '/account/');
  assert.equal((await visitor.get(ME)).json.email, old, 'one proof is none');
  assert.deepEqual((await visitor.get(EMAILS)).json.waiting.confirmed, { old: false, new: true });

  // The other link, on another device of the same account.
  const before = phone.cookies.get('tuition_session')?.value;
  assert.equal((await phone.submit(first ?? '', {})).status, 303);
  assert.notEqual(phone.cookies.get('tuition_session')?.value, before, 'a new secret');
  const me = (await phone.get(ME)).json;
  assert.equal(me.email, wanted);
  assert.equal(await isSignedIn(visitor), false);
  for (const link of [first, second]) (await phone.send('POST', link ?? '')).refuses(410, 'link');
  assert.match((await subjects(old))[0] ?? '', /has left this address/);
  assert.match((await subjects(wanted))[0] ?? '', /uses this address now/);

  await signIn(visitor, wanted);
  assert.equal((await visitor.get(ME)).json.id, me.id);
  const stranger = new Visitor(shop);
  await signIn(stranger, old);
  assert.notEqual((await stranger.get(ME)).json.id, me.id);
});

test('nothing tells whether a wanted address has an account before both are proved', async () => {
  const { email: old, visitor } = await learner();
  const { email: taken, visitor: owner } = await learner();
  const silent = someone();
  const mail = await askForLink(new Visitor(shop), silent);
  await shop.dev(`outbox/${mail.id}/complaint`, {});
  await until('the complaint is known', async () => {
    const count = (await shop.mailsTo(silent)).length;
    await new Visitor(shop).post('/api/access/links', { email: silent });
    return (await shop.mailsTo(silent)).length === count;
  });
  const answers = [];
  for (const email of [someone(), taken, silent]) answers.push(await visitor.post(EMAILS, { email }));
  const bare = answers.map(({ status, text, headers }) => JSON.stringify([status, text, Object.keys(headers).filter((name) => name !== 'date').sort()]));
  assert.equal(new Set(bare).size, 1, bare.join('\n'));

  const [first, second] = await asked(visitor, old, taken);
  assert.equal((await visitor.send('POST', first ?? '')).status, 303);
  (await visitor.send('POST', second ?? '')).refuses(409, 'email-taken');
  assert.equal((await visitor.get(ME)).json.email, old);
  assert.equal((await owner.get(ME)).json.email, taken);
  assert.equal((await visitor.get(EMAILS)).json.waiting, null);
});

test('what is no address, or the same one, is told; a link lives for an hour and only until the next wish', async () => {
  const { email: old, visitor } = await learner();
  for (const email of ['not-an-address', 'a@b.example\r\nBcc: evil@evil.example', '']) (await visitor.post(EMAILS, { email })).refuses(422, 'email');
  (await visitor.post(EMAILS, { email: ` ${old.toUpperCase()}` })).refuses(422, 'same-email', old);
  (await visitor.post(EMAILS, { email: someone(), next: '//evil.example' })).refuses(400, 'next');
  (await new Visitor(shop).post(EMAILS, { email: someone() })).refuses(401, 'signed-out');
  const buyer = new Visitor(shop);
  await buy(buyer, someone());
  (await buyer.post(EMAILS, { email: someone() })).refuses(401, 'signed-out');

  const [first] = await asked(visitor, old, someone());
  await asked(visitor, old, someone());
  (await visitor.send('POST', first ?? '')).refuses(410, 'link');
  const [third] = await asked(visitor, old, someone());
  await shop.advance(3600);
  (await visitor.get(third ?? '')).refuses(410, 'link');
  assert.equal((await visitor.get(EMAILS)).json.waiting, null);
  const [last] = await asked(visitor, old, someone());
  assert.equal((await visitor.send('DELETE', EMAILS)).status, 204);
  (await visitor.send('POST', last ?? '')).refuses(410, 'link');
});

test('what was bought with the old address stays, and its mails follow', async () => {
  const old = someone();
  const wanted = someone();
  const id = await buy(new Visitor(shop), old);
  const visitor = new Visitor(shop);
  await signIn(visitor, old);
  for (const link of await asked(visitor, old, wanted)) await visitor.send('POST', link);
  assert.equal(await isWhole(visitor), true);
  await shop.dev(`till/payments/${await paymentOf(shop, id)}/refund`, {});
  await until('the refund is known', async () => (await visitor.get(ME)).json.orders[0]?.status === 'refunded');
  await until('the mail about it', async () => /^Refunded/.test((await subjects(wanted))[0] ?? ''));
  assert.ok(!(await subjects(old)).some((/** @type {string} */ subject) => /^Refunded/.test(subject)));
});

test('without a script the account is a page with forms for everything', async () => {
  const { email, visitor } = await learner();
  const phone = new Visitor(shop);
  await signIn(phone, email);
  const page = async () => {
    const answer = await visitor.get(ME, HTML);
    assert.equal(answer.status, 200, answer.text);
    assert.match(answer.headers['content-type'] ?? '', /^text\/html/);
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.doesNotMatch(answer.text, /<script|style=/);
    return answer.text;
  };
  assert.equal((await visitor.submit(ME, { name: '<b>Name</b>', bio: 'Two\r\nlines', locale: 'zh' })).headers.location, ME);
  const shown = await page();
  assert.ok(shown.includes('&lt;b&gt;Name&lt;/b&gt;') && shown.includes('Two\nlines'));
  assert.equal((await visitor.get(ME)).json.locale, 'zh');

  const wanted = someone();
  assert.equal((await visitor.submit(EMAILS, { email: wanted })).headers.location, ME);
  assert.ok((await page()).includes(wanted));

  const ids = [...(await page()).matchAll(/name="session" value="(\w+)"/g)].map((found) => found[1] ?? '');
  assert.equal(ids.length, 2);
  const other = (await phone.get('/api/access/sessions')).json.sessions.find((/** @type {any} */ one) => one.current).id;
  assert.ok(ids.includes(other));
  assert.equal((await visitor.submit('/api/access/sign-out', { session: other })).headers.location, ME);
  assert.equal(await isSignedIn(phone), false);
  assert.equal(await isSignedIn(visitor), true);
  (await visitor.post('/api/access/sign-out', { session: 'none' })).refuses(404);
  await signIn(phone, email);
  const out = await visitor.submit('/api/access/sign-out', { everywhere: 'on', next: '/courses/' });
  assert.equal(out.headers.location, '/courses/');
  assert.match(String(out.headers['clear-site-data']), /"cache"/);
  assert.equal(await isSignedIn(phone), false);
  assert.equal(await isSignedIn(visitor), false);
  const refused = await visitor.get(ME, HTML);
  assert.equal(refused.status, 401);
  assert.match(refused.text, /href="\/sign-in\/"/);

  await signIn(visitor, email);
  (await visitor.post('/api/access/me/erasure', { email: someone() })).refuses(422, 'email');
  assert.equal(await isSignedIn(visitor), true);
  const gone = await visitor.submit('/api/access/me/erasure', { email: email.toUpperCase() });
  assert.equal(gone.headers.location, '/');
  assert.equal(await isSignedIn(visitor), false);
  assert.match((await subjects(email))[0] ?? '', /已删除/, 'in the language of the account');
});

test('a profile keeps what it is told, and when something was agreed to', async () => {
  const { visitor } = await learner();
  const change = (/** @type {object} */ body) => visitor.send('PATCH', ME, { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  const first = (await change({ name: 'Name', consents: ['newsletter'] })).json;
  assert.equal(first.consents[0].name, 'newsletter');
  await shop.advance(60);
  const second = (await change({ consents: ['newsletter', 'survey'] })).json;
  assert.deepEqual(second.consents[0], first.consents[0]);
  assert.ok(second.consents[1].given_at > first.consents[0].given_at);
  assert.equal(second.name, 'Name');
  for (const body of [{ name: 'x'.repeat(81) }, { name: 'a\nb' }, { bio: 'x'.repeat(2001) }, { bio: 'a\u0000b' }, { consents: [''] }]) (await change(body)).refuses(422, 'profile');
  for (const body of [{ email: someone() }, { roles: ['author'] }, { locale: 'fr' }]) (await change(body)).refuses(400, 'unknown-field');
});

const event = (/** @type {object} */ fields) => ({ id: randomUUID(), at: new Date().toISOString(), ...fields });

/** A learner of whom there is everything: purchases, a subscription, comments, reading, a wish, mail that came back. */
async function wholeLife() {
  const mark = `heron-${randomUUID().slice(0, 8)}`;
  const name = `Heron ${mark}`;
  const email = someone();
  const guest = new Visitor(shop);
  const id = await buy(guest, email);
  const guestSaid = await guest.post('/api/comments', { lesson: LESSON, body: `Asked by a guest with a mark: ${mark}.` });
  assert.equal(guestSaid.status, 201, guestSaid.text);
  const visitor = new Visitor(shop);
  await signIn(visitor, email);
  const named = await visitor.send('PATCH', ME, { body: JSON.stringify({ name, bio: `Bio of ${mark}` }), headers: { 'content-type': 'application/json' } });
  assert.equal(named.status, 200, named.text);
  const said = await visitor.post('/api/comments', { lesson: LESSON, body: `Signed with a mark: ${mark}.`, question: true });
  assert.equal(said.status, 201, said.text);
  const unpaid = await open(visitor, { offer: OTHER, currency: 'USD' });
  const subscription = await open(visitor, { offer: 'everything', currency: 'USD' });
  await shop.dev(`till/sessions/${subscription}/pay`, { card: 'ok', email });
  await until('the subscription runs', async () => (await visitor.get(ME)).json.entitlements.length === 2);
  const now = await shop.advance(0);
  const read = await visitor.post('/api/metrics/events', {
    events: [
      event({ type: 'page_view', at: now.toISOString(), path: LOCKED }),
      event({ type: 'watch', at: now.toISOString(), lesson: LESSON, from: 0, to: 1 }),
      event({ type: 'nps', at: now.toISOString(), course: COURSE, score: 9 }),
    ],
  });
  assert.equal(read.status, 202, read.text);
  const wanted = someone();
  await asked(visitor, email, wanted);
  const learnerId = (await visitor.get(ME)).json.id;
  return { email, wanted, visitor, guest, mark, name, orders: [id, subscription, unpaid], learner: learnerId };
}

test('an export has everything', async () => {
  const { email, wanted, visitor, orders, mark, learner: id } = await wholeLife();
  const answer = await visitor.get('/api/access/me/export');
  assert.match(answer.headers['content-disposition'] ?? '', /^attachment/);
  const all = answer.json;
  assert.equal(all.account.email, email);
  assert.equal(all.account.id, id);
  for (const order of orders) assert.ok(all.orders.some((/** @type {any} */ one) => one.id === order), order);
  const [course] = all.orders;
  assert.equal(course.booked.gross, 4900);
  assert.deepEqual(course.ledger.map((/** @type {any} */ entry) => [entry.kind, entry.amount, entry.currency])[0], ['gross', 4900, 'USD']);
  assert.equal(all.entitlements.length, 2);
  assert.deepEqual(all.comments.map((/** @type {any} */ one) => one.body), [`Signed with a mark: ${mark}.`]);
  assert.deepEqual(all.reading[0].segments, [[0, 1]]);
  assert.deepEqual(all.events.map((/** @type {any} */ one) => one.type).sort(), ['active', 'nps', 'watch']);
  assert.equal(all.sessions.length, 1);
  assert.equal(all.address_change.email, wanted);
  assert.deepEqual(all.mails, []);
  assert.ok(all.exported_at);
});

/** Everything by which an address could be recognised. @param {string} email */
function spellings(email) {
  const hash = (/** @type {string} */ text) => createHash('sha256').update(text).digest();
  const forms = [email, email.toUpperCase(), encodeURIComponent(email), Buffer.from(email).toString('base64').replace(/=+$/, '')];
  const hashed = [email, email.toUpperCase()].map(hash);
  return [...forms, ...hashed.flatMap((digest) => [digest.toString('hex'), digest.toString('base64'), digest.toString('base64url')])];
}

test('after erasure nothing that is kept, said or reported leads to the learner', async () => {
  const { email, wanted, visitor, guest, mark, name, learner: id } = await wholeLife();
  const author = new Visitor(shop);
  await signIn(author, authorAddress);
  const summary = async () => {
    // Who asks is read from the access token, which is older than it lives once the clock has been moved.
    await author.get('/api/access/renew?next=/');
    const answer = await author.get('/api/metrics/summary');
    assert.equal(answer.status, 200, answer.text);
    return answer;
  };
  const before = (await summary()).json;
  // Mail to them came back, and they asked for a link that they have not used.
  await askForLink(new Visitor(shop), email);
  const traces = [...spellings(email), ...spellings(wanted), id, mark, name];
  const known = (await rows(shop)).join('\n');
  for (const trace of [email, id, wanted, mark, name, ...spellings(email).slice(4, 5)]) assert.ok(known.includes(trace), `${trace} is there to begin with`);
  const printed = shop.said.length;

  const erased = await visitor.send('DELETE', ME);
  assert.equal(erased.status, 204, erased.text);
  assert.equal(await isSignedIn(visitor), false);
  (await visitor.get(ME)).refuses(401);
  assert.equal((await visitor.get(`/api/access/renew?next=${LOCKED}`)).status, 200);
  assert.equal(await isWhole(visitor), false);
  await shop.advance(901);
  assert.equal(await isWhole(guest), false, 'not in the browser that paid either');

  const mails = await shop.mailsTo(email);
  assert.match(mails[0]?.subject ?? '', /is erased/, 'the last mail');
  assert.ok(!mails[0]?.headers['X-Tuition-Key']?.includes(id));
  const left = await rows(shop);
  for (const trace of traces) assert.deepEqual(left.filter((row) => row.includes(trace)), [], `${trace} in the tables`);
  assert.ok(!left.some((row) => row.includes('"OUTBOX"')), 'nothing waits to be sent');

  // What was booked is there, under an id that leads nowhere.
  // A quarter of an hour later the author's page renews the token first.
  await author.get('/api/access/renew?next=/author/');
  const after = (await summary()).json;
  assert.deepEqual(after.sales, before.sales);
  const thread = await author.get(`/api/comments?lesson=${LESSON}`);
  assert.ok(thread.json.comments.some((/** @type {any} */ one) => one.deleted));
  for (const [where, text] of Object.entries({ thread: thread.text, report: JSON.stringify(after), log: shop.said.slice(printed), 'log before': shop.said.slice(0, printed), ...stateOf(shop) })) {
    for (const trace of traces) assert.ok(!text.includes(trace), `${trace} in the ${where}`);
  }

  // An event of the provider that comes later brings nothing back.
  await shop.dev('jobs/reconcile', {});
  await shop.advance(300);
  await shop.dev('jobs/outbox', {});
  const later = (await rows(shop)).filter((row) => traces.some((trace) => row.includes(trace)));
  assert.deepEqual(later, []);
  assert.equal((await shop.mailsTo(email)).length, mails.length);
});

/** What `serve` keeps in files besides the tables, the mail that left and what the payment provider knows: both are others'. @param {Shop} of */
function stateOf(of) {
  const files = readdirSync(of.state, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const texts = files.map((entry) => join(entry.parentPath ?? entry.path, entry.name)).filter((path) => !/outbox|till|dynamodb|\.db|\.sqlite/.test(path.slice(of.state.length)));
  return Object.fromEntries(texts.map((path) => [path, readFileSync(path, 'latin1')]));
}
