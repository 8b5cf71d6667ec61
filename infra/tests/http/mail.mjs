// Mail that comes back: an address that does not exist, or whose owner complains, gets no more.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { askForLink, buy, isWhole, someone } from '../lib/buying.mjs';
import { Shop } from '../lib/shop.mjs';
import { forget, madeSite } from '../lib/sites.mjs';
import { until } from '../lib/until.mjs';
import { Visitor } from '../lib/visitor.mjs';

/** @type {Shop} */
let shop;
before(async () => (shop = await Shop.open(await madeSite())));
after(async () => {
  await shop?.close();
  if (shop) forget(shop.site);
});

/** Asks for a link and answers whether a mail came. @param {string} email */
async function isMailed(email) {
  const before = (await shop.mailsTo(email)).length;
  const asked = await new Visitor(shop).post('/api/access/links', { email });
  assert.equal(asked.status, 202, 'the answer tells nobody');
  return (await shop.mailsTo(email)).length > before;
}

test('after a permanent bounce no more mail goes there; after ninety days it is tried again', async () => {
  const email = someone();
  const mail = await askForLink(new Visitor(shop), email);
  await shop.dev(`outbox/${mail.id}/bounce`, { type: 'permanent' });
  await until('the bounce is known', async () => !(await isMailed(email)));
  await shop.advance(91 * 86_400);
  assert.equal(await isMailed(email), true);
});

test('a mailbox that is full today gets the next mail', async () => {
  const email = someone();
  const mail = await askForLink(new Visitor(shop), email);
  await shop.dev(`outbox/${mail.id}/bounce`, { type: 'transient' });
  assert.equal(await isMailed(email), true);
});

test('who complained gets no receipt either, and what they bought opens all the same', async () => {
  const email = someone();
  const mail = await askForLink(new Visitor(shop), email);
  await shop.dev(`outbox/${mail.id}/complaint`, {});
  await until('the complaint is known', async () => !(await isMailed(email)));
  const before = (await shop.mailsTo(email)).length;
  const buyer = new Visitor(shop);
  await buy(buyer, email);
  assert.equal(await isWhole(buyer), true);
  await shop.advance(300);
  assert.deepEqual(await shop.dev('jobs/outbox', {}), { sent: 0 });
  assert.equal((await shop.mailsTo(email)).length, before);
});
