// What a decision costs, by kind, beside a function that does nothing: `node bench.mjs`. Counted is
// the time of the processor, so that it matters little what else the machine does. CloudFront's own
// measure, the compute utilisation, exists at CloudFront only; ratios under two engines are what can
// be had here.
import crypto from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { body, gateAt, vectors } from './runtime.mjs';

const { now, config } = vectors;
const [BATCHES, EACH] = [200, 500]; // of Node: batches, and decisions in each
const DECISIONS = 3000; // of njs

const LESSON = '/courses/rust/traits/';
const KINDS = [
  ['a POST, passed on', { method: 'POST', uri: LESSON }],
  ['a page outside of courses', { uri: '/posts/2026/ownership/' }],
  ['404: the members tree by name', { uri: '/_members/rust/' }],
  ['301: the slash', { uri: '/courses/rust/traits', query: 'utm_source=a' }],
  ['a teaser, no cookie', { uri: LESSON }],
  ['302: renewal', { uri: LESSON, hint: true }],
  ['a lesson, a token of 1 course', { uri: LESSON, token: minted(['rust']) }],
  ['a lesson, a token of 60 courses, its the last', { uri: LESSON, token: minted([...slugs(59), 'rust']) }],
  ['a picture of a lesson', { uri: `${LESSON}vtable.svg`, token: minted(['rust']) }],
  ['a teaser, a token of another course', { uri: LESSON, token: minted(['go']) }],
  ['a teaser, an expired token', { uri: LESSON, token: minted(['rust'], 2000) }],
  ['a teaser, a token with another signature', { uri: LESSON, token: minted(['rust']).replace(/.$/, (c) => (c === 'A' ? 'E' : 'A')) }],
  ['a teaser, 4 KB that are no token', { uri: LESSON, token: 'a'.repeat(4000) }],
];

const results = { node: await inNode() };
const njs = inNjs();
if (njs !== null) {
  results.njs = njs;
}
console.log(table());

function table() {
  const engines = Object.keys(results);
  const rows = KINDS.map(([name], at) => [name, ...engines.flatMap((engine) => {
    const { nothing, kinds } = results[engine];
    return [kinds[at].toFixed(1), (kinds[at] / nothing).toFixed(0)];
  })]);
  const head = ['decision', ...engines.flatMap((engine) => [`µs, ${engine}`, '× nothing'])];
  return [head, head.map((_, at) => (at === 0 ? '---' : '---:')), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

// Medians of microseconds: of a function that does nothing, and of each kind.
async function inNode() {
  const gate = gateAt(now);
  const median = async (handler, kind) => {
    const times = [];
    for (let batch = 0; batch < BATCHES; batch++) {
      const events = Array.from({ length: EACH }, () => eventOf(kind));
      const start = process.cpuUsage();
      for (const event of events) {
        await handler(event);
      }
      const { user, system } = process.cpuUsage(start);
      times.push((user + system) / EACH);
    }
    return times.sort((a, b) => a - b)[times.length >> 1];
  };
  const nothing = async (event) => event.request;
  for (const [, kind] of KINDS) {
    await median(gate, kind); // to be compiled
  }
  const kinds = [];
  for (const [, kind] of KINDS) {
    kinds.push(await median(gate, kind));
  }
  return { nothing: await median(nothing, KINDS[0][1]), kinds };
}

function eventOf({ method = 'GET', uri, query, hint, token }) {
  const cookies = {};
  if (token) {
    cookies.tuition_access = { value: token };
  }
  if (hint) {
    cookies.tuition_hint = { value: 'a.rust' };
  }
  return { version: '1.0', request: { method, uri, querystring: {}, headers: {}, cookies, rawQueryString: () => query } };
}

// The same under njs, each kind in a process of its own, less what a process costs that decides
// nothing. njs has no clock of the processor: the shell tells what it took.
function inNjs() {
  if (version() === null) {
    return null;
  }
  const folder = mkdtempSync(join(tmpdir(), 'gate-'));
  const program = join(folder, 'bench.js');
  const seconds = (what, kind, times) => {
    writeFileSync(program, njsProgram(what, kind, times));
    const run = spawnSync('bash', ['-c', `TIMEFORMAT='%U %S'; time njs ${program}`], { encoding: 'utf8' });
    if (run.status !== 0) {
      throw new Error(`njs ended with ${run.status}\n${run.stdout}${run.stderr}`);
    }
    const [user, system] = run.stderr.trim().split(' ').map(Number);
    return user + system;
  };
  const cost = (what, kind, times) => {
    const rounds = [1, 2, 3].map(() => seconds(what, kind, times) - seconds(what, kind, 0));
    return (rounds.sort((a, b) => a - b)[1] / times) * 1e6;
  };
  try {
    return {
      nothing: cost('nothing', KINDS[0][1], 20 * DECISIONS),
      kinds: KINDS.map(([, kind]) => cost('handler', kind, DECISIONS)),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function version() {
  const run = spawnSync('njs', ['-v'], { encoding: 'utf8' });
  return run.status === 0 ? run.stdout.trim() : null;
}

function njsProgram(what, kind, times) {
  const entries = { ...vectors.keys, config: JSON.stringify(config) };
  return `
import crypto from 'crypto';
const entries = ${JSON.stringify(entries)};
const store = {
  exists: (key) => Promise.resolve(entries[key] !== undefined),
  get: (key) => Promise.resolve(entries[key]),
};
const cf = { kvs: () => store };
const clock = { now: () => ${now * 1000} };
${body.replaceAll('Date.now()', 'clock.now()').replaceAll('console.log(', 'String(')}
async function nothing(event) {
  return event.request;
}
const kind = ${JSON.stringify(kind)};
function eventOf() {
  const cookies = {};
  if (kind.token) {
    cookies.tuition_access = { value: kind.token };
  }
  if (kind.hint) {
    cookies.tuition_hint = { value: 'a.rust' };
  }
  return { version: '1.0', request: {
    method: kind.method || 'GET', uri: kind.uri, querystring: {}, headers: {}, cookies, rawQueryString: () => kind.query,
  } };
}
async function all() {
  for (let n = 0; n < ${times}; n++) {
    await ${what}(eventOf());
  }
}
all();
`;
}

function slugs(count) {
  return Array.from({ length: count }, (_, at) => `a-course-with-a-name-of-some-length-${at}`);
}

// A token that a minute ago, or `age` seconds ago, was good for 900 seconds.
function minted(courses, age = 60) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const iat = now - age;
  const claims = { ...config, sub: '0'.repeat(32), iat, exp: iat + 900, courses };
  const input = `${part({ typ: 'at+jwt', alg: 'HS256', kid: 'k1' })}.${part(claims)}`;
  const signature = crypto.createHmac('sha256', Buffer.from(vectors.keys.k1, 'base64url')).update(input).digest('base64url');
  return `${input}.${signature}`;
}
