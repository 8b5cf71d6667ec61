// A sale on the shop as it is deployed: the packaged template in an emulator of AWS, the functions' own zips, each held to
// its role, and the till as Stripe. What an emulator can't do is listed in infra/README.md.

import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { LOCKED, askForLink, buy, codeIn, eventOf, isWhole, linkIn, paymentOf, randomKey, signIn, signature, someone, statusOf, wrongCode } from '../lib/buying.mjs';
import { Deployed } from '../lib/deployed.mjs';
import { secretsIn } from '../lib/secrets.mjs';
import { COURSE, OTHER, build, forget, madeSite } from '../lib/sites.mjs';
import { read } from '../lib/tokens.mjs';
import { until } from '../lib/until.mjs';
import { Visitor } from '../lib/visitor.mjs';

/** @type {Deployed} */
let shop;
/** @type {any} */
let catalog;
before(async () => {
  const site = await madeSite();
  const built = await build(site);
  forget(built.out);
  catalog = built.catalog;
  shop = await Deployed.open(site);
});
after(async () => {
  await shop?.close();
  if (shop) forget(shop.site);
});

/** A visitor of the deployed shop. */
const visitor = () => new Visitor(/** @type {any} */ (shop));
const now = () => Math.floor(Date.now() / 1000);

/** Stripe's event, as it is delivered past the CDN. @param {string} type @param {string} about */
const deliver = async (type, about) => send(await until(type, () => eventOf(/** @type {any} */ (shop), type, about)));

/** @param {any} event */
async function send(event) {
  const body = JSON.stringify({ id: event.id, type: event.type, created: event.created, livemode: false, data: event.data });
  return shop.past('/api/checkout/webhook', { method: 'POST', body, headers: { 'content-type': 'application/json', 'stripe-signature': signature(body, now()) } });
}

test('past the CDN there is nothing but the webhook', async () => {
  assert.equal(await shop.past('/api/checkout/offers'), 404);
  assert.equal(await shop.past('/api/access/me', { headers: { 'x-tuition-edge': 'guessed' } }), 404);
  assert.equal(await shop.past('/api/checkout/webhook', { method: 'POST', body: '{}' }), 400);
  const through = await visitor().get('/api/checkout/offers');
  assert.equal(through.status, 200, through.text);
  (await visitor().get('/api/nosuch')).refuses(404);
  const viewed = { id: randomUUID(), type: 'page_view', at: new Date().toISOString(), path: LOCKED };
  assert.equal((await visitor().post('/api/metrics/events', { events: [viewed] })).status, 202);
});

test('teaser, buy, whole on the same address; the webhook; a mailed link elsewhere; a comment; refund, teaser', async () => {
  const buyer = visitor();
  const email = someone();
  assert.equal(await isWhole(buyer), false);
  const key = { 'idempotency-key': randomKey() };
  const opened = async () => (await buyer.post('/api/checkout/sessions', { offer: COURSE, next: LOCKED }, key)).json.id;
  assert.equal(await opened(), await opened(), 'the same key is the same checkout');
  const id = await buy(buyer, email);
  assert.equal(await isWhole(buyer), true);
  assert.equal(await isWhole(buyer, OTHER), false);
  assert.equal(await deliver('checkout.session.completed', id), 200);
  assert.equal(await statusOf(visitor(), id), 'paid');
  assert.equal((await shop.wake('checkout', { job: 'outbox' })).sent, 0, 'the receipt went at once');
  assert.ok((await shop.mailsTo(email)).length > 0, 'a receipt');

  const phone = visitor();
  await signIn(phone, email);
  assert.equal(await isWhole(phone), true);
  const posted = await phone.post('/api/comments', { lesson: `${COURSE}/locked`, body: 'Why **twice** a day?' });
  assert.equal(posted.status, 201, posted.text);
  const thread = await phone.get(`/api/comments?lesson=${COURSE}/locked`);
  assert.equal(thread.json.comments.length, 1, thread.text);
  assert.equal((await phone.send('DELETE', `/api/comments/${posted.json.id}`)).status, 204);
  assert.equal((await phone.send('PATCH', '/api/access/me', { body: '{"name": "Mona"}', headers: { 'content-type': 'application/json' } })).status, 200);
  assert.equal((await phone.get('/api/access/me/export')).status, 200);
  assert.equal((await phone.get('/api/access/sessions')).json.sessions.length, 1);

  await shop.dev(`till/payments/${await paymentOf(/** @type {any} */ (shop), id)}/refund`, {});
  assert.equal(await deliver('charge.refunded', await paymentOf(/** @type {any} */ (shop), id)), 200);
  assert.equal(await statusOf(visitor(), id), 'refunded');
  for (const reader of [buyer, phone]) {
    await reader.get(`/api/access/renew?next=${LOCKED}`);
    assert.equal(await isWhole(reader), false);
  }
  const reconciled = await shop.wake('checkout', { job: 'reconcile' });
  assert.deepEqual([reconciled.difference_count, reconciled.quarantined], [0, []], JSON.stringify(reconciled));
});

test('what is read is counted for its reader, whoever is erased is not counted again, and the author alone sees figures', async () => {
  const buyer = visitor();
  const email = someone();
  await buy(buyer, email);
  await signIn(buyer, email);
  const watch = (/** @type {Visitor} */ who, from = 0, to = 1) =>
    who.post('/api/metrics/events', { events: [{ id: randomUUID(), type: 'watch', at: new Date().toISOString(), lesson: `${COURSE}/locked`, from, to }] });
  for (const answer of [await watch(buyer), await watch(buyer), await watch(buyer, 1, 3), await watch(visitor())]) assert.equal(answer.status, 202, answer.text);
  await buyer.post('/api/metrics/events', { events: [{ type: 'dance' }] });
  assert.equal((await buyer.get('/api/access/me')).json.progress[0].lesson, 'locked');

  const author = visitor();
  await signIn(author, catalog.site.authors[0]);
  (await buyer.get('/api/metrics/summary')).refuses(404);
  (await visitor().get('/api/metrics/summary')).refuses(401);
  const seen = await author.get('/api/metrics/summary');
  assert.equal(seen.status, 200, seen.text);
  assert.equal(seen.json.lessons.find((/** @type {any} */ one) => one.lesson === `${COURSE}/locked`).started, 2);
  assert.equal(seen.json.dropped, 1);

  const kept = new Map(buyer.cookies);
  assert.equal((await buyer.send('DELETE', '/api/access/me')).status, 204);
  buyer.cookies = kept;
  assert.equal((await watch(buyer, 3, 4)).status, 202);
  const rows = await shop.call('dynamodb', 'DynamoDB_20120810.Scan', { TableName: shop.output('TableName') });
  const left = rows.Items.filter((/** @type {any} */ row) => row.pk.S.startsWith('PROGRESS#') || row.pk.S.startsWith('EVENT#OF#'));
  assert.deepEqual(left, [], 'a token of an erased learner counts for nobody');
  assert.ok(!JSON.stringify(rows).includes(email));
});

test('what a browser did before it signed in is its account\'s, which moves to another address and is erased with its comment', async () => {
  const buyer = visitor();
  const email = someone();
  const lesson = `${OTHER}/locked`;
  await buy(buyer, email, { offer: OTHER, next: `/courses/${lesson}/` });
  const watched = { id: randomUUID(), type: 'watch', at: new Date().toISOString(), lesson, from: 0, to: 1 };
  assert.equal((await buyer.post('/api/metrics/events', { events: [watched] })).status, 202);
  const posted = await buyer.post('/api/comments', { lesson, body: 'Said before.' });
  assert.equal(posted.status, 201, posted.text);

  const code = codeIn(await askForLink(buyer, email));
  assert.notEqual((await buyer.post('/api/access/codes', { code: wrongCode(code, 1) })).status, 200);
  const used = await buyer.post('/api/access/codes', { code });
  assert.ok(used.status < 400, used.text);
  const { json: me } = await buyer.get('/api/access/me');
  assert.deepEqual([me.email, me.progress[0]?.course], [email, OTHER]);
  await buy(buyer, email);

  const wanted = someone();
  assert.equal((await buyer.post('/api/access/emails', { email: wanted })).status, 202);
  for (const address of [email, wanted]) {
    const [mail] = await shop.mailsTo(address);
    const [path = ''] = /\/api\/access\/emails\/[A-Za-z0-9_-]+/.exec(mail?.text ?? '') ?? [];
    assert.equal((await buyer.submit(path, {})).status, 303);
  }
  assert.equal((await buyer.get('/api/access/me')).json.email, wanted);
  assert.equal((await buyer.send('DELETE', '/api/access/me')).status, 204);
  const rows = JSON.stringify(await shop.call('dynamodb', 'DynamoDB_20120810.Scan', { TableName: shop.output('TableName') }));
  for (const trace of [email, wanted, me.id, 'Said before.']) assert.ok(!rows.includes(trace), trace);
});

test('a question reaches the author, its answer the learner, until they want no more of these mails; what is hidden is gone', async () => {
  const [asker, other, author] = [visitor(), visitor(), visitor()];
  const email = someone();
  await signIn(asker, email);
  await signIn(other, someone());
  await signIn(author, catalog.site.authors[0]);
  const post = async (/** @type {Visitor} */ who, /** @type {object} */ fields) => {
    const posted = await who.post('/api/comments', { lesson: `${COURSE}/open`, ...fields });
    assert.equal(posted.status, 201, posted.text);
    return posted.json;
  };
  const question = await post(asker, { body: 'Why is it salt?', question: true });
  assert.ok((await shop.wake('checkout', { job: 'digests' })).queued > 0);
  const digest = (await shop.mailsTo(catalog.site.authors[0])).find((/** @type {any} */ mail) => mail.text.includes('Why is it salt?'));
  assert.ok(digest, 'the author is told');
  await post(author, { body: 'Rivers bring it.', parent: question.id });
  await shop.wake('checkout', { job: 'outbox' });
  const told = (await shop.mailsTo(email)).find((/** @type {any} */ mail) => /answered you/.test(mail.subject));
  const [path = ''] = /\/api\/comments\/unsubscribe\?token=\S+/.exec(told?.text ?? '') ?? [];
  const clicked = await visitor().send('POST', path, { body: 'List-Unsubscribe=One-Click', headers: { 'content-type': 'application/x-www-form-urlencoded', origin: null, 'sec-fetch-site': null } });
  assert.equal(clicked.status, 200, clicked.text);
  await post(author, { body: 'And more.', parent: question.id });
  assert.equal((await shop.wake('checkout', { job: 'outbox' })).sent, 0);
  const rude = await post(other, { body: 'Something rude' });
  assert.equal((await asker.post(`/api/comments/${rude.id}/report`, {})).status, 204);
  assert.ok((await author.get('/api/comments/queue')).json.comments.some((/** @type {any} */ one) => one.id === rude.id && one.reports === 1));
  assert.equal((await author.post(`/api/comments/${rude.id}/moderation`, { decision: 'ban' })).status, 200);
  (await other.post('/api/comments', { lesson: `${COURSE}/open`, body: 'More' })).refuses(409, 'banned');
  assert.equal((await author.get(`/api/comments/${rude.id}/moderation`)).json.steps[0]?.decision, 'ban');
  assert.ok(!(await asker.get(`/api/comments?lesson=${COURSE}/open`)).text.includes('Something rude'));
});

test('an event about a checkout that nobody here opened waits for a person', async () => {
  const data = { object: { id: 'cs_test_nobodys', object: 'checkout.session', status: 'complete', payment_status: 'paid' } };
  assert.equal(await send({ id: `evt_${randomUUID()}`, type: 'checkout.session.completed', created: now(), data }), 200);
  const rows = await shop.call('dynamodb', 'DynamoDB_20120810.Scan', { TableName: shop.output('TableName') });
  assert.equal(rows.Items.filter((/** @type {any} */ row) => row.pk.S === 'QUARANTINE').length, 1);
});

test('mail that came back is heard, and a link is used once', async () => {
  const bounce = { eventType: 'Bounce', bounce: { bounceType: 'Permanent', bouncedRecipients: [{ emailAddress: someone() }] } };
  assert.deepEqual(await shop.wake('checkout', { Records: [{ Sns: { Message: JSON.stringify(bounce) } }] }), { taken: 1 });
  const reader = visitor();
  const email = someone();
  await signIn(reader, email);
  const path = linkIn((await shop.mailsTo(email))[0] ?? { text: '' });
  assert.notEqual((await visitor().submit(path, {})).status, 303);
  assert.equal((await reader.submit('/api/access/sign-out', {})).status, 303);
});

test('keys that are changed in SSM are taken up by running functions within a minute', async () => {
  const before = JSON.parse(shop.secrets['access-keys']);
  const k2 = randomBytes(32).toString('base64url');
  shop.secrets['access-keys'] = JSON.stringify({ signing: 'k2', keys: { ...before.keys, k2 } });
  const reader = visitor();
  await buy(reader, someone());
  const kid = async () => {
    await reader.get(`/api/access/renew?next=${LOCKED}`);
    return read(reader.cookies.get('tuition_access')?.value ?? '').head.kid;
  };
  assert.equal(await kid(), 'k1');
  shop.edge?.know({ k2 });
  await shop.putSecret('access-keys');
  await until('access signs with the new key', async () => (await kid()) === 'k2', 60);
  assert.equal(await isWhole(reader), true);
  const events = [{ id: randomUUID(), type: 'page_view', at: new Date().toISOString(), path: LOCKED }];
  assert.equal((await reader.post('/api/metrics/events', { events })).status, 202);
});

test('no function asked for what its role does not allow', () => {
  assert.deepEqual(shop.roles?.denied, []);
});

test('every permission was needed', () => {
  const unusual = [
    'access UpdateItem Table OUTBOX',  // mail that the provider did not take
    'checkout UpdateItem EphemeralTable SECRET#*',  // a day whose first event is a checkout
  ];
  assert.deepEqual(shop.roles?.unused(), unusual);
});

test('no secret is in what was logged', () => {
  assert.ok(shop.said.length > 0);
  assert.deepEqual(secretsIn(shop.said), []);
  for (const secret of [shop.secrets['edge-secret'], shop.secrets['stripe-key'], JSON.parse(shop.secrets['access-keys']).keys.k1]) assert.ok(!shop.said.includes(secret));
});
