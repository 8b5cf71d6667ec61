// What is not published yet: its authors read it under its own URL, nobody else knows that it is there, and when its
// time has come everybody sees what they may.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { buy, signIn, someone } from '../lib/buying.mjs';
import { Shop } from '../lib/shop.mjs';
import { COURSE, forget, madeSite } from '../lib/sites.mjs';
import { read } from '../lib/tokens.mjs';
import { until } from '../lib/until.mjs';
import { Visitor } from '../lib/visitor.mjs';

/** As `tuition new` has it. */
const AUTHOR = 'author@courses.example';
const SECRET = 'unripe-quince-2207';
const NEXT = `/courses/${COURSE}/next-tide/`;
const LATER = `/courses/${COURSE}/spring-tide/`;
const PICTURE = `/courses/${COURSE}/files/01-start/unripe.svg`;
/** A course that is a draft as a whole. */
const NEW = 'currents';
/** In how many seconds the lesson at LATER is published. */
const WAIT = 3600;

/** @type {Shop} */
let shop;
/** @type {{author: Visitor, buyer: Visitor, visitor: Visitor}} */
let readers;
before(async () => {
  const site = await madeSite();
  write(site, `${COURSE}/01-start/03-next-tide.md`, `+++
title = "The next tide"
draft = true
+++

${SECRET}, above the line. ![a tide](unripe.svg)

<!-- more -->

${SECRET}, below it, as [the new course](../../${NEW}/01-a/01-gulf.md) says.
`);
  write(site, `${COURSE}/01-start/unripe.svg`, `<svg xmlns="http://www.w3.org/2000/svg"><title>${SECRET}</title></svg>`);
  write(site, `${NEW}/course.md`, `+++\ntitle = "Currents"\ndraft = true\nprices = { USD = "9.00" }\n+++\n\nLanding ${SECRET}.\n`);
  write(site, `${NEW}/01-a/module.md`, '+++\ntitle = "A"\n+++\n');
  write(site, `${NEW}/01-a/01-gulf.md`, `+++\ntitle = "Gulf"\n+++\n\nGulf ${SECRET}.\n`);
  shop = await Shop.open(site);
  const at = new Date((await shop.advance(0)).getTime() + WAIT * 1000).toISOString();
  write(site, `${COURSE}/01-start/04-spring-tide.md`, `+++
title = "The spring tide"
publish_at = ${at}
+++

Teaser of the spring tide.

<!-- more -->

${SECRET} of the spring.
`);
  readers = { author: new Visitor(shop), buyer: new Visitor(shop), visitor: new Visitor(shop) };
  await buy(readers.buyer, someone());
  await until('the lesson of later is built', async () => {
    await signIn(readers.author, AUTHOR, LATER);
    return (await readers.author.get(LATER)).status === 200;
  });
});
after(async () => {
  await shop?.close();
  if (shop) forget(shop.site);
});

test('an author reads drafts under their own URLs, and is told that they are drafts', async () => {
  const { author } = readers;
  for (const path of [NEXT, LATER, `/courses/${COURSE}/`, `/courses/${COURSE}/locked/`, `/courses/${NEW}/`, `/courses/${NEW}/gulf/`]) {
    const page = await author.get(path);
    assert.equal(page.status, 200, path);
    assert.match(page.text, /<aside class="preview">/, path);
    assert.match(page.headers['cache-control'] ?? '', /private/, path);
  }
  const next = (await author.get(NEXT)).text;
  assert.equal(next.split(SECRET).length - 1, 2, 'both parts of the text');
  assert.ok(next.includes(`href="/courses/${NEW}/gulf/"`) && next.includes('<meta name="robots" content="noindex">'));
  assert.ok(!next.includes('data-comments') && !next.includes('data-lesson'), 'the functions know no such lesson');
  assert.ok((await author.get(PICTURE)).text.includes(SECRET));
  const locked = (await author.get(`/courses/${COURSE}/locked/`)).text;
  assert.ok(locked.includes(`rel="next" href="${NEXT}"`), 'the whole course is shown as it will be');
});

test('nobody else finds a trace of them', async () => {
  const { buyer, visitor } = readers;
  for (const reader of [buyer, visitor]) {
    for (const path of [NEXT, LATER, PICTURE, `/courses/${NEW}/`, `/courses/${NEW}/gulf/`]) {
      const answer = await reader.get(path);
      assert.equal(answer.status, 404, path);
      assert.ok(!answer.text.includes(SECRET), path);
    }
    for (const path of [`/courses/${COURSE}/`, `/courses/${COURSE}/locked/`, '/courses/', '/', '/sitemap.xml']) {
      const page = await reader.get(path);
      assert.equal(page.status, 200, path);
      assert.doesNotMatch(page.text, new RegExp(`${SECRET}|next-tide|spring-tide|${NEW}|class="preview"`), path);
    }
  }
  for (const path of [`/_members/${COURSE}.drafts${NEXT}`, `/_members/${COURSE}.drafts${NEXT}index.html`, `/courses/${COURSE}.drafts/next-tide/`]) {
    for (const reader of Object.values(readers)) {
      const answer = await reader.get(path);
      assert.equal(answer.status, 404, path);
      assert.ok(!answer.text.includes(SECRET), path);
    }
  }
});

test('what a token says of drafts is said to authors alone', () => {
  const says = (/** @type {Visitor} */ reader) => read(reader.cookies.get('tuition_access')?.value ?? '').claims;
  assert.deepEqual(says(readers.author).drafts, [COURSE, NEW]);
  assert.equal('drafts' in says(readers.buyer), false);
});

test('when its time has come, the next build shows a lesson to everybody as they may see it', async () => {
  await shop.advance(WAIT);
  assert.equal((await readers.visitor.get(LATER)).status, 404, 'pages are made when the site is built');
  const open = join(shop.site, 'content/courses', COURSE, '01-start/01-open.md');
  writeFileSync(open, `${readFileSync(open, 'utf8')}\nA new line.\n`);
  await until('the lesson is published', async () => (await readers.visitor.get(LATER)).status === 200);
  const seen = async (/** @type {Visitor} */ reader) => (await reader.get(LATER)).text.includes(SECRET);
  assert.equal(await seen(readers.visitor), false);
  assert.equal(await seen(readers.buyer), true);
  assert.equal(await seen(readers.author), true);
  assert.equal((await readers.buyer.get(NEXT)).status, 404, 'the other one is a draft still');
});

/** @param {string} site @param {string} name @param {string} text */
function write(site, name, text) {
  const path = join(site, 'content/courses', name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
}
