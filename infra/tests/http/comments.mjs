// Comments under a lesson: who may read and write them, and that nothing in them runs.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { buy, signIn, someone } from '../lib/buying.mjs';
import { Shop } from '../lib/shop.mjs';
import { COURSE, OTHER, USUAL_LIMITS, forget, madeSite } from '../lib/sites.mjs';
import { Visitor } from '../lib/visitor.mjs';

const PAID = `${COURSE}/locked`;
const FREE = `${COURSE}/open`;

/** @type {Shop} */
let shop;
/** Bought COURSE. @type {Visitor} */
let buyer;
before(async () => {
  shop = await Shop.open(await madeSite());
  buyer = new Visitor(shop);
  await buy(buyer, someone());
});
after(async () => {
  await shop?.close();
  if (shop) forget(shop.site);
});

const post = (/** @type {Visitor} */ visitor, /** @type {object} */ fields) => visitor.post('/api/comments', { lesson: PAID, body: 'Text', ...fields });
const read = (/** @type {Visitor} */ visitor, lesson = PAID) => visitor.get(`/api/comments?lesson=${lesson}`);

test('C06 a paid lesson\'s thread is for those who may read the lesson; a free one\'s is for all', async () => {
  const stranger = new Visitor(shop);
  const member = new Visitor(shop);
  await signIn(member, someone());
  (await read(stranger)).refuses(401);
  (await post(stranger, {})).refuses(401);
  (await post(stranger, { lesson: FREE })).refuses(401);
  (await read(member)).refuses(404);
  (await post(member, {})).refuses(404);
  (await read(buyer, `${OTHER}/locked`)).refuses(404);
  (await post(buyer, { lesson: `${OTHER}/locked` })).refuses(404);
  assert.equal((await post(member, { lesson: FREE, body: 'Free to ask' })).status, 201);
  assert.ok((await read(stranger, FREE)).text.includes('Free to ask'));
  for (const lesson of ['nosuch/lesson', `${COURSE}/nosuch`, 'x', '', '../x', `${PAID}/x`]) {
    (await read(buyer, encodeURIComponent(lesson))).refuses(404);
    (await post(buyer, { lesson })).refuses(404);
  }
});

test('C01 nothing in a comment runs', async () => {
  const attacks = [
    '<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '<svg onload=alert(1)>', '<svg><script>alert(1)</script></svg>',
    '<math><mtext></p><img src=x onerror=alert(1)>', '[x](javascript:alert(1))', '[x](JaVaScRiPt&colon;alert(1))', '[x](java\tscript:alert(1))',
    '[x](data:text/html,<script>alert(1)</script>)', '![x](javascript:alert(1))', '<a href="vbscript:x">x</a>', '<iframe src="//evil.example">',
    '<object data="x">', '<form action="//evil.example"><button>x</button></form>', '<p style="position:fixed;inset:0">x</p>', '<style>*{display:none}</style>',
    '<base href="//evil.example/">', '<meta http-equiv=refresh content="0;url=//evil.example">', '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<details open ontoggle=alert(1)>x</details>', '<a id="comments" name="x">x</a>', '<input autofocus onfocus=alert(1)>', '<x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>',
  ];
  for (const body of attacks) {
    const answer = await post(buyer, { body: `Before ${body} after` });
    if (answer.status === 422) continue;
    assert.equal(answer.status, 201, `${body}: ${answer.text}`);
    // Tags as a browser would see them: escaped text has none.
    const tags = answer.json.html.match(/<[^>]*>/g) ?? [];
    for (const tag of tags) {
      assert.match(tag, /^<\/?(p|a|em|strong|code|pre|ul|ol|li|blockquote|br|hr|del|h[1-6]|span|table|thead|tbody|tr|th|td|sup|sub|input)\b/i, `${body} → ${tag}`);
      assert.doesNotMatch(tag, /\s(on\w+|style|id|name|srcdoc|autofocus)\s*=|(javascript|vbscript|data):/i, `${body} → ${tag}`);
    }
  }
});

test('C02 a text that cannot be shown is refused, one with direction marks is shown without them', async () => {
  (await post(buyer, { body: 'x'.repeat(4097) })).refuses(413);
  assert.equal((await post(buyer, { body: 'x'.repeat(4096) })).status, 201);
  for (const body of ['', '   \n', '\u200b\u200d\ufeff']) (await post(buyer, { body })).refuses(422, 'empty');
  for (const marks of [4000 / 2, 10_000]) (await post(buyer, { body: `a${'\u0301'.repeat(marks)}` })).refuses(422, 'marks');
  const { html } = (await post(buyer, { body: 'safe \u202eevil\u202c text' })).json;
  assert.doesNotMatch(html, /[\u202a-\u202e\u2066-\u2069]/);
});

test('C03 a text that nests too deep is refused, however it is written', async () => {
  const lists = Array.from({ length: 40 }, (_, depth) => `${'  '.repeat(depth)}- x`).join('\n');
  for (const body of ['>'.repeat(4000), `${'> '.repeat(2000)}x`, `${'- '.repeat(500)}x`, lists]) (await post(buyer, { body })).refuses(422, 'nesting');
  assert.equal((await post(buyer, { body: `${'> '.repeat(10)}still read` })).status, 201);
});

test('C04 an answer belongs below a comment of its own lesson, and only its writer takes it away', async () => {
  const mine = (await post(buyer, { body: 'A question', question: true })).json;
  const reply = await post(buyer, { body: 'An answer', parent: mine.id });
  assert.equal(reply.status, 201, reply.text);
  assert.equal(reply.json.parent, mine.id);
  for (const parent of ['nosuch', '0'.repeat(32)]) (await post(buyer, { parent })).refuses(404);
  (await post(buyer, { lesson: FREE, parent: mine.id })).refuses(422, 'parent');

  const other = new Visitor(shop);
  await buy(other, someone());
  (await other.send('DELETE', `/api/comments/${mine.id}`)).refuses(404);
  const gone = await buyer.send('DELETE', `/api/comments/${mine.id}`);
  assert.equal(gone.status, 204, gone.text);
  const { comments } = (await read(other)).json;
  const shown = comments.find((/** @type {any} */ one) => one.id === mine.id);
  assert.ok(!shown || (shown.deleted && shown.html === ''), JSON.stringify(shown));
  assert.ok(comments.some((/** @type {any} */ one) => one.id === reply.json.id), 'the answer stays');
  (await post(buyer, { parent: mine.id })).refuses(404);
  const change = { body: '{"body":"Back again"}', headers: { 'content-type': 'application/json' } };
  (await buyer.send('PATCH', `/api/comments/${mine.id}`, change)).refuses(404);
  (await other.post(`/api/comments/${mine.id}/report`)).refuses(404);
  assert.equal((await buyer.send('DELETE', `/api/comments/${mine.id}`)).status, 204, 'once more changes nothing');
  assert.ok(!(await read(buyer)).text.includes('A question'));
});

test('a long thread comes in pages, each comment once', async () => {
  const reader = new Visitor(shop);
  await signIn(reader, someone());
  const before = (await read(reader, FREE)).json.count;
  const posted = /** @type {string[]} */ ([]);
  for (let n = 0; n < 120; n += 1) posted.push((await post(reader, { lesson: FREE, body: `Number ${n}` })).json.id);
  const seen = [];
  let cursor = '';
  for (let page = 0; page < 20; page += 1) {
    const answer = (await reader.get(`/api/comments?lesson=${FREE}${cursor}`)).json;
    seen.push(...answer.comments.map((/** @type {any} */ one) => one.id));
    assert.equal(answer.count, before + 120);
    if (!answer.next) break;
    cursor = `&cursor=${encodeURIComponent(answer.next)}`;
  }
  assert.equal(new Set(seen).size, seen.length);
  assert.deepEqual(seen.filter((id) => posted.includes(id)), posted);
});

test('C05 the eleventh post within a minute waits, whatever address it claims', async () => {
  const site = await madeSite({ limits: USUAL_LIMITS });
  const own = await Shop.open(site);
  try {
    const visitor = new Visitor(own);
    await signIn(visitor, someone());
    const statuses = [];
    for (let n = 0; n < 11; n += 1) statuses.push((await post(visitor, { lesson: FREE, body: `${n}` })).status);
    assert.deepEqual(statuses, [...Array(10).fill(201), 429]);
    const spoofed = await visitor.post('/api/comments', { lesson: FREE, body: 'x' }, { 'x-forwarded-for': '203.0.113.1', 'x-tuition-caller': '203.0.113.1' });
    spoofed.refuses(429);
    assert.ok(Number(spoofed.headers['retry-after']) > 0);
    await own.advance(121);
    assert.equal((await post(visitor, { lesson: FREE, body: 'later' })).status, 201);
  } finally {
    await own.close();
    forget(site);
  }
});
