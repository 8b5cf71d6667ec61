// No URL in any spelling yields a paid byte without a token that covers its course: every file of a built site, in
// spellings that somebody might try, with tokens of every kind. First asked of the gate of the edge, many times; then of
// a running shop whose courses have each their own words.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { gateAt, vectors } from '../../edge/runtime.mjs';
import { repository } from '../lib/binary.mjs';
import { secondOf } from '../lib/buying.mjs';
import { Shop } from '../lib/shop.mjs';
import { PAID, build, forget, madeSite } from '../lib/sites.mjs';
import { dice, respelled, urlsBelow } from '../lib/spelling.mjs';
import { minted, mintedBy } from '../lib/tokens.mjs';
import { Visitor } from '../lib/visitor.mjs';

/** One slug begins like another; one is spelled with a letter that has two forms in Unicode. */
const COURSES = ['rust', 'rust-advanced', 'café', 'cafe'];
/** Spellings of each file for the gate, and requests to the shop. */
const EACH = 100;
const REQUESTS = 4000;

/** The tree that a path of the gate names, and the course that the rest of it lies in. @param {string} path */
function placed(path) {
  const [, , tree = '', ...rest] = path.split('/').map(decodeURIComponent);
  const at = rest[0] === 'courses' ? 1 : 2;
  assert.equal(rest[at - 1], 'courses', path);
  return { tree, course: rest[at] ?? '', file: rest.join('/') };
}

test('the gate names a file of a course for a token of just that course', async () => {
  const { out, catalog } = await build(repository);
  const { iss, aud } = vectors.config;
  const key = { kid: 'k1', secret: Buffer.from(vectors.keys.k1, 'base64url') };
  const now = vectors.now;
  const trees = readdirSync(join(out, 'members')).sort();
  const courses = catalog.courses.map((/** @type {any} */ course) => course.slug);
  assert.ok(trees.length > 0 && courses.length > trees.length, 'priced courses and free ones');
  const tokenOf = (/** @type {string[]} */ opened, /** @type {object} */ claims = {}) => mintedBy(key, opened, { now, claims: { iss, aud, ...claims } });
  const good = tokenOf([trees[0] ?? '']);
  const tokens = [
    ...courses.flatMap((/** @type {string} */ slug) => {
      const near = [slug.slice(0, -1), `${slug}-advanced`, slug.toUpperCase(), `${slug}/`, `${slug}.drafts`];
      return [
        { opens: [slug], drafts: [], text: tokenOf([slug]) },
        { opens: [], drafts: [slug], text: tokenOf([], { drafts: [slug] }) },
        { opens: near, drafts: [], text: tokenOf(near) },
      ];
    }),
    { opens: courses, drafts: [], text: tokenOf(courses) },
    { opens: [], drafts: [], text: null },
    { opens: [], drafts: [], text: tokenOf([]) },
    { opens: [], drafts: [], text: tokenOf(trees, { iat: now - 901, exp: now - 1 }) },
    { opens: [], drafts: [], text: `${good.slice(0, -3)}AAA` },
  ];
  const gate = gateAt(now);
  const ask = async (/** @type {string} */ uri, /** @type {string | null} */ token) => {
    const cookies = token === null ? {} : { tuition_access: { value: token } };
    const request = { method: 'GET', uri, querystring: {}, headers: {}, cookies, rawQueryString: () => undefined };
    const answer = await gate({ version: '1.0', request });
    return answer.statusCode === undefined ? answer.uri : null;
  };

  let own = 0;
  for (const tree of trees) {
    for (const url of urlsBelow(join(out, 'members', tree))) {
      const path = await ask(url, tokenOf([tree]));
      assert.ok(path?.startsWith(`/_members/${encodeURIComponent(tree)}/`), `${url} of ${tree}: ${path}`);
      assert.ok(existsSync(join(out, 'members', decodeURIComponent(path.slice('/_members/'.length)))), path);
      own += 1;
    }
  }
  assert.ok(own > 40, `${own} files`);

  const roll = dice(20_260_101);
  const seen = { members: 0, public: 0, refused: 0 };
  const files = [...trees.flatMap((tree) => urlsBelow(join(out, 'members', tree))), ...urlsBelow(join(out, 'public'))];
  for (const file of files) {
    for (let n = 0; n < EACH; n += 1) {
      const url = respelled(file, roll, courses);
      const token = tokens[roll(tokens.length)];
      assert.ok(token);
      const path = await ask(url, token.text);
      if (path === null) {
        seen.refused += 1;
      } else if (path.startsWith('/_members/')) {
        const { tree, course } = placed(path);
        const isCovered = (tree === course && token.opens.includes(course)) || (tree === `${course}.drafts` && token.drafts.includes(course));
        assert.ok(isCovered, `${url} → ${path} for ${JSON.stringify(token)}`);
        seen.members += 1;
      } else {
        assert.doesNotMatch(decodeURIComponent(path), /(^|\/)_members(\/|$)|%|\\|\/\/|\/\.\.?(\/|$)/i, url);
        seen.public += 1;
      }
    }
  }
  forget(out);
  assert.ok(Object.values(seen).every((times) => times > 100), JSON.stringify(seen));
});

/** @type {Shop} */
let shop;
/** What stands in the paid parts of a course, by slug. */
const words = new Map(COURSES.map((slug, at) => [slug, `${PAID}-${at}x`]));
before(async () => {
  const site = await madeSite({ courses: COURSES });
  for (const [slug, word] of words) {
    const lesson = join(site, 'content/courses', slug, '01-start/02-locked.md');
    writeFileSync(lesson, readFileSync(lesson, 'utf8').replaceAll(PAID, word));
  }
  const draft = join(site, 'content/courses/rust-advanced/01-start/03-draft.md');
  writeFileSync(draft, `+++\ntitle = "Draft"\ndraft = true\n+++\n\n${PAID}-draft\n`);
  shop = await Shop.open(site);
});
after(async () => {
  await shop?.close();
  if (shop) forget(shop.site);
});

test('a running shop answers with a course\'s words to a token of just that course', async () => {
  const { out, catalog } = await build(shop.site);
  assert.deepEqual(catalog.drafts, ['rust-advanced']);
  const trees = readdirSync(join(out, 'members'));
  for (const tree of [...COURSES, 'rust-advanced.drafts']) assert.ok(trees.includes(tree), tree);
  const urls = trees.flatMap((tree) => urlsBelow(join(out, 'members', tree)));
  // Most files of a tree are its search index, in which no word stands as it is written: mostly pages are asked for.
  const pages = urls.filter((url) => /\/locked\/|\/draft\//.test(url));
  assert.ok(pages.length < urls.length);
  const now = await secondOf(shop);
  const made = (/** @type {string[]} */ courses, /** @type {object} */ claims = {}) => minted(shop, courses, { now, claims });
  const tokens = [
    ...COURSES.map((slug) => ({ opens: [slug], drafts: [], text: made([slug]) })),
    { opens: ['rust'], drafts: ['rust-advanced'], text: made(['rust'], { drafts: ['rust-advanced'] }) },
    { opens: [], drafts: [], text: made(['rus', 'rust-', 'Rust', 'cafe\u0301', 'caf', '*', 'rust.drafts']) },
    { opens: [], drafts: [], text: made(COURSES, { exp: now }) },
    { opens: [], drafts: [], text: `${made(COURSES).slice(0, -3)}AAA` },
    { opens: [], drafts: [], text: null },
  ];
  const roll = dice(20_260_102);
  const seen = { whole: 0, draft: 0, other: 0 };
  for (let n = 0; n < REQUESTS; n += 1) {
    const some = roll(4) === 0 ? urls : pages;
    const url = encodeRaw(respelled(some[roll(some.length)] ?? '/', roll, COURSES));
    // More often one that opens something.
    const token = tokens[roll(roll(3) === 0 ? tokens.length : COURSES.length + 1)];
    assert.ok(token);
    const cookie = token.text === null ? null : `tuition_access=${token.text}`;
    const { text } = await new Visitor(shop).send('GET', url, { headers: { cookie } });
    const told = [...words].filter(([, word]) => text.includes(word)).map(([slug]) => slug);
    for (const slug of told) {
      const isCovered = [...token.opens, ...token.drafts].includes(slug);
      assert.ok(isCovered && told.length === 1, `${url} told of ${told} to ${JSON.stringify(token)}`);
      seen.whole += 1;
    }
    if (text.includes(`${PAID}-draft`)) {
      assert.ok(token.drafts.length > 0, `${url} showed a draft to ${JSON.stringify(token)}`);
      seen.draft += 1;
    }
    if (told.length === 0) seen.other += 1;
  }
  assert.ok(seen.whole > 100 && seen.draft > 3 && seen.other > 1000, JSON.stringify(seen));
  forget(out);
});

/** A request line has no spaces, control characters or letters beyond ASCII: those go as UTF-8, escaped. @param {string} url */
function encodeRaw(url) {
  const escaped = (/** @type {string} */ letter) => [...Buffer.from(letter)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  return (url.startsWith('/') ? url : `/${url}`).replace(/[^\x21-\x7e]|#/gu, escaped);
}
