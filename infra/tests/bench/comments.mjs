// The load that comments bear: a thread of a hundred read, a page at a time, and comments posted, over HTTP against `tuition
// serve`, beside the floor: a bare handler that makes the same calls to the same table. Prints tables; the last line is the
// lower one of the two ratios.
//
//   node comments.mjs OHA FLOOR      the load generator, https://github.com/hatoo/oha; functions/adapters/examples/floor
//
// What is acknowledged must be there after `kill -9`: the count is held to the answers.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, env } from 'node:process';
import { promisify } from 'node:util';

import { signIn, someone } from '../lib/buying.mjs';
import { Shop } from '../lib/shop.mjs';
import { COURSE, OTHER, forget, madeSite } from '../lib/sites.mjs';
import { rows } from '../lib/tables.mjs';
import { until } from '../lib/until.mjs';
import { Visitor } from '../lib/visitor.mjs';

const [, , oha = '', floorBinary = ''] = argv;
/** Of one run. */
const SECONDS = Number(env.SECONDS ?? 8);
/** Runs of each without a rate, taking turns. */
const ROUNDS = Number(env.ROUNDS ?? 3);
const CONNECTIONS = 16;
/** In the thread that is read; a third of them begins a conversation. */
const COMMENTS = 100;
/** Of our most in a second, this share is asked for at a fixed rate. */
const SHARE = 0.5;
/** What a refusal may cost, of the processor's time. */
const MOST_MS = 50;

/** The thread that is read. */
const READ = `${COURSE}/open`;
/** Where ours are posted; the floor's lie beside them, in a lesson that no course has. */
const WRITTEN = `${OTHER}/open`;

/**
 * @typedef {{ summary: { requestsPerSec: number }, latencyPercentiles: Record<string, number>, statusCodeDistribution: Record<string, number>,
 *   errorDistribution: Record<string, number> }} Said
 * @typedef {'list' | 'post'} Work
 * @typedef {{ name: string, origin: string, path: Record<Work, string> }} Target
 */

const shop = await Shop.open(await madeSite(), { watch: false });
const learner = new Visitor(shop);
await signIn(learner, someone());
const cookie = learner.cookiesFor('/api/comments');

/** Markdown of a usual length, a different one each time. @param {number} n */
const body = (n) => `Number ${n}: why does *this* differ from \`that\`? I read the lesson twice.\n\n- The sea is salt\n- The river is not\n\n\`\`\`rust\nfn main() {\n    let answer = ${n};\n    println!("{answer}");\n}\n\`\`\`\n`;

/** A thread in which two of three answer the one before. */
async function fill() {
  let parent;
  for (let n = 0; n < COMMENTS; n += 1) {
    const answer = await learner.post('/api/comments', { lesson: READ, body: body(n), ...(n % 3 ? { parent } : {}) });
    assert.equal(answer.status, 201, answer.text);
    parent = answer.json.id;
  }
}

/** The floor as a process of its own, over the tables of the shop. @returns {Promise<{ target: Target, end: () => void }>} */
async function floor() {
  const sessions = (await rows(shop)).map((row) => JSON.parse(row)).filter((row) => row.sk.S.startsWith('SESSION#'));
  assert.equal(sessions.length, 1, 'one is signed in');
  const who = [sessions[0].pk.S.slice('LEARNER#'.length), sessions[0].sk.S];
  const child = spawn(floorBinary, [shop.facts.dynamodb, 'tuition', 'tuition-ephemeral', ...who, READ, 'beside/beside'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (said += text));
  const origin = await until('the floor listens', () => /^listening on (\S+)$/m.exec(said)?.[1]);
  return { target: { name: 'floor', origin, path: { list: '/api/comments', post: '/api/comments' } }, end: () => child.kill('SIGKILL') };
}

const lines = join(shop.folder, 'bodies.jsonl');
writeFileSync(lines, Array.from({ length: 20_000 }, (_, n) => JSON.stringify({ lesson: WRITTEN, body: body(n), question: n % 4 === 0 })).join('\n'));

/**
 * One run: as fast as sixteen connections go, or at a rate; a request that had to wait for its turn counts from when it was due.
 * @param {Target} target @param {Work} work @param {number} [rate] in a second
 * @returns {Promise<Said>}
 */
async function run(target, work, rate) {
  const sent = work === 'post' ? ['-m', 'POST', '-T', 'application/json', '-H', `origin: ${shop.origin}`, '-H', 'sec-fetch-site: same-origin', '-Z', lines] : [];
  const { stdout } = await promisify(execFile)(oha, [
    '--no-tui', '--output-format', 'json', '--no-color', '-c', String(CONNECTIONS), '-z', `${SECONDS}s`, '--wait-ongoing-requests-after-deadline',
    ...(rate ? ['-q', String(rate), '--latency-correction'] : []), '-H', `cookie: ${cookie}`, '-A', 'application/json', ...sent, target.origin + target.path[work],
  ], { maxBuffer: 1 << 26 });
  const said = JSON.parse(stdout);
  const good = work === 'post' ? '201' : '200';
  assert.deepEqual(Object.keys(said.statusCodeDistribution), [good], `${target.name}, ${work}: ${JSON.stringify([said.statusCodeDistribution, said.errorDistribution])}`);
  assert.deepEqual(said.errorDistribution, {});
  return said;
}

const median = (/** @type {number[]} */ values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
const ms = (/** @type {number | undefined} */ seconds) => `${((seconds ?? NaN) * 1000).toFixed(1)} ms`;

/** Time of the processor that the shop took so far, in milliseconds (proc(5); a tick is 10 ms). */
function spent() {
  const after = readFileSync(`/proc/${shop.child?.pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
  return (Number(after[11]) + Number(after[12])) * 10;
}

/** What it costs to refuse, or to take, a text: the whole request, averaged. */
async function refusals() {
  console.log(`\n| a text | answer | time of the processor, a request, whole |\n|---|---|---:|`);
  /** @type {[string, string, number, number][]} */
  const texts = [
    ['4,000 × `>`', '>'.repeat(4000), 422, 200], ['2,000 × `> `', `${'> '.repeat(2000)}x`, 422, 200], ['500 lists in one line', `${'- '.repeat(500)}x`, 422, 200],
    ['lists in lists, 40 deep', Array.from({ length: 40 }, (_, n) => `${'  '.repeat(n)}- x`).join('\n'), 422, 200], ['nothing', '', 422, 200],
    ['4,096 bytes of links', '[a](http://a.b) '.repeat(256), 201, 50],
  ];
  for (const [name, text, status, times] of texts) {
    const before = spent();
    for (let turn = 0; turn < times; turn += 1) {
      const answer = await learner.post('/api/comments', { lesson: WRITTEN, body: text });
      assert.equal(answer.status, status, `${name}: ${answer.text}`);
    }
    const each = (spent() - before) / times;
    console.log(`| ${name} | ${status} | ${each.toFixed(2)} ms |`);
    assert.ok(status !== 422 || each < MOST_MS, `${name} costs ${each} ms`);
  }
}

let acknowledged = 0;
try {
  await fill();
  const beside = await floor();
  /** @type {Target} */
  const ours = { name: 'ours', origin: shop.origin, path: { list: `/api/comments?lesson=${encodeURIComponent(READ)}`, post: '/api/comments' } };
  const targets = [ours, beside.target];
  const first = await learner.get(ours.path.list);
  assert.deepEqual([first.json.comments.length, first.json.count], [50, COMMENTS]);
  const heard = async (/** @type {Target} */ target, /** @type {Work} */ work, /** @type {number} */ rate = 0) => {
    const said = await run(target, work, rate || undefined);
    if (target === ours && work === 'post') acknowledged += said.statusCodeDistribution['201'] ?? 0;
    return said;
  };
  console.log(`| what | ours, most a second | floor, most a second | ratio | at a rate of | ours, p50 | ours, p99 | floor, p99 |\n|---|---:|---:|---:|---:|---:|---:|---:|`);
  let least = Infinity;
  for (const work of /** @type {const} */ (['list', 'post'])) {
    /** @type {Map<Target, number[]>} */
    const most = new Map(targets.map((target) => [target, []]));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const target of round % 2 ? targets.toReversed() : targets) most.get(target)?.push((await heard(target, work)).summary.requestsPerSec);
    }
    const [our, their] = targets.map((target) => median(most.get(target) ?? []));
    const ratio = (our ?? NaN) / (their ?? NaN);
    least = Math.min(least, ratio);
    const rate = Math.max(1, Math.floor((our ?? 0) * SHARE));
    const [we, they] = [await heard(ours, work, rate), await heard(beside.target, work, rate)];
    const what = work === 'list' ? `a page of 50 out of a thread of ${COMMENTS}` : 'a comment posted';
    console.log(`| ${what} | ${our?.toFixed(0)} | ${their?.toFixed(0)} | ${(100 * ratio).toFixed(0)} % | ${rate}/s | ${ms(we.latencyPercentiles.p50)} | ${ms(we.latencyPercentiles.p99)} | ${ms(they.latencyPercentiles.p99)} |`);
  }
  beside.end();
  await shop.kill();
  await shop.start();
  const { count } = (await learner.get(`/api/comments?lesson=${encodeURIComponent(WRITTEN)}`)).json;
  assert.equal(count, acknowledged, 'every 201 is there after kill -9, and nothing else');
  console.log(`\nEvery one of the ${acknowledged} comments that were acknowledged was there after \`kill -9\`.`);
  await refusals();
  console.log(`\nlowest ratio: ${least.toFixed(3)}`);
} finally {
  const { site } = shop;
  await shop.close();
  forget(site);
}
