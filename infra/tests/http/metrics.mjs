// Usage events in, the author's summary out: what is no fact of this site is dropped, and nothing is
// counted twice or against somebody's wish. M01 to M08 are rows of a list of bad input.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { tuition } from '../lib/binary.mjs';
import { LOCKED, buy, paymentOf, signIn, someone, statusOf } from '../lib/buying.mjs';
import { Shop } from '../lib/shop.mjs';
import { COURSE, build, forget, madeSite } from '../lib/sites.mjs';
import { rows } from '../lib/tables.mjs';
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

test('M04: an event counts once, however often and in how many batches it comes', async () => {
  const visitor = new Visitor(shop);
  const before = await viewsOf(LOCKED);
  const one = event({ path: LOCKED });
  const batch = [one, event({ path: LOCKED }), one];
  for (const events of [batch, batch, [one], [one, event({ path: LOCKED })]]) assert.equal((await send(visitor, events)).status, 202);
  await Promise.all(Array.from({ length: 20 }, () => send(new Visitor(shop), batch)));
  assert.equal(await viewsOf(LOCKED), before + 3);
});

test('M01, M05: what is no fact of this site is dropped and counted, the rest of its batch is kept', async () => {
  const before = await summary();
  const views = await viewsOf(`/courses/${COURSE}/`);
  const lesson = `${COURSE}/locked`;
  const bad = [
    event({ path: '/nosuch/' }), event({ path: `/${'x'.repeat(2000)}` }), event({ path: 5 }), event({ type: 'nosuch' }), event({ id: '' }), event({ path: '/%ff/' }),
    event({ type: 'finish', lesson: `${COURSE}/nosuch` }), event({ type: 'copy', lesson, block: 0 }), event({ type: 'run', lesson, block: 1e9 }), event({ type: 'question', lesson }), event({ type: 'comment', lesson }),
    event({ type: 'search', query: ' ', hits: 0 }), event({ type: 'search', query: 'x'.repeat(1001), hits: 0 }), event({ type: 'search', query: 'words', hits: -1 }),
    event({ type: 'link_out', host: '203.0.113.7' }), event({ type: 'link_out', host: 'a/b' }), event({ type: 'link_out', host: '' }),
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

test('M01: bytes that are no UTF-8 spoil their own event alone', async () => {
  const views = await viewsOf('/');
  const [bad, good] = [event({ path: '/?/' }), event({})].map((one) => JSON.stringify(one));
  const body = Buffer.from(`{"events":[${bad},${good}]}`);
  body[body.indexOf('?')] = 0xff;
  const answer = await new Visitor(shop).send('POST', EVENTS, { body, headers: { 'content-type': 'application/json' } });
  assert.deepEqual([answer.status, answer.json], [202, { accepted: 1, dropped: 1, left_out: 0 }]);
  assert.equal(await viewsOf('/'), views + 1);
});

test('members that are not known, too long or lead to a person are left out and counted, their event is kept', async () => {
  const before = await summary();
  const views = await viewsOf('/');
  const answer = await send(new Visitor(shop), [
    event({ title: 'Home', width: 1280 }), event({ utm_source: 'x'.repeat(101), utm_medium: 'email', utm_term: 'call +1 (555) 123-4567' }), event({ referrer: 'https://mail.example/?to=ada@example.org' }),
  ]);
  assert.deepEqual(answer.json, { accepted: 3, dropped: 0, left_out: 5 });
  assert.equal((await summary()).left_out - before.left_out, 5);
  assert.equal((await summary()).dropped, before.dropped);
  assert.equal(await viewsOf('/'), views + 3);
});

test('who says that they are a robot is counted as dropped', async () => {
  const before = await summary();
  const answer = await send(new Visitor(shop), [event({}), event({})], { 'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)' });
  assert.deepEqual(answer.json, { accepted: 0, dropped: 2, left_out: 0 });
  assert.equal((await summary()).dropped - before.dropped, 2);
});

test('M02: a batch that is none is told apart by kind', async () => {
  const visitor = new Visitor(shop);
  (await send(visitor, Array.from({ length: 51 }, () => event({})))).refuses(422);
  (await visitor.send('POST', EVENTS, { body: JSON.stringify({ events: [], pad: 'x'.repeat(66_000) }), headers: { 'content-type': 'application/json' } })).refuses(413);
  (await visitor.send('POST', EVENTS, { body: '{', headers: { 'content-type': 'application/json' } })).refuses(400);
  (await visitor.send('POST', EVENTS, { body: '{}', headers: { 'content-type': 'text/plain' } })).refuses(415);
  (await send(visitor, [event({})], { origin: 'https://evil.example' })).refuses(400, 'origin');
});

test('M03: who asks not to be counted is not', async () => {
  const before = await summary();
  for (const wish of [{ dnt: '1' }, { 'sec-gpc': '1' }]) {
    const answer = await send(new Visitor(shop), [event({})], wish);
    assert.equal(answer.status, 204);
  }
  // Nothing at all: neither what came nor that something came.
  assert.deepEqual(await summary(), before);
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

/** Every byte that the shop keeps or said. */
function kept() {
  const files = readdirSync(shop.state, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.ok(files.length > 0);
  const all = files.map((entry) => ({ name: entry.name, bytes: readFileSync(join(entry.parentPath ?? entry.path, entry.name)) }));
  return [...all, { name: 'the log', bytes: Buffer.from(shop.log) }];
}

test('M07: of who looks and searches, neither table nor log nor report nor export has address, user agent or e-mail', async () => {
  const [mark, other] = [randomUUID().slice(0, 8), randomUUID().slice(0, 8)];
  const agent = `Strange-Browser/${mark}`;
  const planted = { agent, mail: `ada-${mark}@mail.example`, other: `${other}@planted.example`, address: '203.0.113.77', network: '203.0.113.', six: '2001:db8:77::7', phone: '0171-5550199-88', query: `q${mark}` };
  const headers = { 'user-agent': agent, 'x-forwarded-for': `${planted.address}, 198.51.100.1`, 'cloudfront-viewer-address': `${planted.address}:443`, referer: `https://mail.example/?to=${planted.mail}` };
  const visitor = new Visitor(shop);
  await signIn(visitor, someone());
  const texts = [planted.mail, planted.other.replace('@', '%40'), planted.address, planted.six, planted.phone, `Mozilla/5.0 ${planted.query}`, agent];
  const tags = ['utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content'];
  const events = texts.flatMap((text) => [
    event({ type: 'search', query: `who is ${text}`, hits: 1 }), event({ type: 'search', query: text.toUpperCase(), hits: 1 }), event({ type: 'link_out', host: text }),
    event({ referrer: text, ...Object.fromEntries(tags.map((tag) => [tag, `from ${text}`])) }), event({ referrer: `https://search.example/?q=${text}` }),
  ]);
  const views = await viewsOf('/');
  const answer = await send(visitor, events, headers);
  assert.equal(answer.status, 202);
  assert.equal(answer.json.accepted, 2 * texts.length, answer.text);
  assert.equal(answer.json.left_out, texts.length * (1 + tags.length + 1), answer.text);
  assert.equal(await viewsOf('/') - views, 2 * texts.length);
  await visitor.post('/api/checkout/sessions', { offer: COURSE }, headers);
  const buyer = someone();
  await buy(new Visitor(shop), buyer);

  const folder = mkdtempSync(join(tmpdir(), 'tuition-report-'));
  const file = join(folder, 'events.jsonl');
  for (const command of [['metrics', 'export', '--out', file], ['report', '--out', folder]]) {
    const done = await tuition(...command, '--site', shop.site, '--state', shop.state);
    assert.equal(done.code, 0, done.stderr);
  }
  const month = await author.get(REPORT);
  const made = readdirSync(folder).map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));
  assert.ok(made.length > 4 && made.some(({ name, bytes }) => name === 'events.jsonl' && bytes.includes('page_view')));
  rmSync(folder, { recursive: true, force: true });
  // Mails and orders have the address of who bought; usage and reports may not.
  const places = [...made, { name: 'the report of the month', bytes: Buffer.from(month.text) }];
  for (const { name, bytes } of [...kept(), ...places]) {
    const text = bytes.toString('latin1').toLowerCase();
    for (const [what, secret] of Object.entries(planted)) assert.ok(!text.includes(secret.toLowerCase()), `${what} in ${name}`);
  }
  for (const { name, bytes } of places) assert.ok(!bytes.includes(buyer), `the buyer's address in ${name}`);
  assert.ok(!shop.log.includes(buyer));
});

test('M06: what a spreadsheet would take for a formula is prefixed in tables, and comes back as it was', async () => {
  const sources = ['=1+1', '+cmd|x', '-2+3', '@SUM(A1)', 'a,"b"', 'plain'];
  await send(new Visitor(shop), sources.map((utm_source) => event({ utm_source })));
  await send(new Visitor(shop), sources.map((query) => event({ type: 'search', query, hits: 0 })));
  // A browser can't bring in a tab or a carriage return at all.
  assert.equal((await send(new Visitor(shop), ['\t=1', '\r=1'].map((utm_source) => event({ utm_source })))).json.left_out, 2);
  const folder = mkdtempSync(join(tmpdir(), 'tuition-report-'));
  const done = await tuition('report', '--out', folder, '--site', shop.site, '--state', shop.state);
  assert.equal(done.code, 0, done.stderr);
  for (const name of ['sources.csv', 'searches.csv']) {
    const cells = readFileSync(join(folder, name), 'utf8').split('\r\n').map((line) => /^(?:"((?:[^"]|"")*)"|([^,]*))/.exec(line)).map((found) => found?.[1]?.replaceAll('""', '"') ?? found?.[2] ?? '');
    for (const cell of cells) assert.doesNotMatch(cell, /^[=+\-@\t\r]/, name);
    const read = cells.map((cell) => cell.replace(/^'(?=[=+\-@\t\r])/, ''));
    for (const source of sources) assert.ok(read.includes(name === 'searches.csv' ? source.toLowerCase() : source), `${source} in ${name}: ${cells.join(' ')}`);
  }
  rmSync(folder, { recursive: true, force: true });
});

/** Memory of the server, in MB. */
const memory = () => Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${shop.child?.pid}/status`, 'utf8'))?.[1]) / 1024;

test('M08: made-up paths make no new counters, and no memory is kept of them', async (t) => {
  const visitor = new Visitor(shop);
  const made = Number(process.env.MADE_UP_PATHS ?? 20_000);
  const batches = made / 50;
  /** @param {number} count */
  const flood = async (count) => {
    let left = count;
    await Promise.all(Array.from({ length: 4 }, async () => {
      while ((left -= 1) >= 0) {
        const answer = await send(visitor, Array.from({ length: 50 }, () => event({ path: `/${randomUUID()}/` })));
        assert.deepEqual(answer.json, { accepted: 0, dropped: 50, left_out: 0 });
      }
    }));
  };
  const before = await summary();
  const began = Date.now();
  await flood(Math.min(100, batches / 4));
  const megabytes = memory();
  const stored = await rows(shop);
  await flood(batches - Math.min(100, batches / 4));
  const after = await summary();
  assert.equal(after.dropped - before.dropped, made);
  assert.deepEqual(after.views, before.views);
  const now = await rows(shop);
  t.diagnostic(`${made} paths: ${now.length - stored.length} rows more, ${(memory() - megabytes).toFixed(1)} MB more in memory`);
  // The limit for a network is a row a minute, which is gone two minutes later; what was dropped is counted in eight at most.
  const minutes = Math.ceil((Date.now() - began) / 60_000) + 1;
  assert.ok(now.length - stored.length <= 8 + minutes, `${now.length - stored.length} rows more`);
  const length = (/** @type {string[]} */ all) => all.reduce((sum, row) => sum + row.length, 0);
  assert.ok(length(now) - length(stored) < 300 * (8 + minutes), `${length(now) - length(stored)} bytes more`);
  assert.ok(memory() - megabytes < 48, `${memory() - megabytes} MB more in memory`);
});

test('who has a course rates it by a plain form on its page, once a day, and not against their wish', async () => {
  const path = `/courses/${COURSE}/`;
  const form = /action="\/api\/metrics\/ratings"/;
  const buyer = new Visitor(shop);
  assert.doesNotMatch((await buyer.get(path)).text, form, 'who has not bought it is not asked');
  await buy(buyer, someone());
  assert.match((await buyer.get(path)).text, form);
  const answers = async () => {
    const { CSAT_answers, NPS_answers } = (await author.get(REPORT)).json;
    return [CSAT_answers, NPS_answers];
  };
  const [csat, nps] = await answers();
  const rating = { course: COURSE, csat: '4', nps: '', next: path };
  const rate = (/** @type {Record<string, string>} */ fields, headers = {}) => buyer.send('POST', '/api/metrics/ratings', {
    body: new URLSearchParams(fields).toString(), headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html', ...headers },
  });
  const thanks = await rate(rating);
  assert.equal(thanks.status, 200, thanks.text);
  assert.match(thanks.text, new RegExp(`Thank you.*href="${path}"`, 's'));
  assert.deepEqual(await answers(), [csat + 1, nps]);
  await rate(rating);
  await rate({ ...rating, csat: '', nps: '10' });
  assert.deepEqual(await answers(), [csat + 1, nps + 1]);
  assert.match((await rate({ ...rating, csat: '1' }, { dnt: '1' })).text, /nothing was kept/);
  for (const bad of [{ csat: '6' }, { csat: '4.5' }, { csat: '', nps: '' }, { nps: '11' }]) assert.equal((await rate({ ...rating, ...bad })).status, 400, JSON.stringify(bad));
  assert.equal((await rate({ ...rating, course: 'nosuch' })).status, 404);
  const stranger = await new Visitor(shop).submit('/api/metrics/ratings', rating);
  assert.equal(stranger.status, 401);
  assert.deepEqual(await answers(), [csat + 1, nps + 1]);
});

test('what a reader finishes, copies, runs, searches and follows is kept, in order or not, and finishing counts once', async () => {
  const reader = new Visitor(shop);
  await signIn(reader, someone());
  const lesson = `${COURSE}/locked`;
  const facts = [
    event({ type: 'finish', lesson }), event({ type: 'finish', lesson }), event({ type: 'copy', lesson, block: 1 }), event({ type: 'run', lesson, block: 1 }),
    event({ type: 'search', query: `  ${'Ünïcode '.repeat(20)}`, hits: 3 }), event({ type: 'link_out', host: 'doc.rust-lang.org:443' }),
  ];
  const asked = await reader.post('/api/comments', { lesson: `${COURSE}/open`, body: 'Why twice a day?', question: true });
  assert.equal(asked.status, 201, asked.text);
  const answer = await send(reader, facts);
  assert.deepEqual(answer.json, { accepted: facts.length, dropped: 0, left_out: 0 });
  await send(reader, [event({ type: 'finish', lesson })]);
  const { events } = (await reader.get('/api/access/me/export')).json;
  const ofKind = (/** @type {string} */ type) => events.filter((/** @type {any} */ one) => one.type === type);
  assert.equal(new Set(ofKind('finish').map((/** @type {any} */ one) => one.id)).size, 1);
  assert.deepEqual([...ofKind('copy'), ...ofKind('run')].map((/** @type {any} */ one) => [one.lesson, one.block]), [[lesson, 1], [lesson, 1]]);
  // What somebody looks for is nobody's in particular.
  assert.deepEqual([...ofKind('search'), ...ofKind('link_out'), ...ofKind('page_view')], []);
  const folder = mkdtempSync(join(tmpdir(), 'tuition-export-'));
  const file = join(folder, 'events.jsonl');
  assert.equal((await tuition('metrics', 'export', '--out', file, '--site', shop.site, '--state', shop.state)).code, 0);
  const records = readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  rmSync(folder, { recursive: true, force: true });
  const search = records.find(({ type, hits }) => type === 'search' && hits === 3);
  assert.ok(search.visitor && !search.learner && search.query.length <= 64 && search.query.startsWith('ünïcode ünïcode'), JSON.stringify(search));
  // Questions come from the comments.
  const { id } = (await reader.get('/api/access/me')).json;
  assert.deepEqual(records.filter(({ type }) => type === 'question').map(({ learner, lesson, id }) => [learner, lesson, id]), [[id, `${COURSE}/open`, `comment/${asked.json.id}`]]);
  const link = records.find(({ type }) => type === 'link_out');
  assert.deepEqual([link.host, link.learner], ['doc.rust-lang.org', undefined]);
});
