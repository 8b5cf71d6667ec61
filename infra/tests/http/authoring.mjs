// An author at work while the site is served: mistakes are told with place and hint, all in one run,
// and readers keep the last good site.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { tuition } from '../lib/binary.mjs';
import { Shop } from '../lib/shop.mjs';
import { COURSE, OTHER, forget, madeSite } from '../lib/sites.mjs';
import { until } from '../lib/until.mjs';
import { Visitor } from '../lib/visitor.mjs';

const OPEN = `/courses/${COURSE}/open/`;

/** @type {Shop} */
let shop;
before(async () => (shop = await Shop.open(await madeSite())));
after(async () => {
  await shop?.close();
  if (shop) forget(shop.site);
});

const file = (/** @type {string} */ name) => join(shop.site, 'content/courses', name);
const edit = (/** @type {string} */ name, /** @type {(text: string) => string} */ change) => {
  const before = readFileSync(file(name), 'utf8');
  const after = change(before);
  assert.notEqual(after, before);
  writeFileSync(file(name), after);
  return () => writeFileSync(file(name), before);
};

test('an edit shows on the page', async () => {
  const visitor = new Visitor(shop);
  edit(`${COURSE}/01-start/01-open.md`, (text) => `${text}\nFresh from the editor.\n`);
  await until('the page has the new line', async () => (await visitor.get(OPEN)).text.includes('Fresh from the editor.'));
  const price = edit(`${COURSE}/course.md`, (text) => text.replace('USD = "49.00"', 'USD = "59.00"'));
  await until('the offer has the new price', async () => {
    const { offers } = (await visitor.get('/api/checkout/offers')).json;
    return JSON.stringify(offers).includes('5900');
  });
  price();
});

test('four mistakes are told in one run, each with its place and a hint; the last good site stays', async () => {
  const visitor = new Visitor(shop);
  const good = (await visitor.get(OPEN)).text;
  const heard = shop.said.length;
  const mend = [
    edit(`${COURSE}/01-start/01-open.md`, (text) => `${text}\nSee [nowhere](99-nowhere.md).\n`),
    edit(`${OTHER}/01-start/01-open.md`, (text) => text.replace('title = "An open lesson"', 'title = An open lesson')),
    edit(`${OTHER}/course.md`, (text) => text.replace('USD = "49.00"', 'USD = "49.001"')),
  ];
  const twin = file(`${COURSE}/01-start/03-locked.md`);
  writeFileSync(twin, '+++\ntitle = "Twin"\n+++\n\nText.\n');

  const told = await until('all four are told', () => {
    const said = plain(shop.said.slice(heard));
    return EXPECTED.every(([, place]) => place.test(said)) && said;
  });
  for (const [what, place] of EXPECTED) {
    const after = told.slice(told.search(place));
    assert.match(after.split('\n').slice(1, 12).join('\n'), /hint/i, `${what} has a hint:\n${after}`);
  }
  assert.equal((await visitor.get(OPEN)).text, good, 'the last good page is served');

  const checked = await tuition('check', '--site', shop.site);
  assert.equal(checked.code, 1);
  for (const [what, place] of EXPECTED) assert.match(plain(checked.stderr + checked.stdout), place, what);

  for (const undo of mend) undo();
  const { rmSync } = await import('node:fs');
  rmSync(twin);
  edit(`${COURSE}/01-start/01-open.md`, (text) => `${text}\nMended.\n`);
  await until('the mended page is served', async () => (await visitor.get(OPEN)).text.includes('Mended.'));
});

test('a command that makes no sense is exit 2, a site that is not there is told', async () => {
  assert.equal((await tuition('nosuch')).code, 2);
  assert.equal((await tuition('build', '--nosuch')).code, 2);
  const nowhere = await tuition('check', '--site', join(shop.site, 'nowhere'));
  assert.ok([1, 3].includes(nowhere.code ?? 0), `exit ${nowhere.code}`);
  assert.match(nowhere.stderr, /nowhere/);
});

/** What went wrong, and `path:line:col: error[code]` of it. The duplicate may be told at either lesson. */
const EXPECTED = /** @type {[string, RegExp][]} */ ([
  ['a link to nowhere', new RegExp(`courses/${COURSE}/01-start/01-open\\.md:\\d+:\\d+: error\\[[a-z-]+\\]`)],
  ['broken front matter', new RegExp(`courses/${OTHER}/01-start/01-open\\.md:2:\\d+: error\\[[a-z-]+\\]`)],
  ['a price of 49.001', new RegExp(`courses/${OTHER}/course\\.md:4:\\d+: error\\[[a-z-]+\\]`)],
  ['a duplicate slug', new RegExp(`courses/${COURSE}/01-start/0[23]-locked\\.md:\\d+:\\d+: error\\[[a-z-]+\\]`)],
]);

const plain = (/** @type {string} */ text) => text.replace(/\x1b\[[0-9;]*m/g, '');
