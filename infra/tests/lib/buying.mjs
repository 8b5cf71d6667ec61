// What a buyer does, step by step, over HTTP.

import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';

import { COURSE, PAID } from './sites.mjs';
import { until } from './until.mjs';

/** The secret that the local stage signs webhooks with (DESIGN §11). */
const WEBHOOK_SECRET = 'whsec_local';

export const LOCKED = `/courses/${COURSE}/locked/`;

/** An address nobody has used before. */
export const someone = () => `learner-${randomBytes(6).toString('hex')}@example.org`;

export const randomKey = () => randomBytes(16).toString('hex');

/** Opens a checkout. @param {import('./visitor.mjs').Visitor} visitor @param {object} [fields] */
export async function open(visitor, fields = {}) {
  const answer = await visitor.post('/api/checkout/sessions', { offer: COURSE, next: LOCKED, ...fields }, { 'idempotency-key': randomKey() });
  assert.equal(answer.status, 201, answer.text);
  return answer.json.id;
}

/** Pays at the till, without coming back to the shop. @param {import('./shop.mjs').Shop} shop @param {string} id @param {string} email @param {'ok' | 'async'} [card] */
export const pay = (shop, id, email, card = 'ok') => shop.dev(`till/sessions/${id}/pay`, { card, email });

/** Opens, pays, and comes back: the order's status is paid. @param {import('./visitor.mjs').Visitor} visitor @param {string} email */
export async function buy(visitor, email, fields = {}) {
  const id = await open(visitor, fields);
  await pay(visitor.shop, id, email);
  await until('the order is paid', async () => (await statusOf(visitor, id)) === 'paid');
  return id;
}

/** @param {import('./visitor.mjs').Visitor} visitor @param {string} id */
export async function statusOf(visitor, id) {
  const answer = await visitor.get(`/api/checkout/sessions/${id}`);
  assert.equal(answer.status, 200, answer.text);
  return answer.json.status;
}

/** Asks for a link, follows it in the same browser, presses its button. @param {import('./visitor.mjs').Visitor} visitor @param {string} email */
export async function signIn(visitor, email, next = LOCKED) {
  const path = linkIn(await askForLink(visitor, email, next));
  const page = await visitor.get(path, { accept: 'text/html' });
  assert.equal(page.status, 200);
  const used = await visitor.submit(path, {});
  assert.equal(used.status, 303, used.text);
  assert.equal(used.headers.location, next);
}

/** Asks for a link and answers the mail that it brings. @param {import('./visitor.mjs').Visitor} visitor @param {string} email @param {string} [next] */
export async function askForLink(visitor, email, next = LOCKED) {
  const before = (await visitor.shop.mailsTo(email)).length;
  const asked = await visitor.post('/api/access/links', { email, next });
  assert.equal(asked.status, 202, asked.text);
  return until('the mailed link', async () => {
    const mails = await visitor.shop.mailsTo(email);
    return mails.length > before && mails[0];
  });
}

/** The path of a sign-in link in a mail. @param {{text: string}} mail */
export function linkIn(mail) {
  const path = /\/api\/access\/links\/[A-Za-z0-9_-]+/.exec(mail.text)?.[0];
  assert.ok(path, `a link in ${mail.text}`);
  return path;
}

/** What a code is made of. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The code, on a line of its own. @param {{text: string}} mail */
export function codeIn(mail) {
  const code = new RegExp(`^[${LETTERS}]{6}$`, 'm').exec(mail.text)?.[0];
  assert.ok(code, `a code in ${mail.text}`);
  return code;
}

/** Another code than the right one, a different one for each number below 31. @param {string} right @param {number} n */
export function wrongCode(right, n) {
  const last = LETTERS.indexOf(right.slice(-1));
  return right.slice(0, -1) + LETTERS[(last + 1 + n) % LETTERS.length];
}

/** Whether the paid part is there. A page that shows neither teaser nor lesson is a fault. @param {import('./visitor.mjs').Visitor} visitor */
export async function isWhole(visitor, course = COURSE) {
  const page = await visitor.get(`/courses/${course}/locked/`);
  assert.equal(page.status, 200, page.text);
  assert.ok(page.text.includes(`The teaser of ${course} ends here.`), 'neither teaser nor lesson');
  return page.text.includes(PAID);
}

/** The till's newest event of a type about an object. @param {import('./shop.mjs').Shop} shop @param {string} type @param {string} text in it */
export async function eventOf(shop, type, text) {
  const events = await shop.events();
  return events.find((/** @type {any} */ event) => event.type === type && JSON.stringify(event.data).includes(text));
}

/** The payment behind a checkout session. @param {import('./shop.mjs').Shop} shop @param {string} session */
export async function paymentOf(shop, session) {
  const event = await until('the payment is known', () => eventOf(shop, 'checkout.session.completed', session));
  return event.data.object.payment_intent;
}

/** A Stripe-Signature header (https://docs.stripe.com/webhooks#verify-manually). @param {string | Buffer} body @param {number} second */
export function signature(body, second, secret = WEBHOOK_SECRET) {
  const mac = createHmac('sha256', secret).update(`${second}.`).update(body).digest('hex');
  return `t=${second},v1=${mac}`;
}

/** The second that the stage's clock shows. @param {import('./shop.mjs').Shop} shop */
export const secondOf = async (shop) => Math.floor((await shop.advance(0)).getTime() / 1000);

/** Delivers a body as the provider does: no cookies, no Origin. @param {import('./visitor.mjs').Visitor} provider @param {string | Buffer} body @param {string | null} header */
export function deliver(provider, body, header) {
  const headers = { 'content-type': 'application/json', 'stripe-signature': header, origin: null, 'sec-fetch-site': null };
  return provider.send('POST', '/api/checkout/webhook', { body, headers });
}
