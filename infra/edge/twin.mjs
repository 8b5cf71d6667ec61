// Answers requests as the edge would, for the comparison with the Rust gate: one line of JSON in,
// `{now, query, request}`, one decision out. `node twin.mjs`, or `node twin.mjs njs` to have them
// answered by njs, an engine with the dialect of the edge's runtime (Debian's package `njs`).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { body, decisionOf, gateAt, vectors } from './runtime.mjs';

const BATCH = 500;

const questions = readFileSync(0, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));
const answer = { node: inNode, njs: inNjs }[process.argv[2] ?? 'node'];
const answers = await answer(questions);
// The trees are looked at here: the engines give what the function returned.
const lines = answers.map((given, at) => JSON.stringify(inWords(given, questions[at].request)));
process.stdout.write(lines.join('\n') + '\n');

function inWords(given, request) {
  try {
    return decisionOf(given, request);
  } catch (error) {
    return { wrong: String(error), given };
  }
}

async function inNode(questions) {
  let now = 0;
  const gate = gateAt(() => now);
  const answers = [];
  for (const question of questions) {
    now = question.now;
    const request = { ...question.request, headers: {}, querystring: {}, rawQueryString: () => question.query ?? undefined };
    try {
      answers.push(await gate({ version: '1.0', request }));
    } catch (error) {
      answers.push({ error: String(error) });
    }
  }
  return answers;
}

// In batches: the engine keeps all memory to its end.
function inNjs(questions) {
  const answers = [];
  for (let from = 0; from < questions.length; from += BATCH) {
    answers.push(...njsBatch(questions.slice(from, from + BATCH)));
  }
  return answers;
}

function njsBatch(questions) {
  const folder = mkdtempSync(join(tmpdir(), 'gate-'));
  const [asked, answered, program] = ['asked.json', 'answered.json', 'gate.js'].map((name) => join(folder, name));
  try {
    writeFileSync(asked, JSON.stringify(questions));
    writeFileSync(program, njsProgram(asked, answered));
    const run = spawnSync('njs', [program], { encoding: 'utf8' });
    if (run.status !== 0) {
      throw run.error ?? new Error(`njs ended with ${run.status}\n${run.stdout}${run.stderr}`);
    }
    return JSON.parse(readFileSync(answered, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// The gate as it stands, its store, and a loop over the questions, in that engine's words.
function njsProgram(asked, answered) {
  const entries = { ...vectors.keys, config: JSON.stringify(vectors.config) };
  return `
import crypto from 'crypto';
import fs from 'fs';
const entries = ${JSON.stringify(entries)};
const has = (key) => Object.keys(entries).indexOf(key) >= 0;
const store = {
  exists: (key) => Promise.resolve(has(key)),
  get: (key) => has(key) ? Promise.resolve(entries[key]) : Promise.reject(new Error('KeyNotFound')),
};
const cf = { kvs: () => store };
let now = 0;
const clock = { now: () => now * 1000 + 999 };
${body.replaceAll('Date.now()', 'clock.now()').replaceAll('console.log(', 'String(')}
async function all() {
  const questions = JSON.parse(fs.readFileSync(${JSON.stringify(asked)}));
  const answers = [];
  for (let at = 0; at < questions.length; at++) {
    const question = questions[at];
    now = question.now;
    const request = question.request;
    request.headers = {};
    request.querystring = {};
    request.rawQueryString = () => question.query === null ? undefined : question.query;
    try {
      const answer = await handler({ request });
      answers.push(answer);
    } catch (error) {
      answers.push({ error: String(error) });
    }
  }
  fs.writeFileSync(${JSON.stringify(answered)}, JSON.stringify(answers));
}
all();
`;
}
