// What is for everyone holds no byte that depends on paid text.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

import { COURSE, PAID, build, forget, madeSite } from '../lib/sites.mjs';

/** As long as PAID, letter by letter, digit by digit. */
const REWRITTEN = 'cinnamon-badger-9024'.padEnd(PAID.length, 'x').slice(0, PAID.length);

/** @type {string[]} */
const made = [];
/** @type {string} */
let dist;
before(async () => {
  const site = await madeSite();
  const { out } = await build(site);
  made.push(site, out);
  dist = out;
});
after(() => made.forEach(forget));

/** All files of a folder: path → bytes. @param {string} folder @returns {Map<string, Buffer>} */
function files(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const found = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  return new Map(found.sort().map((path) => [path.slice(folder.length), readFileSync(path)]));
}

/** A file, and what is packed in it. @param {string} path @param {Buffer} bytes */
function unpacked(path, bytes) {
  if (path.endsWith('.br')) return brotliDecompressSync(bytes);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return gunzipSync(bytes);
  return bytes;
}

test('no public byte holds paid text, and the members tree holds it', () => {
  const open = [...files(join(dist, 'public'))].filter(([path, bytes]) => unpacked(path, bytes).includes(PAID));
  assert.deepEqual(open.map(([path]) => path), []);
  const lesson = `/${COURSE}/courses/${COURSE}/locked/index.html`;
  assert.ok(files(join(dist, 'members')).get(lesson)?.includes(PAID), lesson);
});

test('other paid text of the same shape gives the same public bytes', async () => {
  const site = await madeSite({ paid: REWRITTEN });
  const { out } = await build(site);
  made.push(site, out);
  const [before, after] = [files(join(dist, 'public')), files(join(out, 'public'))];
  assert.deepEqual([...after.keys()], [...before.keys()]);
  for (const [path, bytes] of before) assert.ok(after.get(path)?.equals(bytes), path);
  assert.ok(!files(join(out, 'members')).get(`/${COURSE}/courses/${COURSE}/locked/index.html`)?.includes(PAID));
});

test('every gated page of the public tree is in the members tree', () => {
  const members = files(join(dist, 'members', COURSE));
  const gated = [...files(join(dist, 'public')).keys()].filter((path) => new RegExp(`^(/[A-Za-z0-9-]+)?/courses/${COURSE}/`).test(path));
  assert.ok(gated.length >= 3, gated.join());
  for (const path of gated) assert.ok(members.has(path), path);
});

test('the same site and clock give the same bytes', async () => {
  const { out } = await build(made[0] ?? '');
  made.push(out);
  const [before, after] = [files(dist), files(out)];
  assert.deepEqual([...after.keys()], [...before.keys()]);
  for (const [path, bytes] of before) assert.ok(after.get(path)?.equals(bytes), path);
});
