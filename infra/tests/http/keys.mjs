// Putting a new key in place of the one that signs access tokens, while people read: nobody is signed out,
// nobody who has paid sees a teaser, and what the old key signed opens nothing once it is gone.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { binary, tuition } from '../lib/binary.mjs';
import { LOCKED, buy, isWhole, secondOf, signIn, someone } from '../lib/buying.mjs';
import { Shop } from '../lib/shop.mjs';
import { COURSE, PAID, forget, madeSite } from '../lib/sites.mjs';
import { TOKEN_LIFE, mintedBy, read, signingKey } from '../lib/tokens.mjs';
import { until } from '../lib/until.mjs';
import { Visitor } from '../lib/visitor.mjs';

/** Seconds that a change of keys may take to be known everywhere. */
const SPREAD = 60;
const READERS = 10;

/** @type {Shop} */
let shop;
before(async () => (shop = await Shop.open(await madeSite())));
after(async () => {
  await shop?.close();
  if (shop) forget(shop.site);
});

const keys = (/** @type {string[]} */ ...words) => tuition('keys', '--state', shop.state, ...words);

/** What `keys list` tells: one line for each key, as `phase`s by id. */
async function phases() {
  const listed = await keys('list', '--json');
  assert.equal(listed.code, 0, listed.stderr);
  /** @type {{keys: {id: string, phase: string}[]}} */
  const told = JSON.parse(listed.stdout);
  return told.keys.map(({ id, phase }) => ({ id, phase }));
}

/** A token that opens the course now, if the gate knows the key. @param {{kid: string, secret: Buffer}} key */
const tokenOf = async (key) => mintedBy(key, [COURSE], { claims: { iss: shop.origin, aud: shop.origin }, now: await secondOf(shop) });

/** Whether a browser with this token, and nothing else, sees what was paid for. @param {string} token */
async function opens(token) {
  const answer = await new Visitor(shop).send('GET', LOCKED, { headers: { cookie: `tuition_access=${token}` } });
  assert.equal(answer.status, 200);
  return answer.text.includes(PAID);
}

/** Reads a lesson over and over until told to stop; answers how often. @param {Visitor} visitor @param {{stop: boolean}} signal */
async function reading(visitor, signal) {
  const kids = new Set();
  let pages = 0;
  while (!signal.stop) {
    assert.equal(await isWhole(visitor), true, `a teaser after ${pages} pages`);
    kids.add(read(visitor.cookies.get('tuition_access')?.value ?? '').head.kid);
    pages += 1;
  }
  return { pages, kids };
}

test('ten readers notice nothing of a rotation from beginning to end', async () => {
  const readers = [];
  for (let n = 0; n < READERS; n += 1) {
    const visitor = new Visitor(shop);
    const email = someone();
    await buy(visitor, email);
    // Some stay with the session that paying gave them.
    if (n % 2) await signIn(visitor, email);
    readers.push(visitor);
  }
  const [before] = await phases();
  const old = signingKey(shop);
  const signal = { stop: false };
  const all = readers.map((visitor) => reading(visitor, signal));
  const rotated = keys('rotate');
  let ended = false;
  rotated.finally(() => (ended = true));
  for (let passed = 0; !ended; passed += 20) {
    assert.ok(passed < 3 * TOKEN_LIFE, 'the rotation has not come to an end');
    // A failed reader is a failed test, not one to wait for.
    await Promise.race([shop.advance(20), ...all]);
    await new Promise((done) => setTimeout(done, 100));
  }
  const { code, stderr } = await rotated;
  assert.equal(code, 0, stderr);
  signal.stop = true;
  const seen = await Promise.all(all);

  const now = await phases();
  assert.equal(now.length, 1);
  assert.notEqual(now[0]?.id, before?.id);
  for (const { pages, kids } of seen) {
    assert.ok(pages > 20, `${pages} pages`);
    assert.deepEqual([...kids], [before?.id, now[0]?.id]);
  }
  for (const visitor of readers.filter((_, n) => n % 2)) {
    const me = await visitor.get('/api/access/me');
    assert.equal(me.status, 200, me.text);
  }
  const forged = await tokenOf(old);
  assert.equal(await opens(forged), false, 'a token of the removed key');
  assert.equal(await opens(await tokenOf(signingKey(shop))), true);
});

test('each step is taken when it is due and not before, by whoever comes', async () => {
  const [first] = await phases();
  const old = signingKey(shop);
  const step = async () => {
    const done = await keys('rotate', '--no-wait');
    assert.equal(done.code, 0, done.stderr);
    return phases();
  };
  const [, next] = await step();
  assert.deepEqual(await phases(), [{ id: first?.id, phase: 'signing' }, { id: next?.id, phase: 'verifying' }]);
  const keysNow = JSON.parse(readFileSync(join(shop.state, 'keys.json'), 'utf8')).access.keys;
  const coming = { kid: next?.id ?? '', secret: Buffer.from(keysNow[next?.id ?? ''], 'base64url') };
  assert.equal(await opens(await tokenOf(coming)), true, 'the new key verifies');

  await shop.advance(SPREAD - 10);
  assert.equal((await step())[0]?.id, first?.id, 'it does not sign yet');
  await shop.advance(10);
  assert.deepEqual(await step(), [{ id: next?.id, phase: 'signing' }, { id: first?.id, phase: 'retired' }]);

  await shop.advance(TOKEN_LIFE);
  assert.equal((await step()).length, 2, 'a token of the old key may still be good');
  assert.equal(await opens(await tokenOf(old)), true);
  await shop.advance(SPREAD);
  assert.deepEqual(await step(), [{ id: next?.id, phase: 'signing' }]);
  assert.equal(await opens(await tokenOf(old)), false);
});

test('a rotation that is killed while it waits is gone on with, and makes no second key', async () => {
  const [first] = await phases();
  /** Starts the command and kills it when it waits. */
  const cutOff = async () => {
    const child = spawn(binary, ['keys', 'rotate', '--state', shop.state], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
    await until('it waits', () => /^until /m.test(said));
    child.kill('SIGKILL');
    await new Promise((done) => child.once('close', done));
    return phases();
  };
  const [, made] = await cutOff();
  assert.equal(made?.phase, 'verifying');
  assert.deepEqual(await cutOff(), [{ id: first?.id, phase: 'signing' }, made]);
  await shop.advance(SPREAD);
  const switched = [{ id: made?.id, phase: 'signing' }, { id: first?.id, phase: 'retired' }];
  assert.deepEqual(await cutOff(), switched);
  assert.deepEqual(await cutOff(), switched);
  // The shop itself may stop meanwhile, too.
  await shop.kill();
  await shop.start();
  await shop.advance(SPREAD + TOKEN_LIFE);
  const ended = await keys('rotate');
  assert.equal(ended.code, 0, ended.stderr);
  assert.deepEqual(await phases(), [{ id: made?.id, phase: 'signing' }]);
});

test('no secret is shown, and the file stays its owner\'s', async () => {
  await keys('rotate', '--no-wait');
  const text = readFileSync(join(shop.state, 'keys.json'), 'utf8');
  const secrets = [...text.matchAll(/[A-Za-z0-9_-]{43}/g)].map(([secret]) => secret);
  assert.ok(secrets.length >= 3);
  for (const words of [['list'], ['list', '--json'], ['rotate', '--no-wait']]) {
    const { code, stdout, stderr } = await keys(...words);
    assert.equal(code, 0, stderr);
    for (const secret of secrets) assert.ok(!`${stdout}${stderr}${shop.said}`.includes(secret), words.join(' '));
  }
  assert.equal(statSync(join(shop.state, 'keys.json')).mode & 0o777, 0o600);
});

test('where there are no keys to rotate, the command says so', async () => {
  const elsewhere = await tuition('keys', 'rotate', '--state', join(shop.folder, 'nowhere'));
  assert.equal(elsewhere.code, 3);
  assert.match(elsewhere.stderr, /nowhere has no keys/);
  const deployed = await keys('rotate', '--stage', 'live');
  assert.equal(deployed.code, 3);
  assert.match(deployed.stderr, /TUITION_GATE_STORE is not set/);
});

test('keys of a deployed stage are sent to no host that the environment names', async () => {
  const set = { TUITION_GATE_STORE: 'arn:aws:cloudfront::123456789012:key-value-store/x', AWS_ENDPOINT_URL_SSM: shop.origin };
  Object.assign(process.env, set);
  try {
    const led = await keys('rotate', '--stage', 'live');
    assert.equal(led.code, 3);
    assert.match(led.stderr, /AWS_ENDPOINT_URL_SSM names another host than AWS/);
  } finally {
    for (const name of Object.keys(set)) delete process.env[name];
  }
});
