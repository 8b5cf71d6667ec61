// The edge half of the gate against vectors.json; language.test.mjs has what its runtime allows.
// `node --test infra/edge/`; needs nothing but Node 20 or later.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { test } from 'node:test';

import { decisionOf, gateAt, read, source, storeOf, vectors } from './runtime.mjs';

for (const vector of vectors.cases) {
  test(vector.name, async () => {
    const now = vector.now ?? vectors.now;
    const request = requestOf(vector.request, now);
    const answer = await gateAt(now)({ version: '1.0', request });
    assert.deepEqual(decisionOf(answer, vector.request), vector.expect);
  });
}

test('the vectors are many and show every decision', () => {
  assert.ok(vectors.cases.length >= 200);
  const kinds = new Set(vectors.cases.flatMap((vector) => Object.keys(vector.expect)));
  assert.deepEqual([...kinds].sort(), ['members', 'not_found', 'pass', 'public', 'redirect', 'renew']);
  const names = vectors.cases.map((vector) => vector.name);
  assert.equal(new Set(names).size, names.length);
});

// The rows of the list of bad inputs to access that are the gate's; infra/tests/http/gate.mjs has the same over HTTP.
const ROWS = {
  'X05 no hint, no usable token': [{ public: '/courses/rust/traits/index.html' }, [
    'without a hint there is no renewal', 'an expired token shows the teaser', 'a token for another course shows the teaser',
    'a tampered token shows the teaser', 'an unknown key shows the teaser', 'alg none shows the teaser',
    'alg None with a valid signature shows the teaser', 'another audience shows the teaser',
  ]],
  'X06 a course whose name begins alike': [{ public: '/courses/rust-advanced/macros/index.html' }, ['a token for rust does not open rust-advanced']],
  'X07 the members tree by its own name': [{ not_found: true }, [
    'the members tree is 404', 'the members tree in mixed case is 404', 'the members tree after two slashes is 404', 'the members tree before two slashes is 404',
    'the members tree with escaped slashes is 404', 'the members tree with an escaped underscore is 404', 'the members tree with a twice escaped underscore is 404',
    'the members tree after an escaped dot segment is 404', 'the members tree with a parameter is 404', 'the members tree with a trailing dot is 404',
    'a token does not open the members tree by its own name', 'a token does not open an escaped spelling of it either',
  ]],
  'X14 a hint, no usable token': [{ renew: '/api/access/renew?next=%2Fcourses%2Frust%2Ftraits%2F' }, [
    'a hint without a token renews', 'an expired token renews with the hint', 'a tampered token renews with the hint', 'an unknown key renews with the hint',
    'alg none renews with the hint', 'another audience renews with the hint', 'two tokens renews with the hint',
  ]],
  'X15 two tokens': [{ public: '/courses/rust/traits/index.html' }, ['two tokens shows the teaser', 'two different tokens shows the teaser', 'a token and an empty one shows the teaser']],
};

for (const [row, [expected, names]] of Object.entries(ROWS)) {
  test(`${row}: the vectors are there and expect one thing`, () => {
    for (const name of names) {
      const vector = vectors.cases.find((one) => one.name === name);
      assert.deepEqual(vector?.expect, expected, name);
    }
  });
}

test('the parsed query of every vector is that of its text', () => {
  for (const { name, request } of vectors.cases) {
    const parsed = {};
    for (const pair of (request.rawQueryString ?? '').split('&').filter(Boolean)) {
      const [key, value = ''] = pair.split(/=(.*)/s);
      (parsed[key] ??= []).push(value);
    }
    assert.deepEqual(flat(request.querystring), parsed, name);
  }
});

test('a store out of reach shows the teaser, hint or not, and never the lesson', async () => {
  const broken = { exists: () => Promise.reject(new Error('out of reach')) };
  await expectTeaser(broken);
  await expectTeaser({ ...storeOf(vectors), get: () => Promise.reject(new Error('gone')) });
});

test('a key too short or not base64url opens nothing', async () => {
  const secret = vectors.keys.k1;
  for (const bad of [secret.slice(0, 42), secret + '=', secret.replace(/^./, '{'), '']) {
    await expectTeaser(storeOf({ ...vectors, keys: { k1: bad } }));
  }
});

test('a missing or broken configuration opens nothing', async () => {
  for (const config of [undefined, {}, { iss: vectors.config.iss }, null, '{']) {
    await expectTeaser(storeOf({ ...vectors, config }));
  }
});

test('the date of a copy is dropped and its ETag kept', async () => {
  for (const vector of vectors.cases) {
    const request = requestOf(vector.request, vectors.now);
    const answer = await gateAt(vector.now ?? vectors.now)({ request });
    if (answer === request && !vector.expect.pass) {
      assert.deepEqual(Object.keys(answer.headers), ['if-none-match'], vector.name);
    }
  }
});

test('no path in a hundred thousand leads a token out of its course', async () => {
  const pieces = ['/', '/', '/', '.', '..', '%', '%2', '%2f', '%2e', '%5F', '%25', '%00', '%c3', '\\', ';', ' ',
    '_members', '_MEMBERS', 'members', '_', 'courses', 'rust', 'rust-advanced', 'traits', 'zh', 'index.html', 'é'];
  let seed = 20_240_229;
  const random = (below) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const token = { token: {} };
  const { cookies } = requestOf({ uri: '/', cookies: { tuition_access: { value: token } } }, vectors.now);
  const gate = gateAt(vectors.now);
  const seen = { members: 0, public: 0, not_found: 0, redirect: 0 };
  for (let round = 0; round < 100_000; round++) {
    let uri = ['/', '/courses/rust/', '/zh/courses/rust/'][random(3)];
    for (let n = random(6); n > 0; n--) {
      uri += pieces[random(pieces.length)];
    }
    const answer = await gate({ request: { ...requestOf({ uri }, vectors.now), cookies } });
    const [[kind, path]] = Object.entries(decisionOf(answer, { uri }));
    seen[kind] += 1;
    if (kind === 'members') {
      assert.match(path, /^\/_members\/rust(\/zh)?\/courses\/rust\//, uri);
    } else if (kind === 'public') {
      assert.doesNotMatch(decodeURIComponent(path), /%|\\|\/\/|\/\.\.?(\/|$)|\/_members(\/|$)/i, uri);
    } else if (kind === 'redirect') {
      assert.match(path, /^\/[^/\\]/, uri);
    }
  }
  assert.ok(Object.values(seen).every((count) => count > 1000), JSON.stringify(seen));
});

// caller.js, which has no store, no token and no choice.
test('the caller is whom the CDN sees, whatever they say of themselves', () => {
  const caller = new Function(`'use strict';${read('caller.js')}\nreturn handler;`)();
  for (const ip of ['203.0.113.9', '2001:db8::9']) {
    for (const said of [{}, { 'x-tuition-caller': { value: '198.51.100.7' } }]) {
      const request = { method: 'POST', uri: '/api/access/links', headers: { host: { value: 'x.example' }, ...said } };
      const answer = caller({ version: '1.0', viewer: { ip }, request });
      assert.equal(answer, request);
      assert.deepEqual(answer.headers, { host: { value: 'x.example' }, 'x-tuition-caller': { value: ip } });
    }
  }
});

// Limits: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
test('the function is under 10 KB', () => {
  assert.ok(Buffer.byteLength(source) < 10_000);
});

async function expectTeaser(store) {
  for (const hint of [{}, { tuition_hint: { value: '1' } }]) {
    const cookies = { tuition_access: { value: { token: {} } }, ...hint };
    const request = requestOf({ uri: '/courses/rust/traits/', cookies }, vectors.now);
    const answer = await gateAt(vectors.now, store)({ request });
    assert.equal(answer.uri, '/courses/rust/traits/index.html');
  }
}

// A vector's request in the shape of a CloudFront Functions event, tokens minted.
function requestOf({ method = 'GET', uri, querystring = {}, rawQueryString, cookies = {} }, now) {
  const minted = (cookie) => ({ value: tokenOf(cookie.value, now) });
  return {
    method,
    uri,
    querystring,
    rawQueryString: () => rawQueryString,
    headers: {
      'if-modified-since': { value: 'Wed, 21 Oct 2026 07:28:00 GMT' },
      'if-none-match': { value: '"x"' },
    },
    cookies: Object.fromEntries(
      Object.entries(cookies).map(([name, cookie]) => {
        const all = cookie.multiValue && { multiValue: cookie.multiValue.map(minted) };
        return [name, { ...minted(cookie), ...all }];
      }),
    ),
  };
}

// Mints the token that a vector describes (see README.md), without the code under test.
function tokenOf(value, now) {
  if (typeof value === 'string') {
    return value;
  }
  const { header, claims, age = 60, life = 900, payload, parts = {}, key, pad, after = {} } = value.token;
  const heads = merged({ alg: 'HS256', typ: 'at+jwt', kid: 'k1' }, header);
  const iat = now - age;
  const base = { ...vectors.config, sub: 'learner-1', iat, exp: iat + life, courses: ['rust'] };
  const says = merged(base, { ...claims, ...(pad && { pad: 'x'.repeat(pad) }) });
  const hash = { HS384: 'sha384', HS512: 'sha512' }[heads.alg] ?? 'sha256';
  const body = payload === undefined ? encoded(says) : Buffer.from(payload).toString('base64url');
  const input = `${parts.header ?? encoded(heads)}.${parts.payload ?? body}`;
  const signature = crypto.createHmac(hash, secretOf(key ?? heads.kid)).update(input).digest('base64url');
  const sent = after.claims ? `${encoded(heads)}.${encoded(merged(says, after.claims))}` : input;
  return `${sent}.${after.signature ?? signature}${after.append ?? ''}`;
}

function secretOf(name) {
  if (name === 'config') {
    return JSON.stringify(vectors.config);
  }
  const secret = vectors.keys[name] ?? vectors.strangers[name];
  assert.ok(secret, `a vector names the key ${name}`);
  return Buffer.from(secret, 'base64url');
}

// `changes` over `base`; null removes.
function merged(base, changes = {}) {
  const all = Object.entries({ ...base, ...changes });
  return Object.fromEntries(all.filter(([, value]) => value !== null));
}

function encoded(value) {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function flat(querystring = {}) {
  return Object.fromEntries(
    Object.entries(querystring).map(([name, { value, multiValue }]) => [
      name,
      (multiValue ?? [{ value }]).map((one) => one.value),
    ]),
  );
}
