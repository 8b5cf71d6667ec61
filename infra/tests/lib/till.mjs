// The till as Stripe's own SDK sees it, and a world to look at: every object in every state that the
// till can bring about.

import assert from 'node:assert/strict';

import Stripe from 'stripe';

import { Shop } from './shop.mjs';
import { forget, madeSite } from './sites.mjs';

const KEY = 'sk_test_local';
const DAY = 86_400;

export class Till {
  /** @param {Shop} shop */
  constructor(shop) {
    this.shop = shop;
    this.stripe = this.client({});
  }

  /** A running shop of which only the till matters. */
  static async open() {
    return new Till(await Shop.open(await madeSite()));
  }

  async close() {
    await this.shop.close();
    forget(this.shop.site);
  }

  /** The official SDK, pointed here. @param {Partial<Stripe.StripeConfig>} config */
  client(config) {
    const { hostname, port } = new URL(this.shop.facts.stripe_api);
    return new Stripe(KEY, { host: hostname, port: Number(port), protocol: 'http', telemetry: false, ...config });
  }

  /** What the API answers, byte for byte what it means: the SDK would turn decimals into objects of its own. @param {string} path @returns {Promise<any>} */
  async raw(path) {
    const answer = await fetch(`${this.shop.facts.stripe_api}/v1/${path}`, { headers: { authorization: `Bearer ${KEY}` } });
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    return JSON.parse(text);
  }

  /** All objects of a list, the newest first. @param {string} path @returns {Promise<any[]>} */
  async all(path) {
    const found = [];
    for (let cursor = ''; ;) {
      const page = await this.raw(`${path}${path.includes('?') ? '&' : '?'}limit=100${cursor}`);
      found.push(...page.data);
      if (!page.has_more) return found;
      cursor = `&starting_after=${found.at(-1).id}`;
    }
  }

  /** Pays a session at the till. @param {string} session @param {'ok' | 'declined' | 'async' | 'declines_later'} [card] */
  async pay(session, card = 'ok') {
    return (await this.shop.dev(`till/sessions/${session}/pay`, { card, email: 'buyer@example.org' })).session;
  }

  /** A paid session for one thing. @param {Partial<Stripe.Checkout.SessionCreateParams>} [more] */
  async sold(more = {}) {
    const session = await this.stripe.checkout.sessions.create({ ...sale(), ...more });
    return this.pay(session.id);
  }

  /** The id of a subscription. @param {Partial<Stripe.Checkout.SessionCreateParams>} [more] @param {'ok' | 'async' | 'declines_later'} [card] @returns {Promise<string>} */
  async subscribed(more = {}, card = 'ok') {
    const session = await this.stripe.checkout.sessions.create({ ...subscription(), ...more });
    return (await this.pay(session.id, card)).subscription;
  }

  /** POST to a subscription's development route. @param {string} id @param {string} what @param {object} [body] */
  till(id, what, body = {}) {
    return this.shop.dev(`till/subscriptions/${id}/${what}`, body);
  }
}

/** @returns {Stripe.Checkout.SessionCreateParams} */
export const sale = () => ({
  mode: 'payment',
  line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: 4900, product_data: { name: 'Rust 课程', metadata: { offer: 'rust' } } } }],
  metadata: { offer: 'rust' },
  client_reference_id: 'order-1',
  success_url: 'http://127.0.0.1:9/order/?session={CHECKOUT_SESSION_ID}',
});

/** @returns {Stripe.Checkout.SessionCreateParams} */
export const subscription = () => ({
  mode: 'subscription',
  line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: 1000, recurring: { interval: 'month' }, product_data: { name: 'All courses' } } }],
  subscription_data: { metadata: { offer: 'all' } },
  success_url: 'http://127.0.0.1:9/order/',
});

/** Brings about every state of every object. @param {Till} till */
export async function everything(till) {
  const { stripe, shop } = till;
  const payment = async (/** @type {any} */ session) => (await stripe.checkout.sessions.retrieve(session.id)).payment_intent;
  const end = async (/** @type {string} */ id) => (await till.raw(`subscriptions/${id}`)).items.data[0].current_period_end;
  const pass = async (/** @type {string} */ id) => shop.advance(Math.ceil(await end(id) - (await shop.advance(0)).getTime() / 1000) + 60);

  await stripe.coupons.create({ id: 'TENTH', percent_off: 10.5, duration: 'repeating', duration_in_months: 3 });
  await stripe.coupons.create({ id: 'FIVE', amount_off: 500, currency: 'usd', max_redemptions: 9, redeem_by: 4_000_000_000 });

  // One-time payments.
  const expired = await stripe.checkout.sessions.create(sale());
  await stripe.checkout.sessions.expire(expired.id);
  const refunded = await till.sold({ customer_creation: 'always', discounts: [{ coupon: 'FIVE' }], automatic_tax: { enabled: true } });
  await stripe.refunds.create({ payment_intent: String(await payment(refunded)), amount: 900 });
  const failing = await stripe.refunds.create({ payment_intent: String(await payment(await till.sold())) });
  await shop.dev(`till/refunds/${failing.id}/settle`, { result: 'failed' });
  const declined = await stripe.checkout.sessions.create(sale());
  await assert.rejects(till.pay(declined.id, 'declined'), /402/);
  for (const result of ['succeeded', 'failed']) {
    const slow = await stripe.checkout.sessions.create(sale());
    await till.pay(slow.id, 'async');
    await shop.dev(`till/sessions/${slow.id}/settle`, { result });
    if (result === 'succeeded') await stripe.refunds.create({ payment_intent: String(await payment(slow)) });
  }
  await till.pay((await stripe.checkout.sessions.create(sale())).id, 'async');
  for (const rulings of [['warning', 'open', 'won'], ['lost'], ['warning', 'won']]) {
    const disputed = await payment(await till.sold());
    for (const status of rulings) await shop.dev(`till/payments/${disputed}/dispute`, { status });
  }

  // Subscriptions.
  const taxed = await till.subscribed({ discounts: [{ coupon: 'TENTH' }], automatic_tax: { enabled: true } });
  await till.till(taxed, 'renew');
  await till.till(taxed, 'plan', { price_data: { unit_amount: 3000 }, proration_behavior: 'always_invoice' });
  await till.till(taxed, 'plan', { price_data: { unit_amount: 200 }, proration_behavior: 'always_invoice' });
  await till.till(taxed, 'cancel', { at_period_end: true });
  const slow = await stripe.checkout.sessions.create(subscription());
  const waiting = (await till.pay(slow.id, 'async')).subscription;
  await shop.dev(`till/sessions/${slow.id}/settle`, { result: 'failed' });
  await till.till(waiting, 'cancel');
  for (const behavior of ['void', 'mark_uncollectible', 'keep_as_draft']) {
    const paused = await till.subscribed();
    await till.till(paused, 'pause', { behavior });
    await pass(paused);
    if (behavior === 'void') await till.till(paused, 'resume');
  }
  const trial = { ...subscription().subscription_data, trial_period_days: 7 };
  const standing = { subscription_data: { ...trial, trial_settings: { end_behavior: { missing_payment_method: /** @type {const} */ ('pause') } } }, payment_method_collection: /** @type {const} */ ('if_required') };
  const resumed = await till.subscribed(standing);
  await till.subscribed(standing);
  await pass(resumed);
  await till.till(resumed, 'resume');
  const lapsed = await till.subscribed({}, 'declines_later');
  await pass(lapsed);
  for (const days of [3, 5, 7]) await shop.advance(days * DAY + 60);
  await shop.dev('till/faults', { balance_delay_s: 60 });
  await till.sold();
  await shop.dev('till/faults', {});
  await shop.advance(61);

  // What time would change: last.
  const due = await till.subscribed({}, 'declines_later');
  await pass(due);
  const ending = await till.subscribed({ subscription_data: trial });
  await pass(ending);
  await till.subscribed({ subscription_data: trial });
  await stripe.checkout.sessions.create(sale());
  await stripe.checkout.sessions.create({ ...subscription(), automatic_tax: { enabled: true } });
}
