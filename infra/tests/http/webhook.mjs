// Events of the payment provider: only what is signed counts, and no order, loss or repetition of
// events leaves a wrong entitlement behind.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { deliver, eventOf, isWhole, open, pay, paymentOf, secondOf, signIn, signature, someone, statusOf } from '../lib/buying.mjs';
import { Shop } from '../lib/shop.mjs';
import { COURSE, forget, madeSite } from '../lib/sites.mjs';
import { until } from '../lib/until.mjs';
import { Visitor } from '../lib/visitor.mjs';

/** @type {Shop} */
let shop;
/** Looks on; it bought nothing, so asking for a status brings no order up to date. @type {Visitor} */
let onlooker;
before(async () => {
  shop = await Shop.open(await madeSite());
  onlooker = new Visitor(shop);
  // From here on only what a test delivers is delivered.
  await shop.dev('till/faults', { seed: 1, drop: 1 });
});
after(async () => {
  await shop?.close();
  if (shop) forget(shop.site);
});

/** Somebody paid, and the shop has not been told. The event is `checkout.session.completed`, as bytes. */
async function paidInSilence() {
  const email = someone();
  const buyer = new Visitor(shop);
  const id = await open(buyer);
  await pay(shop, id, email);
  const event = await until('the event', () => eventOf(shop, 'checkout.session.completed', id));
  return { email, buyer, id, body: asSent(event) };
}

/** An event as the provider would send it: indented, without what only the till's list says. @param {any} event */
const asSent = ({ deliveries, next_delivery_at, fate, ...event }) => JSON.stringify(event, null, 2);

const receipts = async (/** @type {string} */ email) => (await shop.mailsTo(email)).filter((/** @type {any} */ mail) => !mail.text.includes('/api/access/links/'));

test('a webhook that is forged, written anew or too old is refused and changes nothing', async () => {
  const { email, id, body } = await paidInSilence();
  const now = await secondOf(shop);
  const good = signature(body, now);
  const mac = good.split('v1=')[1];
  const bad = {
    'no signature': [body, null],
    'an empty signature': [body, ''],
    'another secret': [body, signature(body, now, 'whsec_other')],
    'a bit changed': [body, good.slice(0, -1) + (good.endsWith('0') ? '1' : '0')],
    'cut short': [body, good.slice(0, -2)],
    'only v0': [body, good.replace('v1=', 'v0=')],
    'no time': [body, `v1=${mac}`],
    'two times': [body, `t=${now},${good}`],
    'a time that is no number': [body, `t=now,v1=${mac}`],
    '301 s old': [body, signature(body, now - 301)],
    'six minutes ahead': [body, signature(body, now + 360)],
    'written anew': [JSON.stringify(JSON.parse(body)), good],
    'one more space': [`${body} `, good],
  };
  for (const [what, [sent, header]] of Object.entries(bad)) {
    const answer = await deliver(onlooker, sent ?? '', header);
    assert.equal(answer.status, 400, `${what}: ${answer.status}`);
    answer.refuses(400, 'signature', mac);
    assert.equal(await statusOf(onlooker, id), 'open', what);
  }
  assert.deepEqual(await shop.mailsTo(email), []);

  // The same body was good all along.
  assert.equal((await deliver(onlooker, body, signature(body, now))).status, 200);
  assert.equal(await statusOf(onlooker, id), 'paid');
  await until('the receipt', async () => (await receipts(email)).length === 1);
});

test('the same event a hundred times at once, and again in turn, makes one entitlement and one receipt', async () => {
  const { email, id, body } = await paidInSilence();
  const header = signature(body, await secondOf(shop));
  const answers = await Promise.all(Array.from({ length: 100 }, () => deliver(new Visitor(shop), body, header)));
  assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [200]);
  for (let n = 0; n < 20; n += 1) assert.equal((await deliver(onlooker, body, header)).status, 200);
  assert.equal(await statusOf(onlooker, id), 'paid');

  const learner = new Visitor(shop);
  await signIn(learner, email);
  const me = (await learner.get('/api/access/me')).json;
  assert.equal(me.entitlements.length, 1);
  assert.equal(me.orders.length, 1);
  assert.equal((await receipts(email)).length, 1);
});

test('a refund delivered before its payment ends without an entitlement', async () => {
  const { email, buyer, id, body } = await paidInSilence();
  await shop.dev(`till/payments/${await paymentOf(shop, id)}/refund`, {});
  const payment = await paymentOf(shop, id);
  const refund = asSent(await until('the refund event', () => eventOf(shop, 'charge.refunded', payment)));
  const now = await secondOf(shop);
  assert.equal((await deliver(onlooker, refund, signature(refund, now))).status, 200);
  assert.equal((await deliver(onlooker, body, signature(body, now))).status, 200);
  assert.equal(await statusOf(onlooker, id), 'refunded');
  assert.equal(await statusOf(buyer, id), 'refunded');
  assert.equal(await isWhole(buyer), false);

  const learner = new Visitor(shop);
  await signIn(learner, email);
  assert.equal(await isWhole(learner), false);
  const { entitlements } = (await learner.get('/api/access/me')).json;
  const held = entitlements.filter((/** @type {any} */ one) => !one.ends_at || Date.parse(one.ends_at) > now * 1000);
  assert.deepEqual(held, []);
});

test('an event that got lost is healed when the provider sends it again', async () => {
  const { id } = await paidInSilence();
  assert.equal(await statusOf(onlooker, id), 'open');
  const event = await eventOf(shop, 'checkout.session.completed', id);
  await shop.dev(`till/events/${event.id}/resend`, {});
  await until('the order is paid', async () => (await statusOf(onlooker, id)) === 'paid');
});

test('a partial refund keeps the course; a dispute suspends it, won it returns, lost it is gone', async () => {
  const { buyer, id, body } = await paidInSilence();
  await deliver(onlooker, body, signature(body, await secondOf(shop)));
  assert.equal(await statusOf(buyer, id), 'paid');
  assert.equal(await isWhole(buyer), true);
  const payment = await paymentOf(shop, id);
  const seen = new Set((await shop.events()).map((/** @type {any} */ event) => event.id));
  const step = async (/** @type {string} */ control, /** @type {object} */ asked, /** @type {string} */ expected) => {
    await shop.dev(`till/payments/${payment}/${control}`, asked);
    for (const event of (await shop.events()).filter((/** @type {any} */ one) => !seen.has(one.id))) {
      seen.add(event.id);
      const sent = asSent(event);
      assert.equal((await deliver(onlooker, sent, signature(sent, await secondOf(shop)))).status, 200);
    }
    await until(`${control} ${JSON.stringify(asked)} makes it ${expected}`, async () => (await statusOf(onlooker, id)) === expected);
    await shop.advance(901);
    assert.equal(await isWhole(buyer), expected === 'paid');
  };
  await step('refund', { amount: 900 }, 'paid');
  await step('dispute', { status: 'warning' }, 'paid');
  await step('dispute', { status: 'open' }, 'disputed');
  await step('dispute', { status: 'won' }, 'paid');
  await step('dispute', { status: 'lost' }, 'disputed');
});

test('what is signed but strange is taken in and gives nothing', async () => {
  const buyer = new Visitor(shop);
  const id = await open(buyer);
  const now = await secondOf(shop);
  const event = (/** @type {object} */ changes) => JSON.stringify({ id: `evt_${now}`, object: 'event', api_version: '2042-01-01.future', created: now, livemode: false, ...changes });
  const session = { id, object: 'checkout.session', payment_status: 'paid', amount_total: 1, currency: 'usd', metadata: { offer: COURSE } };
  for (const body of [
    event({ type: 'a.type.of.tomorrow', data: { object: { id: 'x' } } }),
    event({ type: 'checkout.session.completed', data: { object: session } }),
    event({ type: 'checkout.session.completed', data: { object: {} } }),
    event({ type: 'charge.refunded', data: { object: { payment_intent: 'pi_nosuch' } } }),
    event({ type: 'checkout.session.completed' }),
    '{"id":',
  ]) {
    const answer = await deliver(onlooker, body, signature(body, now));
    assert.equal(answer.status, 200, `${body}: ${answer.text}`);
  }
  assert.equal(await isWhole(buyer), false);
  assert.equal(await statusOf(buyer, id), 'open');
});

test('a body over 256 KiB is too large', async () => {
  const body = JSON.stringify({ id: 'evt_1', type: 'x', pad: 'x'.repeat(300_000) });
  (await deliver(onlooker, body, signature(body, await secondOf(shop)))).refuses(413);
});
