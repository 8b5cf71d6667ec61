// Usage events in, the author's summary out: what is no fact of this site is dropped, and nothing is
// counted twice or against somebody's wish.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { LOCKED, buy, paymentOf, signIn, someone, statusOf } from '../lib/buying.mjs';
import { Shop } from '../lib/shop.mjs';
import { COURSE, build, forget, madeSite } from '../lib/sites.mjs';
import { until } from '../lib/until.mjs';
import { Visitor } from '../lib/visitor.mjs';

const EVENTS = '/api/metrics/events';

/** @type {Shop} */
let shop;
/** @type {Visitor} */
let author;
before(async () => {
  const site = await madeSite();
  const { out, catalog } = await build(site);
  forget(out);
  shop = await Shop.open(site);
  author = new Visitor(shop);
  await signIn(author, catalog.site.authors[0]);
});
after(async () => {
  await shop?.close();
  if (shop) forget(shop.site);
});

const event = (/** @type {object} */ fields) => ({ id: randomUUID(), type: 'page_view', at: new Date().toISOString(), path: '/', ...fields });
const send = (/** @type {Visitor} */ visitor, /** @type {object[]} */ events, headers = {}) => visitor.post(EVENTS, { events }, headers);
const summary = async () => {
  const answer = await author.get('/api/metrics/summary');
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
};
const viewsOf = async (/** @type {string} */ path) => (await summary()).views.find((/** @type {any} */ one) => one.path === path)?.views ?? 0;

test('the summary is for the author', async () => {
  (await new Visitor(shop).get('/api/metrics/summary')).refuses(401);
  const learner = new Visitor(shop);
  await signIn(learner, someone());
  (await learner.get('/api/metrics/summary')).refuses(404);
});

const REPORT = '/api/metrics/report';
const page = (/** @type {Visitor} */ visitor, path = REPORT, headers = {}) => visitor.get(path, { accept: 'text/html', ...headers });

test('the report is for the author: a page without script under a policy that allows none, in two languages, or the figures', async () => {
  (await new Visitor(shop).get(REPORT)).refuses(401);
  assert.equal((await page(new Visitor(shop))).status, 401);
  const learner = new Visitor(shop);
  await signIn(learner, someone());
  (await learner.get(REPORT)).refuses(404);
  const figures = await author.get(REPORT);
  assert.equal(figures.status, 200, figures.text);
  assert.equal(figures.json.MRR.identity_holds, true);
  for (const [language, title] of [['en', 'Report'], ['zh', '数据报告']]) {
    const answer = await page(author, REPORT, { 'accept-language': language });
    assert.equal(answer.status, 200, answer.text);
    assert.match(answer.text, new RegExp(`<html lang="${language}">.*<h1>${title}</h1>`, 's'));
    assert.ok(!/<script|<style|style="/.test(answer.text));
    const policy = String(answer.headers['content-security-policy']);
    assert.ok(policy.includes("default-src 'none'") && !policy.includes('unsafe') && !policy.includes('script-src'), policy);
    const style = await new Visitor(shop).get(/<link rel="stylesheet" href="([^"]+)">/.exec(answer.text)?.[1] ?? '/none');
    assert.deepEqual([style.status, style.headers['content-type']], [200, 'text/css; charset=utf-8']);
    assert.equal(answer.headers['cache-control'], 'no-store');
  }
  for (const month of ['2026-13', 'June', '1999-01', '9999-12']) (await author.get(`${REPORT}?month=${month}`)).refuses(404);
  const now = new Date().toISOString().slice(0, 7);
  assert.equal((await author.get(`${REPORT}?month=${now}`)).status, 200);
});

test('the report of a month has what the records and the ledger say', async () => {
  const report = async () => (await author.get(REPORT)).json;
  const before = await report();
  const buyer = new Visitor(shop);
  const email = someone();
  await buy(buyer, email);
  await signIn(buyer, email);
  await send(buyer, [event({ path: LOCKED, utm_source: 'letter' }), event({ type: 'watch', lesson: `${COURSE}/locked`, from: 0, to: 1 }), event({ type: 'csat', course: COURSE, score: 5 })]);
  const after = await report();
  assert.equal(after.takings.USD.net - (before.takings.USD?.net ?? 0), 4900);
  assert.equal(after.revenue.orders - before.revenue.orders, 1);
  assert.equal(after.CSAT_answers - before.CSAT_answers, 1);
  const views = (/** @type {any} */ of) => of.sources.find((/** @type {any} */ one) => one.source === 'letter')?.views ?? 0;
  assert.equal(views(after) - views(before), 1);
  const fresh = Object.keys(after.F_i).filter((id) => !(id in before.F_i));
  assert.equal(fresh.length, 1, 'one more learner');
  assert.match(fresh[0], /^[0-9a-f]{32}$/);
  assert.equal(after.F_i[fresh[0]].components.csat, 1);
  assert.equal(after.lessons_started[fresh[0]], 1);
  assert.ok(!JSON.stringify(after).includes(email));
});

test('an event counts once, however often and in how many batches it comes', async () => {
  const visitor = new Visitor(shop);
  const before = await viewsOf(LOCKED);
  const one = event({ path: LOCKED });
  const batch = [one, event({ path: LOCKED }), one];
  for (const events of [batch, batch, [one], [one, event({ path: LOCKED })]]) assert.equal((await send(visitor, events)).status, 202);
  await Promise.all(Array.from({ length: 20 }, () => send(new Visitor(shop), batch)));
  assert.equal(await viewsOf(LOCKED), before + 3);
});

test('what is no fact of this site is dropped and counted, the rest of its batch is kept', async () => {
  const before = await summary();
  const views = await viewsOf(`/courses/${COURSE}/`);
  const lesson = `${COURSE}/locked`;
  const bad = [
    event({ path: '/nosuch/' }), event({ path: `/${'x'.repeat(2000)}` }), event({ path: 5 }), event({ type: 'nosuch' }), event({ id: '' }),
    event({ at: new Date(Date.now() + 6 * 60_000).toISOString() }), event({ at: 'yesterday' }),
    event({ type: 'watch', lesson, from: -5, to: 10 }), event({ type: 'watch', lesson, from: 10, to: 5 }), event({ type: 'watch', lesson, from: 0, to: 1e9 }),
    event({ type: 'purchase', amount: 4900, currency: 'USD' }), event({ type: 'refund' }), event({ type: 'active' }), event({ type: 'checkout_start', offer: COURSE }),
    event({ type: 'csat', course: COURSE, score: 5 }), 'text', null, 7,
  ];
  const answer = await send(new Visitor(shop), /** @type {object[]} */ ([...bad, event({ path: `/courses/${COURSE}/` })]));
  assert.equal(answer.status, 202, answer.text);
  const after = await summary();
  assert.equal(after.dropped - before.dropped, bad.length);
  assert.equal(await viewsOf(`/courses/${COURSE}/`), views + 1);
  assert.deepEqual(after.sales, before.sales);
  assert.deepEqual(after.funnel.checkouts, before.funnel.checkouts);
});

test('a batch that is none is told apart by kind', async () => {
  const visitor = new Visitor(shop);
  (await send(visitor, Array.from({ length: 51 }, () => event({})))).refuses(422);
  (await visitor.send('POST', EVENTS, { body: JSON.stringify({ events: [], pad: 'x'.repeat(66_000) }), headers: { 'content-type': 'application/json' } })).refuses(413);
  (await visitor.send('POST', EVENTS, { body: '{', headers: { 'content-type': 'application/json' } })).refuses(400);
  (await visitor.send('POST', EVENTS, { body: '{}', headers: { 'content-type': 'text/plain' } })).refuses(415);
  (await send(visitor, [event({})], { origin: 'https://evil.example' })).refuses(400, 'origin');
});

test('who asks not to be counted is not', async () => {
  const before = await viewsOf('/');
  for (const wish of [{ dnt: '1' }, { 'sec-gpc': '1' }]) {
    const answer = await send(new Visitor(shop), [event({})], wish);
    assert.equal(answer.status, 204);
  }
  assert.equal(await viewsOf('/'), before);
});

test('a sale and its refund show in the summary, a lesson that was read as started, then finished', async () => {
  const buyer = new Visitor(shop);
  const email = someone();
  const before = (await summary()).sales.find((/** @type {any} */ one) => one.currency === 'USD') ?? { gross: 0, refunds: 0, net: 0, orders: 0 };
  const id = await buy(buyer, email);
  await signIn(buyer, email);
  const lessonOf = async () => (await summary()).lessons.find((/** @type {any} */ one) => one.lesson === `${COURSE}/locked`);
  const unread = await lessonOf();
  const seconds = (await build(shop.site).then(({ out, catalog }) => (forget(out), catalog))).courses.find((/** @type {any} */ one) => one.id === COURSE).lessons[1].seconds;
  const watch = (/** @type {number} */ from, /** @type {number} */ to) => send(buyer, [event({ type: 'watch', lesson: `${COURSE}/locked`, from, to })]);
  await watch(0, 1);
  assert.equal((await lessonOf()).started, unread.started + 1);
  assert.equal((await lessonOf()).finished, unread.finished);
  await watch(0, seconds);
  assert.equal((await lessonOf()).finished, unread.finished + 1);
  const { progress } = (await buyer.get('/api/access/me')).json;
  assert.equal(progress[0].lesson, 'locked');
  assert.ok(progress[0].coverage >= 0.9 && progress[0].finished_at, JSON.stringify(progress));

  await shop.dev(`till/payments/${await paymentOf(shop, id)}/refund`, { amount: 900 });
  await until('the refund is booked', async () => {
    await statusOf(buyer, id);
    return (await summary()).recent.some((/** @type {any} */ one) => one.kind === 'refund' && one.amount === 900);
  });
  const sold = (await summary()).sales.find((/** @type {any} */ one) => one.currency === 'USD');
  assert.deepEqual([sold.gross - before.gross, sold.refunds - before.refunds, sold.net - before.net, sold.orders - before.orders], [4900, 900, 4000, 1]);
});

test('who looks leaves no user agent behind, who buys no address in the log', async () => {
  const agent = `Strange-Browser/${randomUUID()}`;
  const email = someone();
  const visitor = new Visitor(shop);
  await send(visitor, [event({})], { 'user-agent': agent });
  await visitor.post('/api/checkout/sessions', { offer: COURSE }, { 'user-agent': agent });
  await buy(visitor, email);
  await signIn(visitor, email);
  const files = readdirSync(shop.state, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.ok(files.length > 0);
  for (const entry of files) {
    const bytes = readFileSync(join(entry.parentPath ?? entry.path, entry.name));
    assert.ok(!bytes.includes(agent), entry.name);
  }
  for (const secret of [agent, email]) assert.ok(!shop.said.includes(secret), `${secret} in the log`);
});
