// No secret in the repository, in the packaged template, in the zips of the functions. Logs are looked through where they are made:
// by lib/shop.mjs and lib/deployed.mjs, when a shop closes.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { KINDS, secretsIn, secretsOfFile } from '../lib/secrets.mjs';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** Files that hold what looks like a secret, and why it is none. */
const KNOWN = /** @type {Record<string, string[]>} */ ({
  // Keys of both gates' common vectors: published, and no shop has them.
  'infra/edge/vectors.json': ['256 random bits'],
  // All hexadecimal digits in their order, twice.
  'infra/tests/bench/functions.mjs': ['edge secret'],
});

const random = (/** @type {number} */ bytes) => randomBytes(bytes).toString('base64url');
const letters = (/** @type {number} */ count) => randomBytes(count).toString('hex').slice(0, count);

/** One of each kind, made up anew. */
const PLANTED = /** @type {Record<string, () => string>} */ ({
  'key of the payment provider': () => `sk_${'live'}_${letters(24)}`,
  'secret of a webhook': () => `whsec${'_'}${letters(32)}`,
  'identity at AWS': () => `AK${'IA'}${'ABCDEFGHIJKLMNOP'}`,
  'secret of an identity at AWS': () => `aws_secret_access_key = ${letters(40)}`,
  'private key': () => `-----BEGIN ${'EC PRIVATE'} KEY-----`,
  'edge secret': () => `"edge_secret": "${letters(48)}"`,
  'keys of access tokens': () => JSON.stringify({ signing: 'k1', keys: { k1: random(32) } }),
  'access token': () => [{ alg: 'HS256', kid: 'k1' }, { iss: 'https://x.example' }].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).concat(random(32)).join('.'),
  'token of a pipeline': () => `ghp${'_'}${letters(36)}`,
});

/** A secret of base64url that has a capital letter, a small one and a digit, as nearly all have. */
function bits() {
  for (;;) {
    const text = random(32);
    if (secretsIn(text).length > 0) return text;
  }
}

test('the repository holds none', () => {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: repository, maxBuffer: 2 ** 26 });
  const files = listed.toString().split('\0').filter((path) => path && existsSync(join(repository, path)) && lstatSync(join(repository, path)).isFile());
  assert.ok(files.length > 500, `${files.length} files`);
  const found = files.flatMap((path) => {
    const known = new Set(KNOWN[path] ?? []);
    const wrong = secretsOfFile(join(repository, path)).filter((line) => !known.delete(line.slice(line.lastIndexOf(': ') + 2)));
    return [...wrong, ...[...known].map((kind) => `${path}: said to hold a ${kind}, and does not`)];
  });
  assert.deepEqual(found, []);
});

test('what is packaged holds none', () => {
  const template = process.env.TUITION_TEMPLATE;
  assert.ok(template, 'TUITION_TEMPLATE names what cargo task package wrote');
  const folder = join(template, '..');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.ok(files.length > 0);
  assert.deepEqual(files.flatMap((entry) => secretsOfFile(join(entry.parentPath ?? entry.path, entry.name))), []);
});

test('one of each kind is found: in text, in a log, in a program, in a zip', () => {
  assert.deepEqual(Object.keys(PLANTED), Object.keys(KINDS));
  const folder = mkdtempSync(join(tmpdir(), 'tuition-secrets-'));
  try {
    for (const [kind, make] of Object.entries(PLANTED)) {
      for (const text of [make(), `2026-05-04T10:00:00Z  INFO said ${make()} and went on`]) assert.ok(secretsIn(text).includes(kind), `${kind}: ${text}`);
      const program = join(folder, 'bootstrap');
      writeFileSync(program, Buffer.concat([Buffer.from('\x7fELF\0\0'), Buffer.from(make()), Buffer.from('\0end')]));
      assert.deepEqual(secretsOfFile(program), [`${program}: ${kind}`]);
      execFileSync('python3', ['-c', 'import sys, zipfile\nwith zipfile.ZipFile("x.zip", "w", zipfile.ZIP_DEFLATED) as z: z.write("bootstrap")'], { cwd: folder });
      assert.deepEqual(secretsOfFile(join(folder, 'x.zip')), [`${join(folder, 'x.zip')}: bootstrap: ${kind}`]);
    }
    assert.deepEqual(secretsIn(`session ${bits()} began`), ['256 random bits']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what only resembles one is let be', () => {
  for (const text of ['whsec_local', 'sk_test_x', 'sk_test_deployed', 'a'.repeat(43), `sha256:${'0a'.repeat(32)}`, 'EXAMPLE AKIA', 'no_such_word_however_long_it_is_made_to_be_x']) {
    assert.deepEqual(secretsIn(text), [], text);
  }
});
