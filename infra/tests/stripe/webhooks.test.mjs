// Signatures, checked by the SDK: what the till delivers verifies there, and what the SDK signs is taken
// by the shop.

import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';

import Stripe from 'stripe';

import { Till, everything } from '../lib/till.mjs';
import { Visitor } from '../lib/visitor.mjs';

const SECRET = 'whsec_local';

/** @type {Till} */
let till;
/** @type {http.Server} */
let receiver;
/** @type {{signature: string, body: Buffer}[]} */
const received = [];

before(async () => {
  till = await Till.open();
  receiver = http.createServer((request, response) => {
    const parts = /** @type {Buffer[]} */ ([]);
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      received.push({ signature: String(request.headers['stripe-signature']), body: Buffer.concat(parts) });
      response.end();
    });
  });
  await new Promise((done) => receiver.listen(0, '127.0.0.1', () => done(undefined)));
});
after(async () => {
  receiver?.close();
  await till?.close();
});

/** The time of the stage, in seconds. */
const second = async () => Math.floor((await till.shop.advance(0)).getTime() / 1000);

test('every kind of event that the till delivers verifies with constructEvent', async () => {
  await everything(till);
  const kinds = new Map((await till.shop.events()).map((/** @type {any} */ event) => [event.type, event]));
  assert.ok(kinds.size >= 35, [...kinds.keys()].sort().join(' '));
  const to = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (receiver.address()).port}/hook`;
  for (const [kind, event] of kinds) {
    received.length = 0;
    const told = await till.shop.dev(`till/events/${event.id}/resend`, { to });
    assert.equal(told.status, 200);
    const [{ signature, body }] = received;
    const now = await second() * 1000;
    const read = till.stripe.webhooks.constructEvent(body, signature, SECRET, 300, undefined, now);
    assert.equal(read.type, kind);
    assert.equal(read.id, event.id);
    assert.equal(read.api_version, Stripe.API_VERSION);
    const object = /** @type {any} */ (read.data.object);
    assert.equal(object.object, event.data.object.object);
    // The check can fail: another secret, other bytes, another time.
    const refuses = (/** @type {() => unknown} */ check) => assert.throws(check, Stripe.errors.StripeSignatureVerificationError);
    refuses(() => till.stripe.webhooks.constructEvent(body, signature, 'whsec_other', 300, undefined, now));
    refuses(() => till.stripe.webhooks.constructEvent(Buffer.concat([body, Buffer.from(' ')]), signature, SECRET, 300, undefined, now));
    refuses(() => till.stripe.webhooks.constructEvent(body, signature, SECRET, 300, undefined, now + 400_000));
  }
});

test('the same bytes and time are signed alike by the till and by the SDK', async () => {
  const [{ signature, body }] = received;
  const parts = new Map(signature.split(',').map((part) => /** @type {[string, string]} */ (part.split('='))));
  const made = till.stripe.webhooks.generateTestHeaderString({ payload: body.toString(), secret: SECRET, timestamp: Number(parts.get('t')) });
  assert.equal(made, `t=${parts.get('t')},v1=${parts.get('v1')}`);
});

test('the shop takes what the SDK signs, in any script, and nothing else', async () => {
  const payload = JSON.stringify({ id: 'evt_from_sdk', object: 'event', type: 'a.type.of.tomorrow', created: await second(), livemode: false, data: { object: { name: '课程 – ünï' } } });
  const deliver = (/** @type {string} */ header, body = payload) => new Visitor(till.shop).send('POST', '/api/checkout/webhook', {
    body,
    headers: { 'content-type': 'application/json', 'stripe-signature': header },
  });
  // One second for all of them: a header has one time, which all of its signatures are made with.
  const now = await second();
  const sign = (/** @type {string} */ secret, late = 0) => till.stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: now - late });
  assert.equal((await deliver(sign(SECRET))).status, 200);
  const [other, own] = [sign('whsec_other'), sign(SECRET)];
  assert.equal((await deliver(`${other},${own.slice(own.indexOf('v1='))}`)).status, 200, 'one of several signatures fits');
  assert.equal((await deliver(other)).status, 400);
  assert.equal((await deliver(sign(SECRET, 400))).status, 400);
  assert.equal((await deliver(own, payload.replace('evt_from', 'evt_not_from'))).status, 400);
});
