// What an author decides about comments, what learners report, and what each of them sees of it.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { buy, signIn, someone } from '../lib/buying.mjs';
import { Shop } from '../lib/shop.mjs';
import { COURSE, FAR_LIMITS, OTHER, build, forget, madeSite } from '../lib/sites.mjs';
import { Visitor } from '../lib/visitor.mjs';

const FREE = `${COURSE}/open`;
const CLOSED = `${COURSE}/closed`;

/** @type {Shop} */
let shop;
/** Of the site. @type {Visitor} */
let author;

/** A site with these rules and a lesson whose discussion is closed. @param {string} rules */
async function ruled(rules) {
  const site = await madeSite();
  const toml = join(site, 'content/site.toml');
  writeFileSync(toml, `${readFileSync(toml, 'utf8')}\n[comments]\n${rules}\n`);
  const lesson = '+++\ntitle = "A closed lesson"\nfree = true\ncomments = false\n+++\n\nNothing to say.\n';
  writeFileSync(join(site, `content/courses/${COURSE}/01-start/03-closed.md`), lesson);
  return site;
}

/** @param {Shop} of */
async function authorOf(of) {
  const { out, catalog } = await build(of.site);
  forget(out);
  const visitor = new Visitor(of);
  await signIn(visitor, catalog.site.authors[0]);
  return visitor;
}

/** @param {Shop} [of] */
async function learner(of = shop) {
  const visitor = new Visitor(of);
  await signIn(visitor, someone());
  return visitor;
}

before(async () => {
  shop = await Shop.open(await ruled('reports = 2\nedit_minutes = 10'));
  author = await authorOf(shop);
});
after(async () => {
  await shop?.close();
  if (shop) forget(shop.site);
});

const post = (/** @type {Visitor} */ visitor, /** @type {object} */ fields = {}) => visitor.post('/api/comments', { lesson: FREE, body: 'Text', ...fields });
const decide = (/** @type {Visitor} */ visitor, /** @type {string} */ id, /** @type {object} */ decision) => visitor.post(`/api/comments/${id}/moderation`, decision);
const edit = (/** @type {Visitor} */ visitor, /** @type {string} */ id, /** @type {object} */ change) =>
  visitor.send('PATCH', `/api/comments/${id}`, { body: JSON.stringify(change), headers: { 'content-type': 'application/json' } });
async function made(/** @type {Visitor} */ visitor, fields = {}) {
  const answer = await post(visitor, fields);
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
}
/** As this visitor sees it; undefined if it is not there at all. */
async function seen(/** @type {Visitor} */ visitor, /** @type {string} */ id, order = 'oldest') {
  const all = [];
  let cursor = '';
  for (;;) {
    const page = (await visitor.get(`/api/comments?lesson=${FREE}&order=${order}${cursor}`)).json;
    all.push(...page.comments);
    if (!page.next) {
      const shown = all.filter((/** @type {any} */ one) => !one.deleted).length;
      assert.equal(page.count, shown, 'the count is what this reader sees');
      return all.find((/** @type {any} */ one) => one.id === id);
    }
    cursor = `&cursor=${encodeURIComponent(page.next)}`;
  }
}

test('C08 a lesson that is closed for comments takes none, one that is not there has no thread', async () => {
  const writer = await learner();
  (await post(writer, { lesson: CLOSED })).refuses(409, 'closed');
  (await post(author, { lesson: CLOSED })).refuses(409, 'closed');
  assert.equal((await writer.get(`/api/comments?lesson=${CLOSED}`)).json.closed, true);
  assert.equal((await writer.get(`/api/comments?lesson=${FREE}`)).json.closed, false);
  (await post(writer, { lesson: `${COURSE}/nosuch` })).refuses(404);
});

test('C04 an answer to what is deleted or hidden is not there, one too deep stands beside the last', async () => {
  const [writer, other] = [await learner(), await learner()];
  const first = await made(writer);
  let parent = first.id;
  const line = [];
  for (let depth = 0; depth < 8; depth += 1) {
    const answer = await made(other, { parent, body: `Level ${depth}` });
    line.push(answer);
    parent = answer.id;
  }
  const above = new Map(line.map((one) => [one.id, one.parent]));
  const depth = (/** @type {string | undefined} */ id) => {
    let steps = 0;
    for (let at = id; at; at = above.get(at)) steps += 1;
    return steps;
  };
  assert.equal(Math.max(...line.map((one) => depth(one.id))), 5, 'one and four below it');
  (await edit(other, first.id, { body: 'Mine now' })).refuses(404);
  assert.equal((await decide(author, first.id, { decision: 'hide' })).status, 200);
  (await post(other, { parent: first.id })).refuses(404);
  assert.equal((await seen(other, first.id)).deleted, true, 'its answers stay');
});

test('a comment is changed while its time lasts, by nobody but its writer, and says so', async () => {
  const [writer, other] = [await learner(), await learner()];
  const { id, editable_until: until, revision } = await made(writer, { body: 'Frist' });
  assert.ok(until);
  (await edit(other, id, { body: 'x' })).refuses(404);
  (await edit(new Visitor(shop), id, { body: 'x' })).refuses(401);
  (await edit(writer, id, { body: '' })).refuses(422, 'empty');
  (await edit(writer, id, { body: 'x'.repeat(4097) })).refuses(413);
  (await edit(writer, id, { text: 'x' })).refuses(400);
  const changed = await edit(writer, id, { body: '**First**', question: true });
  assert.equal(changed.status, 200, changed.text);
  assert.match(changed.json.html, /<strong>First<\/strong>/);
  assert.ok(changed.json.edited_at && changed.json.revision > revision);
  const shown = await seen(other, id);
  assert.deepEqual([shown.question, shown.body, shown.editable_until], [true, null, null], 'its source is for its writer');
  await shop.advance(601);
  (await edit(writer, id, { body: 'Too late' })).refuses(409, 'late');
  assert.equal((await edit(writer, id, { answered: true })).json.answered, true, 'that is said at any time');
});

test('a question is answered when an author answers, and in the text when a commit is named', async () => {
  const writer = await learner();
  const question = await made(writer, { question: true, body: 'Why?' });
  assert.equal(question.answered, false);
  await made(await learner(), { parent: question.id, body: 'No idea' });
  assert.equal((await seen(writer, question.id)).answered, false);
  const answer = await made(author, { parent: question.id, body: 'Therefore' });
  assert.equal(answer.author.role, 'author');
  assert.equal((await seen(writer, question.id)).answered, true);
  for (const commit of ['main', '', 'abc', 'g'.repeat(8)]) (await decide(author, question.id, { decision: 'fixed', commit })).refuses(422, 'commit');
  const fixed = await decide(author, question.id, { decision: 'fixed', commit: 'c0ffee1' });
  assert.equal(fixed.status, 200, fixed.text);
  assert.ok((await seen(writer, question.id)).answered_in_text_at);
  (await decide(author, answer.id, { decision: 'answered' })).refuses(422, 'decision');
});

test('questions come first, the newest come first, and what is pinned comes before all', async () => {
  const writer = await learner();
  const old = await made(writer, { body: 'Old' });
  const question = await made(writer, { body: 'Question', question: true });
  const late = await made(writer, { body: 'Late' });
  const order = async (/** @type {string} */ name) => {
    const page = (await writer.get(`/api/comments?lesson=${FREE}&order=${name}`)).json;
    return page.comments.map((/** @type {any} */ one) => one.id).filter((/** @type {string} */ id) => [old.id, question.id, late.id].includes(id));
  };
  assert.deepEqual(await order('oldest'), [old.id, question.id, late.id]);
  assert.deepEqual(await order('newest'), [late.id, question.id, old.id]);
  assert.deepEqual(await order('questions'), [question.id, late.id, old.id]);
  assert.equal((await decide(author, old.id, { decision: 'pin' })).json.pinned, true);
  for (const name of ['oldest', 'newest', 'questions']) assert.equal((await order(name))[0], old.id, name);
  assert.equal((await decide(author, old.id, { decision: 'unpin' })).json.pinned, false);
  (await writer.get(`/api/comments?lesson=${FREE}&order=best`)).refuses(400, 'order');
  (await writer.get(`/api/comments?lesson=${FREE}&cursor=x`)).refuses(400, 'cursor');
});

test('enough reports hold a comment until an author looks, and never again after that', async () => {
  const [writer, one, two, three] = [await learner(), await learner(), await learner(), await learner()];
  const { id } = await made(writer, { body: 'Rude' });
  const report = (/** @type {Visitor} */ visitor) => visitor.post(`/api/comments/${id}/report`);
  (await report(new Visitor(shop))).refuses(401);
  for (let times = 0; times < 3; times += 1) assert.equal((await report(one)).status, 204, 'a learner counts once');
  assert.equal((await seen(three, id)).state, 'shown');
  assert.equal((await report(two)).status, 204);
  assert.equal(await seen(three, id), undefined);
  (await report(three)).refuses(404);
  assert.equal((await seen(writer, id)).state, 'held', 'its writer is told');
  const waiting = (await author.get('/api/comments/queue')).json;
  const item = waiting.comments.find((/** @type {any} */ found) => found.id === id);
  assert.deepEqual([item.reports, item.why, item.lesson], [2, 'reports', FREE]);
  assert.equal(waiting.comments[0].state, 'held', 'what nobody sees comes first');
  const approved = await decide(author, id, { decision: 'approve', revision: item.revision });
  assert.equal(approved.json.state, 'shown');
  for (const visitor of [three, await learner(), await learner()]) assert.equal((await report(visitor)).status, 204);
  assert.equal((await seen(await learner(), id)).state, 'shown');
});

test('the queue and its decisions are there for authors alone', async () => {
  const writer = await learner();
  const { id, revision } = await made(writer);
  for (const [visitor, status] of /** @type {const} */ ([[new Visitor(shop), 401], [writer, 404]])) {
    (await visitor.get('/api/comments/queue')).refuses(status);
    for (const decision of ['approve', 'hide', 'delete', 'ban', 'pin']) (await decide(visitor, id, { decision })).refuses(status);
  }
  (await decide(author, id, { decision: 'dance' })).refuses(422, 'decision');
  (await decide(author, id, {})).refuses(422, 'decision');
  (await decide(author, '0'.repeat(32), { decision: 'hide' })).refuses(404);
  const waits = async () => (await author.get('/api/comments/queue')).json.comments.some((/** @type {any} */ one) => one.id === id);
  assert.equal(await waits(), true);
  assert.equal((await decide(author, id, { decision: 'approve', revision })).status, 200);
  assert.equal(await waits(), false);
});

test('of decisions at once the stricter one is left, however they fall', async () => {
  const writer = await learner();
  for (let round = 0; round < 12; round += 1) {
    const { id, revision } = await made(writer, { body: `Round ${round}` });
    const strict = ['hide', 'delete', 'ban'][round % 3] ?? '';
    const calls = [decide(author, id, { decision: 'approve', revision }), decide(author, id, { decision: strict }), edit(writer, id, { body: `Changed ${round}` })];
    const statuses = (await Promise.all(round % 2 ? calls.reverse() : calls)).map((one) => one.status);
    assert.ok(statuses.every((status) => [200, 404, 409].includes(status)), statuses.join());
    for (const visitor of [new Visitor(shop), writer]) {
      const place = await seen(visitor, id);
      assert.ok(!place || (place.deleted && place.html === ''), `${strict} in round ${round}: ${JSON.stringify(place)}`);
    }
    if (strict === 'ban') assert.equal((await decide(author, id, { decision: 'unban' })).status, 200);
  }
});

test('approval is for what the author saw', async () => {
  const writer = await learner();
  const { id, revision } = await made(writer, { body: 'Harmless' });
  (await decide(author, id, { decision: 'approve' })).refuses(422, 'unseen');
  assert.equal((await author.submit(`/api/comments/${id}/moderation`, { decision: 'approve', page: 'queue' })).status, 422);
  assert.equal((await edit(writer, id, { body: 'Not so harmless' })).status, 200);
  (await decide(author, id, { decision: 'approve', revision })).refuses(409, 'changed');
  assert.equal((await decide(author, id, { decision: 'hide' })).status, 200);
  (await decide(author, id, { decision: 'approve' })).refuses(422, 'unseen');
  const { revision: now } = await seen(author, id);
  assert.equal((await decide(author, id, { decision: 'approve', revision: now })).json.state, 'shown');
});

test('who is banned writes nothing more, and nothing of theirs is seen, whatever was under way', async () => {
  const writer = await learner();
  const first = await made(writer, { body: 'First' });
  const flood = Array.from({ length: 12 }, (_, n) => post(writer, { body: `Under way ${n}` }));
  const ban = decide(author, first.id, { decision: 'ban' });
  const answers = await Promise.all(flood);
  assert.equal((await ban).status, 200);
  const reader = new Visitor(shop);
  for (const answer of answers) {
    if (answer.status === 201) assert.equal(await seen(reader, answer.json.id), undefined);
    else answer.refuses(409, 'banned');
  }
  assert.equal(await seen(reader, first.id), undefined);
  (await post(writer)).refuses(409, 'banned');
  assert.equal((await decide(author, first.id, { decision: 'unban' })).status, 200);
  assert.equal((await post(writer, { body: 'Sorry' })).status, 201);
});

test('C07 whoever erases their account leaves places, no text and no name', async () => {
  const [writer, other] = [new Visitor(shop), await learner()];
  await signIn(writer, someone());
  assert.equal((await writer.send('PATCH', '/api/access/me', { body: '{"name":"Unmistakable"}', headers: { 'content-type': 'application/json' } })).status, 200);
  const mine = await made(writer, { body: 'A secret of mine', question: true });
  const reply = await made(other, { parent: mine.id, body: 'I see' });
  const alone = await made(writer, { body: 'Nobody answered this secret' });
  const gone = await writer.send('DELETE', '/api/access/me');
  assert.ok(gone.status < 300, gone.text);
  const place = await seen(other, mine.id);
  assert.deepEqual([place.deleted, place.html, place.author.name], [true, '', '']);
  assert.equal((await seen(other, reply.id)).parent, mine.id);
  assert.equal((await seen(other, alone.id)).deleted, true);
  for (const visitor of [author, other]) {
    const text = (await visitor.get(`/api/comments?lesson=${FREE}`)).text + (await visitor.get('/api/comments/queue')).text;
    assert.doesNotMatch(text, /secret|Unmistakable/);
  }
});

test('a first comment is held until one of theirs is approved, where the site says so', async () => {
  const own = await Shop.open(await ruled('policy = "first"'));
  try {
    const [judge, writer, reader] = [await authorOf(own), await learner(own), new Visitor(own)];
    const first = (await post(writer, { body: 'Hello' })).json;
    assert.equal(first.state, 'held');
    const count = async (/** @type {Visitor} */ visitor) => (await visitor.get(`/api/comments?lesson=${FREE}`)).json.count;
    assert.deepEqual([await count(reader), await count(writer), await count(judge)], [0, 1, 1]);
    (await post(await learner(own), { parent: first.id })).refuses(404);
    assert.equal((await decide(judge, first.id, { decision: 'approve', revision: first.revision })).status, 200);
    assert.equal(await count(reader), 1);
    assert.equal((await post(writer, { body: 'Again' })).json.state, 'shown');
  } finally {
    await own.close();
    forget(own.site);
  }
});

test('many links and the same text again are looked at first, until an author trusts the writer', async () => {
  const writer = await learner();
  const links = [1, 2, 3].map((n) => `[${n}](https://${n}.example/)`).join(' ');
  const held = await made(writer, { body: links });
  assert.equal(held.state, 'held');
  const again = 'A text of some length that is said again';
  assert.equal((await made(writer, { body: again })).state, 'shown');
  assert.equal((await made(writer, { body: again })).state, 'held');
  assert.equal((await decide(author, held.id, { decision: 'approve', revision: held.revision })).status, 200);
  assert.equal((await made(writer, { body: links })).state, 'shown');
});

test('without scripts: the thread is a page, and everything is a form', async () => {
  const html = { accept: 'text/html' };
  const writer = new Visitor(shop);
  await buy(writer, someone());
  const page = `/api/comments?lesson=${encodeURIComponent(FREE)}`;
  const sent = await writer.submit('/api/comments', { lesson: FREE, body: 'By *form*', question: 'on', page: 'thread' });
  assert.equal(sent.status, 303, sent.text);
  const id = /comment-([0-9a-f]{32})$/.exec(String(sent.headers.location))?.[1] ?? '';
  assert.ok(String(sent.headers.location).startsWith(page));
  const shown = await writer.get(page, html);
  assert.match(shown.headers['content-type'] ?? '', /^text\/html/);
  assert.match(String(shown.headers['content-security-policy']), /default-src 'none'/);
  assert.ok(shown.text.includes('<p>By <em>form</em></p>') && shown.text.includes(`id="comment-${id}"`));
  assert.match(shown.text, /Owns the course/);
  assert.equal((await writer.submit(`/api/comments/${id}`, { action: 'edit', body: 'By another form', page: 'thread' })).status, 303);
  assert.equal((await writer.submit(`/api/comments/${id}`, { action: 'answered', page: 'thread' })).status, 303);
  assert.ok((await writer.get(page, html)).text.includes('By another form'));
  assert.equal((await writer.submit(`/api/comments/${id}`, { action: 'dance' })).status, 400);
  const queue = await author.get('/api/comments/queue', html);
  assert.ok(queue.text.includes(`/api/comments/${id}/moderation`));
  const decided = await author.submit(`/api/comments/${id}/moderation`, { decision: 'pin', page: 'queue' });
  assert.deepEqual([decided.status, decided.headers.location], [303, '/api/comments/queue']);
  const reporter = await learner();
  assert.equal((await reporter.submit(`/api/comments/${id}/report`, { page: 'thread' })).status, 303);
  const chinese = await writer.get(page, { ...html, 'accept-language': 'zh-CN' });
  assert.ok(chinese.text.includes('lang="zh"') && chinese.text.includes('讨论'));
  assert.equal((await writer.submit(`/api/comments/${id}`, { action: 'delete', page: 'thread' })).status, 303);
  assert.ok(!(await writer.get(page, html)).text.includes('By another form'));
});

test('what was decided is told to authors, with who it was as far as it was them; to nobody else', async () => {
  const writer = await learner();
  const { id, revision } = await made(writer, { body: 'Decided about' });
  assert.deepEqual((await author.get(`/api/comments/${id}/moderation`)).json, { lesson: FREE, steps: [] });
  for (const decision of [{ decision: 'approve', revision }, { decision: 'hide' }, { decision: 'delete' }]) {
    assert.equal((await decide(author, id, decision)).status, 200);
  }
  const { steps } = (await author.get(`/api/comments/${id}/moderation`)).json;
  const told = steps.map((/** @type {any} */ { decision, from, to, mine }) => [decision, from, to, mine]);
  assert.deepEqual(told, [['approve', 'shown', 'shown', true], ['hide', 'shown', 'hidden', true], ['delete', 'hidden', 'hidden', true]]);
  const gone = await made(writer, { body: 'Deleted while it was seen' });
  assert.equal((await decide(author, gone.id, { decision: 'delete' })).status, 200);
  const html = { accept: 'text/html' };
  const page = await author.get(`/api/comments/${id}/moderation`, html);
  assert.match(page.headers['content-type'] ?? '', /^text\/html/);
  assert.deepEqual([...page.text.matchAll(/<li><b>(\w+)<\/b> · (\w+)/g)].map(([, what, who]) => [what, who]), [['Approved', 'You'], ['Hidden', 'You'], ['Deleted', 'You']]);
  assert.match((await author.get(`/api/comments/${id}/moderation`, { ...html, 'accept-language': 'zh-CN' })).text, /<html lang="zh">.*处理记录.*已通过.*所有人 → 作者/s);
  const thread = await author.get(`/api/comments?lesson=${encodeURIComponent(FREE)}&order=newest`, html);
  assert.ok(thread.text.includes(`href="/api/comments/${gone.id}/moderation"`), 'the way to it, where its text is gone');
  assert.ok(!(await writer.get(`/api/comments?lesson=${encodeURIComponent(FREE)}&order=newest`, html)).text.includes('/moderation"'));
  (await writer.get(`/api/comments/${id}/moderation`)).refuses(404);
  (await new Visitor(shop).get(`/api/comments/${id}/moderation`)).refuses(401);
  (await author.get(`/api/comments/${'0'.repeat(32)}/moderation`)).refuses(404);
});

test('a lesson takes as many comments of learners as the site says, however they come; its author still answers', async () => {
  const site = await madeSite({ limits: `${FAR_LIMITS.replace(/^comments_per_lesson.*$/m, 'comments_per_lesson = 12')}` });
  const own = await Shop.open(site);
  try {
    const [judge, writer, reader] = [await authorOf(own), await learner(own), new Visitor(own)];
    const closed = async (/** @type {Visitor} */ visitor) => (await visitor.get(`/api/comments?lesson=${FREE}`)).json.closed;
    const taken = [];
    for (let turn = 0; turn < 3; turn += 1) taken.push(...(await Promise.all(Array.from({ length: 6 }, (_, n) => post(writer, { body: `${turn}.${n}` })))));
    const [there, refused] = [taken.filter(({ status }) => status === 201), taken.filter(({ status }) => status !== 201)];
    assert.equal(there.length, 12);
    for (const answer of refused) answer.refuses(409, 'full');
    assert.deepEqual([await closed(writer), await closed(reader), await closed(judge)], [true, true, false]);
    assert.equal((await writer.send('DELETE', `/api/comments/${there[0]?.json.id}`)).status, 204);
    (await post(writer)).refuses(409, 'full');
    assert.equal((await post(writer, { lesson: `${OTHER}/open` })).status, 201, 'elsewhere there is room');
    assert.equal((await post(judge, { parent: there[1]?.json.id })).status, 201);
  } finally {
    await own.close();
    forget(site);
  }
});
