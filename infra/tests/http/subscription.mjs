// A subscription from its first payment to its end: what opens follows from its state at the
// provider, whatever came of the events.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { isWhole, open, pay, signIn, someone, statusOf } from '../lib/buying.mjs';
import { tuition } from '../lib/binary.mjs';
import { Shop } from '../lib/shop.mjs';
import { COURSE, OTHER, forget, madeSite } from '../lib/sites.mjs';
import { until } from '../lib/until.mjs';
import { Visitor } from '../lib/visitor.mjs';

const DAY = 86_400;
const OFFERS = `[[offers]]
id = "everything"
kind = "subscription"
title = "Everything, month by month"
courses = "*"
prices = { USD = "9.00" }
term = "month"

[[offers]]
id = "tides-monthly"
kind = "subscription"
title = "Tides, month by month"
courses = ["${COURSE}"]
prices = { USD = "5.00" }
term = "month"
`;

/** @type {Shop} */
let shop;
before(async () => {
  const site = await madeSite();
  writeFileSync(join(site, 'content/offers.toml'), OFFERS);
  shop = await Shop.open(site);
});
after(async () => {
  await shop?.close();
  if (shop) forget(shop.site);
});

/** Somebody subscribes; answers the buyer and the subscription's id. */
async function subscribed() {
  const email = someone();
  const buyer = new Visitor(shop);
  const id = await open(buyer, { offer: 'everything', currency: 'USD' });
  await pay(shop, id, email);
  await until('the order is paid', async () => (await statusOf(buyer, id)) === 'paid');
  const event = (await shop.events()).find((/** @type {any} */ one) => one.type === 'checkout.session.completed' && one.data.object.id === id);
  return { email, buyer, id, subscription: event.data.object.subscription };
}

/** @param {string} subscription @param {string} control @param {object} body */
const act = (subscription, control, body = {}) => shop.dev(`till/subscriptions/${subscription}/${control}`, body);

/** The buyer's page after their token is over. @param {Visitor} buyer @param {boolean} expected */
async function opens(buyer, expected, course = COURSE) {
  await until(`${course} ${expected ? 'opens' : 'is shut'}`, async () => {
    await shop.advance(901);
    return (await isWhole(buyer, course)) === expected;
  });
}

/** @param {string} id */
async function shown(id) {
  const asked = await tuition('orders', 'show', id, '--json', '--site', shop.site, '--state', shop.state);
  assert.equal(asked.code, 0, asked.stderr);
  return JSON.parse(asked.stdout);
}

test('a subscription opens all its courses, renews, and books every term', async () => {
  const { buyer, id, subscription } = await subscribed();
  await opens(buyer, true);
  await opens(buyer, true, OTHER);
  await act(subscription, 'renew', { result: 'succeeded' });
  const gross = async () => {
    const { ledger } = await shown(id);
    return ledger.filter((/** @type {any} */ one) => one.kind === 'gross').map((/** @type {any} */ one) => one.amount);
  };
  await until('the renewal is booked', async () => (await gross()).length === 2);
  assert.deepEqual(await gross(), [900, 900]);
  await opens(buyer, true);
});

test('a failed renewal leaves three days, and a mail; paid after all, it goes on', async () => {
  const { email, buyer, id, subscription } = await subscribed();
  await act(subscription, 'renew', { result: 'failed' });
  await until('it is past due', async () => (await shown(id)).order.subscription.state === 'past_due');
  await opens(buyer, true);
  const told = async () => (await shop.mailsTo(email)).filter((/** @type {any} */ mail) => /could not be renewed/.test(mail.subject)).length;
  await until('a mail says so', async () => (await told()) === 1);
  await act(subscription, 'renew', { result: 'succeeded' });
  await until('it runs again', async () => (await shown(id)).order.subscription.state === 'active');
  await opens(buyer, true);
  assert.equal(await told(), 1);
});

test('cancelled, it opens until its term ends and not a minute longer', async () => {
  const { buyer, id, subscription } = await subscribed();
  await act(subscription, 'cancel', { at_period_end: true });
  await until('it is told', async () => (await shown(id)).order.subscription.ends_then);
  await opens(buyer, true);
  const { entitlement } = await shown(id);
  const left = (Date.parse(entitlement.ends_at) - (await shop.advance(0)).getTime()) / 1000;
  assert.ok(left > 20 * DAY && left < 32 * DAY, `${left} s`);
  await shop.advance(Math.ceil(left) + 1);
  assert.equal(await isWhole(buyer), false);
  await until('it is over', async () => (await shown(id)).order.subscription.state === 'ended');
});

test('paused nothing opens, resumed everything; ended at once it is shut', async () => {
  const { buyer, subscription } = await subscribed();
  await act(subscription, 'pause');
  await opens(buyer, false);
  await act(subscription, 'resume');
  await opens(buyer, true);
  await act(subscription, 'cancel', { at_period_end: false });
  await opens(buyer, false);
});

test('who has it cannot buy the same again, but may buy a course for good', async () => {
  const { email } = await subscribed();
  const learner = new Visitor(shop);
  await signIn(learner, email);
  const again = await learner.post('/api/checkout/sessions', { offer: 'everything' }, { 'idempotency-key': 'a'.repeat(32) });
  again.refuses(409, 'already-owned');
});

test('events that never come are made up for by one comparison, which then says that all agree', async () => {
  await shop.dev('till/faults', { seed: 7, drop: 1 });
  const { buyer, id, subscription } = await subscribedInSilence();
  await act(subscription, 'renew', { result: 'succeeded' });
  await act(subscription, 'cancel', { at_period_end: true });
  const compare = () => tuition('orders', 'reconcile', '--since', '2020-01-01T00:00:00Z', '--json', '--site', shop.site, '--state', shop.state);
  const first = JSON.parse((await compare()).stdout);
  assert.ok(first.healed.some((/** @type {any} */ one) => one.order === id), JSON.stringify(first));
  const second = await compare();
  assert.equal(second.code, 0, second.stderr);
  const report = JSON.parse(second.stdout);
  assert.deepEqual(report.provider, report.ledger);
  assert.deepEqual([report.healed, report.differences, report.quarantined, report.unknown], [[], [], [], []]);
  await opens(buyer, true);
  assert.equal((await shown(id)).order.subscription.ends_then, true);
  await shop.dev('till/faults', { seed: 7 });
});

/** The same as above while the shop hears of nothing: the buyer comes back by themselves. */
async function subscribedInSilence() {
  const buyer = new Visitor(shop);
  const id = await open(buyer, { offer: 'everything', currency: 'USD' });
  await pay(shop, id, someone());
  assert.equal(await statusOf(buyer, id), 'paid');
  const event = (await shop.events()).find((/** @type {any} */ one) => one.type === 'checkout.session.completed' && one.data.object.id === id);
  return { buyer, id, subscription: event.data.object.subscription };
}
