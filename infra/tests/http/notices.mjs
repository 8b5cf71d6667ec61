// Who is told of comments by mail, how one asks for no more, and what an author takes home from them.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { tuition } from '../lib/binary.mjs';
import { signIn, someone } from '../lib/buying.mjs';
import { Shop } from '../lib/shop.mjs';
import { COURSE, build, forget, madeSite } from '../lib/sites.mjs';
import { Visitor } from '../lib/visitor.mjs';

const FREE = `${COURSE}/open`;

/** @type {Shop} */
let shop;
/** @type {Visitor} */
let author;
let authorAddress = '';

before(async () => {
  const site = await madeSite();
  const toml = join(site, 'content/site.toml');
  writeFileSync(toml, `${readFileSync(toml, 'utf8')}\n[comments]\nnotices = "once"\n`);
  const { out, catalog } = await build(site);
  forget(out);
  authorAddress = catalog.site.authors[0];
  shop = await Shop.open(site);
  author = new Visitor(shop);
  await signIn(author, authorAddress);
});
after(async () => {
  await shop?.close();
  if (shop) forget(shop.site);
});

const post = async (/** @type {Visitor} */ visitor, /** @type {object} */ fields) => {
  const answer = await visitor.post('/api/comments', { lesson: FREE, ...fields });
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
};
const decide = (/** @type {string} */ id, /** @type {object} */ decision) => author.post(`/api/comments/${id}/moderation`, decision);
const digests = async () => (await shop.mailsTo(authorAddress)).filter((/** @type {any} */ mail) => /New comments/.test(mail.subject));
const answers = async (/** @type {string} */ email) => (await shop.mailsTo(email)).filter((/** @type {any} */ mail) => /answered you|回复了您/.test(mail.subject));
const header = (/** @type {any} */ mail, /** @type {string} */ name) => {
  const found = Object.entries(mail.headers).find(([key]) => key.toLowerCase() === name.toLowerCase());
  return found ? String(found[1]) : '';
};

test('a question reaches the author, its answer the learner, and both are told of nothing twice', async () => {
  const email = someone();
  const learner = new Visitor(shop);
  await signIn(learner, email);
  const question = await post(learner, { body: 'Why is the sea salt?', question: true });
  await shop.dev('jobs/digests', {});
  const [mail] = await digests();
  assert.ok(mail.text.includes('Why is the sea salt?') && mail.text.includes(`#comment-${question.id}`), mail.text);
  await shop.dev('jobs/digests', {});
  assert.equal((await digests()).length, 1);

  await post(author, { body: 'Rivers bring it. A secret word.', parent: question.id });
  await shop.dev('jobs/outbox', {});
  const [told] = await answers(email);
  assert.ok(told, 'the learner is told');
  assert.ok(told.text.includes('#comment-') && !told.text.includes('secret word'), 'the text is read where one may read it');
  await shop.dev('jobs/outbox', {});
  assert.equal((await answers(email)).length, 1);
  await shop.dev('jobs/digests', {});
  assert.equal((await digests()).length, 1, 'what the author wrote or answered is no news');
});

test('one click in the mail program ends the mails, looking at the link does not', async () => {
  const email = someone();
  const learner = new Visitor(shop);
  await signIn(learner, email);
  const mine = await post(learner, { body: 'Tell me more' });
  await post(author, { body: 'More', parent: mine.id });
  await shop.dev('jobs/outbox', {});
  const [mail] = await answers(email);
  const url = /^<(.+)>$/.exec(header(mail, 'List-Unsubscribe'))?.[1] ?? '';
  assert.ok(url.startsWith(`${shop.origin}/api/comments/unsubscribe?token=`), JSON.stringify(mail.headers));
  assert.equal(header(mail, 'List-Unsubscribe-Post'), 'List-Unsubscribe=One-Click');
  const path = url.slice(shop.origin.length);

  const program = new Visitor(shop);
  const look = await program.get(path, { accept: 'text/html', 'accept-language': 'zh' });
  assert.match(look.text, /<form method="post"/);
  await post(author, { body: 'Even more', parent: mine.id });
  await shop.dev('jobs/outbox', {});
  assert.equal((await answers(email)).length, 2);

  // RFC 8058, section 3.2: no cookie, no Origin.
  const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: null, 'sec-fetch-site': null };
  for (const token of ['x', `${'0'.repeat(32)}.${'A'.repeat(43)}`]) {
    const answer = await program.send('POST', `/api/comments/unsubscribe?token=${token}`, { body: 'List-Unsubscribe=One-Click', headers });
    assert.equal(answer.status, 200, 'whose token it is, is told to nobody');
  }
  await post(author, { body: 'Once more', parent: mine.id });
  const clicked = await program.send('POST', path, { body: 'List-Unsubscribe=One-Click', headers });
  assert.equal(clicked.status, 200, clicked.text);
  await shop.dev('jobs/outbox', {});
  assert.equal((await answers(email)).length, 2, 'not even one that was queued');
  const wanted = await learner.send('PATCH', '/api/comments/notices', { body: '{"replies":true}', headers: { 'content-type': 'application/json' } });
  assert.equal(wanted.status, 204, wanted.text);
  const page = { accept: 'text/html', 'accept-language': 'en' };
  assert.match((await learner.get('/api/comments/notices', page)).text, /name="replies" value="false"/);
  assert.equal((await learner.submit('/api/comments/notices', { replies: 'false' })).status, 303);
  assert.deepEqual((await learner.get('/api/comments/notices')).json, { replies: false });
  assert.equal((await learner.submit('/api/comments/notices', { replies: 'true' })).status, 303);
  for (const fields of /** @type {Record<string, string>[]} */ ([{}, { replies: 'maybe' }])) assert.equal((await learner.submit('/api/comments/notices', fields)).status, 400);
  (await program.get('/api/comments/notices')).refuses(401);
  await post(author, { body: 'Again', parent: mine.id });
  await shop.dev('jobs/outbox', {});
  assert.equal((await answers(email)).length, 3);
});

test('what is taken away before the mail leaves is told to nobody, what is held only once it stands', async () => {
  const [email, other] = [someone(), new Visitor(shop)];
  const learner = new Visitor(shop);
  await signIn(learner, email);
  await signIn(other, someone());
  const mine = await post(learner, { body: 'A thought' });
  const rude = await post(other, { body: 'Rude', parent: mine.id });
  assert.equal((await decide(rude.id, { decision: 'hide' })).status, 200);
  const links = [1, 2, 3].map((n) => `[${n}](https://${n}.example/)`).join(' ');
  const held = await post(other, { body: links, parent: mine.id });
  assert.equal(held.state, 'held');
  await shop.dev('jobs/outbox', {});
  assert.equal((await answers(email)).length, 0);
  assert.equal((await decide(held.id, { decision: 'approve', revision: held.revision })).status, 200);
  await shop.dev('jobs/outbox', {});
  assert.equal((await answers(email)).length, 1);
});

test('a learner who reads Chinese is told in Chinese', async () => {
  const email = someone();
  const learner = new Visitor(shop);
  await signIn(learner, email);
  const changed = await learner.send('PATCH', '/api/access/me', { body: '{"locale":"zh"}', headers: { 'content-type': 'application/json' } });
  assert.equal(changed.status, 200, changed.text);
  const mine = await post(learner, { body: '为什么？' });
  await post(author, { body: '因为', parent: mine.id });
  await shop.dev('jobs/outbox', {});
  const [mail] = await answers(email);
  assert.match(mail.subject, /回复了您/);
});

test('open questions and mistakes are exported with permalinks, and nobody is named', async () => {
  const learner = new Visitor(shop);
  await signIn(learner, someone());
  await learner.send('PATCH', '/api/access/me', { body: '{"name":"Unmistakable"}', headers: { 'content-type': 'application/json' } });
  const open = await post(learner, { body: 'Still open?', question: true });
  const wrong = await post(learner, { body: 'It says *hihg* water', mistake: true });
  const fixed = await post(learner, { body: 'Already mended', mistake: true });
  assert.equal((await decide(fixed.id, { decision: 'fixed', commit: 'c0ffee1' })).status, 200);
  const hidden = await post(learner, { body: 'Hidden question', question: true });
  assert.equal((await decide(hidden.id, { decision: 'hide' })).status, 200);
  const at = ['--site', shop.site, '--state', shop.state, '--lesson', FREE];
  const text = await tuition('comments', 'export', ...at);
  assert.equal(text.code, 0, text.stderr);
  for (const one of [open, wrong]) assert.ok(text.stdout.includes(`/courses/${COURSE}/open/#comment-${one.id}`), text.stdout);
  assert.ok(text.stdout.includes('  > It says *hihg* water'));
  assert.doesNotMatch(text.stdout, /Unmistakable|Already mended|Hidden question|@example/);
  const json = await tuition('comments', 'export', '--json', ...at);
  assert.equal(json.code, 0, json.stderr);
  const [lesson] = JSON.parse(json.stdout).lessons;
  assert.equal(lesson.lesson, FREE);
  const ids = lesson.comments.map((/** @type {any} */ one) => one.id);
  assert.ok(ids.includes(open.id) && ids.includes(wrong.id) && !ids.includes(fixed.id));
});
