// `kill -9` in the middle: whatever was acknowledged is there after a restart on the same state.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { tuition } from '../lib/binary.mjs';
import { buy, isWhole, open, pay, signIn, someone, statusOf } from '../lib/buying.mjs';
import { Shop } from '../lib/shop.mjs';
import { COURSE, forget, madeSite } from '../lib/sites.mjs';
import { until } from '../lib/until.mjs';
import { Visitor } from '../lib/visitor.mjs';

const LESSON = `${COURSE}/locked`;

/** @type {Shop} */
let shop;
before(async () => (shop = await Shop.open(await madeSite())));
after(async () => {
  await shop?.close();
  if (shop) forget(shop.site);
});

async function killAndStart() {
  await shop.kill();
  await shop.start();
}

async function thread(/** @type {Visitor} */ visitor) {
  const bodies = [];
  let cursor = '';
  for (;;) {
    const page = (await visitor.get(`/api/comments?lesson=${LESSON}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`)).json;
    bodies.push(...page.comments.map((/** @type {any} */ one) => one.id));
    if (!page.next) return bodies;
    cursor = page.next;
  }
}

test('a purchase, a session, a comment and a mail outlive the server', async () => {
  const email = someone();
  const buyer = new Visitor(shop);
  const phone = new Visitor(shop);
  const id = await buy(buyer, email);
  await signIn(phone, email);
  const posted = await buyer.post('/api/comments', { lesson: LESSON, body: 'Still here?' });
  assert.equal(posted.status, 201, posted.text);
  const mails = (await shop.mailsTo(email)).map((/** @type {any} */ mail) => mail.id);
  const now = await shop.advance(120);

  await killAndStart();

  assert.equal(await statusOf(buyer, id), 'paid');
  assert.equal(await isWhole(buyer), true);
  assert.equal(await isWhole(phone), true);
  assert.equal((await phone.get('/api/access/me')).json.email, email);
  assert.deepEqual(await thread(buyer), [posted.json.id]);
  assert.deepEqual((await shop.mailsTo(email)).map((/** @type {any} */ mail) => mail.id), mails);
  assert.ok(await shop.advance(0) >= now, 'the clock does not go back');
});

test('killed between payment and return: the order is paid after the restart, with one receipt', async () => {
  const email = someone();
  const buyer = new Visitor(shop);
  const id = await open(buyer);
  await pay(shop, id, email);
  await killAndStart();
  await until('the order is paid', async () => (await statusOf(buyer, id)) === 'paid');
  assert.equal(await isWhole(buyer), true);
  const mails = await until('the receipt', async () => {
    const all = await shop.mailsTo(email);
    return all.length > 0 && all;
  });
  await shop.advance(300);
  await until('all events are taken', async () => (await shop.events()).every((/** @type {any} */ event) => event.deliveries.some((/** @type {any} */ one) => one.status === 200)));
  assert.equal((await shop.mailsTo(email)).length, mails.length);
  assert.equal(mails.length, 1);
});

test('of many comments and sign-in links under way at the kill, those acknowledged are there', async () => {
  const buyer = new Visitor(shop);
  await buy(buyer, someone());
  for (let round = 0; round < 3; round += 1) {
    const posted = /** @type {string[]} */ ([]);
    const mailed = /** @type {string[]} */ ([]);
    let hasDied = false;
    const post = async () => {
      while (!hasDied) {
        const email = someone();
        const comment = await buyer.post('/api/comments', { lesson: LESSON, body: `Round ${round}` });
        if (comment.status === 201) posted.push(comment.json.id);
        const link = await buyer.post('/api/access/links', { email });
        if (link.status === 202) mailed.push(email);
      }
    };
    // A connection that breaks off is no acknowledgement.
    const workers = Array.from({ length: 4 }, () => post().catch(() => {}));
    await until('some are acknowledged', () => posted.length > 10 && mailed.length > 10, 60);
    await shop.kill();
    hasDied = true;
    await Promise.all(workers);
    await shop.start();

    const kept = new Set(await thread(buyer));
    assert.deepEqual(posted.filter((id) => !kept.has(id)), [], `comments lost in round ${round}`);
    for (const email of mailed) assert.equal((await shop.mailsTo(email)).length, 1, `mail lost in round ${round}`);
  }
});

test('a thousand comments by eight clients and five kills: every acknowledged one is there exactly once', async () => {
  const MOST = 1000;
  const writers = Array.from({ length: 8 }, () => new Visitor(shop));
  await Promise.all(writers.map((writer) => buy(writer, someone())));
  const before = new Set(await thread(writers[0]));
  const posted = /** @type {string[]} */ ([]);
  const clients = writers.map(async (writer, client) => {
    for (let n = 0; posted.length < MOST; n += 1) {
      try {
        const answer = await writer.post('/api/comments', { lesson: LESSON, body: `${client} says ${n}` });
        // While it dies or comes up it may say that it can't.
        assert.ok(answer.status === 201 || answer.status >= 500, `${answer.status}: ${answer.text}`);
        if (answer.status === 201) posted.push(answer.json.id);
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        await new Promise((done) => setTimeout(done, 20));
      }
    }
  });
  const all = Promise.all(clients);
  for (let kill = 1; kill <= 5; kill += 1) {
    await until('some are acknowledged', () => posted.length >= (MOST * kill) / 6, 300);
    await killAndStart();
  }
  await all;
  const kept = await thread(writers[0]);
  assert.equal(new Set(kept).size, kept.length, 'no comment stands twice');
  assert.equal(new Set(posted).size, posted.length, 'no id is given twice');
  const there = new Set(kept);
  assert.deepEqual(posted.filter((id) => !there.has(id)), [], 'none is lost');
  // One that was written when the answer was lost may be there besides: at most one for each client and kill.
  const unheard = kept.filter((id) => !before.has(id)).length - posted.length;
  assert.ok(unheard >= 0 && unheard <= 8 * 5, `${unheard} that nobody was told of`);
});

test('eight buyers and five kills: every acknowledged purchase opens its lesson', async () => {
  const buyers = Array.from({ length: 8 }, () => ({ visitor: new Visitor(shop), email: someone(), id: '', paid: false }));
  let over = false;
  /** Each step is tried until it is acknowledged, whatever dies meanwhile. @param {() => Promise<any>} step */
  const insist = async (step) => {
    for (;;) {
      try {
        return await step();
      } catch (error) {
        // A server that is being killed answers nothing; an answer that is wrong is a fault.
        if (error instanceof assert.AssertionError) throw error;
        if (over && shop.child?.exitCode !== null) throw error;
        await until('it is up again', () => shop.child?.exitCode === null && shop.child?.signalCode === null && shop.origin !== '');
      }
    }
  };
  const purchase = async (/** @type {(typeof buyers)[number]} */ buyer) => {
    buyer.id = await insist(() => open(buyer.visitor));
    await insist(async () => {
      try {
        await pay(shop, buyer.id, buyer.email);
      } catch (error) {
        // Paid before the kill, and the answer was lost.
        if (!/session_not_open|not_open|complete/i.test(String(error))) throw error;
      }
    });
    await insist(() => until('the order is paid', async () => (await statusOf(buyer.visitor, buyer.id)) === 'paid'));
    buyer.paid = true;
  };
  const all = Promise.all(buyers.map(purchase));
  for (let kill = 0; kill < 5; kill += 1) {
    await until('something was done', () => buyers.filter((buyer) => buyer.id !== '').length > kill || buyers.every((buyer) => buyer.paid));
    await killAndStart();
  }
  over = true;
  await all;
  // A receipt whose sender was killed is due when its lease is over.
  await shop.advance(300);
  await shop.dev('jobs/outbox', {});
  for (const buyer of buyers) {
    assert.equal(await isWhole(buyer.visitor), true);
    await signIn(buyer.visitor, buyer.email);
    const me = (await buyer.visitor.get('/api/access/me')).json;
    assert.equal(me.entitlements.length, 1, JSON.stringify(me));
    const receipts = (await shop.mailsTo(buyer.email)).filter((/** @type {any} */ mail) => !mail.text.includes('/api/access/links/'));
    const keys = new Set(receipts.map((/** @type {any} */ mail) => JSON.stringify(mail.headers)));
    assert.equal(keys.size, 1, JSON.stringify(receipts));
  }
});

test('eight writers of usage events and five kills: what was acknowledged is stored, and at most what was in flight besides', async (t) => {
  const MOST = 8 * Number(process.env.EVENTS_OF_A_WRITER ?? 500);
  const BATCH = 25;
  const acknowledged = /** @type {Set<string>} */ (new Set());
  let inFlight = 0;
  const writers = Array.from({ length: 8 }, async () => {
    const visitor = new Visitor(shop);
    while (acknowledged.size < MOST) {
      const at = new Date(Date.now() - 1000).toISOString();
      const events = Array.from({ length: BATCH }, () => ({ id: randomUUID(), type: 'page_view', at, path: '/' }));
      // As from a browser: a batch that was lost is not sent again.
      try {
        const answer = await visitor.post('/api/metrics/events', { events });
        // While it dies or comes up it may say that it can't.
        assert.ok(answer.status === 202 || answer.status >= 500, `${answer.status}: ${answer.text}`);
        if (answer.status === 202) {
          assert.equal(answer.json.accepted, BATCH, answer.text);
          for (const { id } of events) acknowledged.add(id);
        } else {
          inFlight += BATCH;
        }
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        // Who is not let in at all has nothing under way.
        if (/** @type {any} */ (error).code !== 'ECONNREFUSED') inFlight += BATCH;
        await new Promise((done) => setTimeout(done, 20));
      }
    }
  });
  const all = Promise.all(writers);
  for (let kill = 1; kill <= 5; kill += 1) {
    await until('some are acknowledged', () => acknowledged.size >= (MOST * kill) / 6, 300);
    await killAndStart();
  }
  await all;
  const folder = mkdtempSync(join(tmpdir(), 'tuition-export-'));
  const file = join(folder, 'events.jsonl');
  const done = await tuition('metrics', 'export', '--out', file, '--site', shop.site, '--state', shop.state);
  assert.equal(done.code, 0, done.stderr);
  const records = readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line)).filter(({ type }) => type === 'page_view');
  rmSync(folder, { recursive: true, force: true });
  const stored = new Set(records.map(({ id }) => id));
  t.diagnostic(`${acknowledged.size} acknowledged, ${stored.size} stored, ${inFlight} in flight at a kill`);
  assert.equal(stored.size, records.length, 'none is stored twice');
  assert.deepEqual([...acknowledged].filter((id) => !stored.has(id)), [], 'none is lost');
  assert.ok(stored.size - acknowledged.size <= inFlight, `${stored.size - acknowledged.size} that nobody was told of`);
  assert.ok(inFlight <= 2 * 8 * 5 * BATCH, `${inFlight} in flight`);
});
