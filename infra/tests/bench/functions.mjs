// What a function costs to start, to ask and to keep: a Runtime API on loopback that hands out one request again and again
// (AWS, "Using the Lambda runtime API"). Prints a table.
//
//   node functions.mjs FOLDER PEER     the folder of the four binaries; the least function there can be
//
// The far ends are here too: a table that is empty, and SSM with the secrets, by TLS, since every start asks it. Functions
// take turns, so that what the machine does besides meets all of them alike.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, env, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';

const [, , folder = '', peer = ''] = argv;
/** Cold starts of each. */
const STARTS = Number(env.STARTS ?? 15);
/** Warm requests to each start. */
const WARM = Number(env.WARM ?? 400);

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));
const EDGE_SECRET = '0123456789abcdef0123456789abcdef';
const ORIGIN = 'http://127.0.0.1:8080';
const SECRETS = {
  'edge-secret': EDGE_SECRET,
  'access-keys': JSON.stringify({ signing: 'k1', keys: { k1: 'A'.repeat(43) } }),
  'stripe-key': 'sk_test_x',
  'webhook-secrets': 'whsec_local',
};

/**
 * @typedef {{ name: string, path: string, method?: string, cookies?: string[], query?: string, body?: string, status: number,
 *   command: string[] }} Case
 * @typedef {{ init: number, first: number, warm: number[], peak: number, secrets: number, table: number, answer: { statusCode: number, body: string } }} Run
 */

const session = [`tuition_session=${'0'.repeat(32)}.${'A'.repeat(43)}`];
const events = () => JSON.stringify({ events: [{ id: '0190a6e0-0000-7000-8000-000000000000', type: 'page_view', at: new Date().toISOString(), path: '/' }] });
const OFFERS = { path: '/api/checkout/offers', status: 200 };

/** @type {Case[]} */
const CASES = [
  { name: '`checkout`', command: [join(folder, 'checkout')], ...OFFERS },
  { name: '`checkout`', command: [join(folder, 'checkout')], path: '/api/checkout/sessions/cs_test_1', status: 404 },
  { name: '`access`', command: [join(folder, 'access')], path: '/api/access/me', cookies: session, status: 401 },
  { name: '`comments`', command: [join(folder, 'comments')], path: '/api/comments', query: 'lesson=rust/hello', status: 200 },
  { name: '`metrics`', command: [join(folder, 'metrics')], path: '/api/metrics/events', method: 'POST', body: events(), status: 202 },
  { name: '`lambda_http` alone', command: [peer], ...OFFERS },
  { name: 'Node', command: [execPath, here('offers.mjs')], ...OFFERS },
];
const LEAST = 5;

/** As API Gateway sends it, payload format version 2.0. @param {Case} asked */
const event = (asked) => JSON.stringify({
  version: '2.0', routeKey: '$default', rawPath: asked.path, rawQueryString: asked.query ?? '',
  headers: {
    host: 'abcdef.execute-api.eu-central-1.amazonaws.com', 'content-type': 'application/json', origin: ORIGIN,
    'user-agent': 'Mozilla/5.0', 'x-tuition-edge': EDGE_SECRET, 'x-tuition-caller': '203.0.113.9', 'x-forwarded-for': '203.0.113.9',
  },
  cookies: asked.cookies,
  requestContext: {
    accountId: '123456789012', apiId: 'abcdef', domainName: 'abcdef.execute-api.eu-central-1.amazonaws.com', domainPrefix: 'abcdef',
    http: { method: asked.method ?? 'GET', path: asked.path, protocol: 'HTTP/1.1', sourceIp: '203.0.113.9', userAgent: 'Mozilla/5.0' },
    requestId: 'id', routeKey: '$default', stage: '$default', time: '22/Nov/2026:12:00:00 +0000', timeEpoch: 1_795_000_000_000,
  },
  body: asked.body, isBase64Encoded: false,
});

/** Calls of the process that runs. */
const calls = { secrets: 0, table: 0 };

/** DynamoDB without a row, and SSM with all secrets. @param {string} target @param {string} body */
function farEnd(target, body) {
  const action = target.split('.').at(-1);
  if (action === 'GetParameters') {
    calls.secrets += 1;
    const Parameters = JSON.parse(body).Names.map((/** @type {string} */ Name) => ({
      Name, Type: 'SecureString', Value: SECRETS[/** @type {keyof typeof SECRETS} */ (Name.split('/').at(-1))],
    }));
    return { Parameters, InvalidParameters: [] };
  }
  calls.table += 1;
  if (action === 'Query') return { Items: [], Count: 0, ScannedCount: 0 };
  if (action === 'UpdateItem') return { Attributes: { v: { N: '1' }, n: { N: '1' }, secret: { B: Buffer.alloc(32, 7).toString('base64') } } };
  return {};
}

/** @type {import('node:http').RequestListener} */
const answerFromOutside = (request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (piece) => { body += piece; }).on('end', () => {
    const answer = JSON.stringify(farEnd(String(request.headers['x-amz-target']), body));
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'content-length': Buffer.byteLength(answer) }).end(answer);
  });
};

/** Whom a Debian machine trusts, some 140 authorities: as many as a function on AWS reads. */
const AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';

/** A certificate for this machine, and a list of authorities that it is on. */
function certificate() {
  const scratch = mkdtempSync(join(tmpdir(), 'bench-'));
  const [key, cert] = [join(scratch, 'key.pem'), join(scratch, 'cert.pem')];
  const named = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-addext', 'basicConstraints=critical,CA:FALSE'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-keyout', key, '-out', cert, ...named], { stdio: 'ignore' });
  const trusted = join(scratch, 'trusted.pem');
  writeFileSync(trusted, readFileSync(AUTHORITIES, 'utf8') + readFileSync(cert, 'utf8'));
  return { scratch, trusted, key: readFileSync(key), cert: readFileSync(cert) };
}

const tls = certificate();
const outside = createServer(answerFromOutside);
const secretsEnd = createTlsServer({ key: tls.key, cert: tls.cert }, answerFromOutside);

/** @param {import('node:http').Server | import('node:https').Server} server */
async function listen(server) {
  server.keepAliveTimeout = 60_000;
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
}

const far = `http://${await listen(outside)}`;
const ssm = `https://${(await listen(secretsEnd)).replace('127.0.0.1', 'localhost')}`;

/** @param {string} api */
const variables = (api) => ({
  PATH: env.PATH,
  AWS_LAMBDA_RUNTIME_API: api, AWS_LAMBDA_FUNCTION_NAME: 'tuition', AWS_LAMBDA_FUNCTION_VERSION: '1', AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
  AWS_LAMBDA_LOG_GROUP_NAME: 'group', AWS_LAMBDA_LOG_STREAM_NAME: 'stream', AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b',
  TUITION_STAGE: 'local', TUITION_ORIGIN: ORIGIN, TUITION_TABLE: 'shop', TUITION_EPHEMERAL_TABLE: 'shop-ephemeral',
  TUITION_CATALOG: here('../../../generator/catalog/samples/v1.json'), TUITION_MAIL_FROM: 'Shop <shop@x.example>',
  TUITION_DYNAMODB_URL: far, TUITION_SES_URL: far, TUITION_STRIPE_URL: far, TUITION_SSM_URL: ssm, SSL_CERT_FILE: tls.trusted, TUITION_SECRETS: '/tuition/local',
});

/** Most memory that a process had, in MiB. @param {number | undefined} pid */
function peakOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

const milliseconds = (/** @type {bigint} */ since) => Number(process.hrtime.bigint() - since) / 1e6;

/** One process from its start to its last answer. @param {Case} asked @returns {Promise<Run>} */
async function run(asked) {
  const payload = event(asked);
  /** @type {number[]} */
  const times = [];
  let init = 0;
  let sent = 0n;
  let last = '';
  /** @type {(value?: unknown) => void} */
  let finish = () => {};
  const finished = new Promise((resolve) => { finish = resolve; });
  const api = createServer((request, response) => {
    if (request.method === 'GET') {
      init ||= milliseconds(start);
      if (times.length > WARM) { finish(); return; }
      response.writeHead(200, {
        'lambda-runtime-aws-request-id': '8476a536-e9f4-11e8-9739-2dfe598c3fcd', 'lambda-runtime-deadline-ms': '4102444800000',
        'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:123456789012:function:tuition',
        'content-type': 'application/json', 'content-length': Buffer.byteLength(payload),
      });
      sent = process.hrtime.bigint();
      response.end(payload);
      return;
    }
    // The whole answer is here when its end is.
    let body = '';
    request.setEncoding('utf8').on('data', (piece) => { body += piece; }).on('end', () => {
      times.push(milliseconds(sent));
      last = body;
      response.writeHead(202, { 'content-length': 0 }).end();
    });
  });
  const address = await listen(api);
  Object.assign(calls, { secrets: 0, table: 0 });
  // The function has a processor of its own.
  const start = process.hrtime.bigint();
  const child = spawn('taskset', ['-c', '1', ...asked.command], { env: variables(address), stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'exit').then(([code]) => { throw new Error(`${asked.name} ended with ${code}`); });
  await Promise.race([finished, ended]);
  const peak = peakOf(child.pid);
  ended.catch(() => {});
  child.kill('SIGKILL');
  api.closeAllConnections();
  api.close();
  const answer = JSON.parse(last);
  assert.equal(answer.statusCode, asked.status, `${asked.name} ${asked.path}: ${last}`);
  return { init, first: times[0], warm: times.slice(1), peak, secrets: calls.secrets, table: calls.table / times.length, answer };
}

/** @param {number[]} values @param {number} share */
const quantile = (values, share) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];

/** @type {Run[][]} */
const runs = CASES.map(() => []);
for (let round = 0; round < STARTS; round += 1) {
  for (const [at, asked] of CASES.entries()) runs[at].push(await run(asked));
}
for (const server of [outside, secretsEnd]) {
  server.closeAllConnections();
  server.close();
}
rmSync(tls.scratch, { recursive: true });

const told = (/** @type {number} */ at) => JSON.parse(runs[at][0].answer.body);
for (const at of [LEAST, CASES.length - 1]) assert.deepEqual(told(at), told(0), 'the peers do the same');

const figures = runs.map((of) => ({
  init: quantile(of.map((one) => one.init), 0.5),
  first: quantile(of.map((one) => one.first), 0.5),
  p50: quantile(of.flatMap((one) => one.warm), 0.5),
  p99: quantile(of.flatMap((one) => one.warm), 0.99),
  peak: Math.max(...of.map((one) => one.peak)),
}));

/** @param {number} at @param {keyof (typeof figures)[0]} what @param {number} digits */
const cell = (at, what, digits) => `${figures[at][what].toFixed(digits)} (${(figures[at][what] / figures[LEAST][what]).toFixed(1)})`;

console.log(`Medians of ${STARTS} starts, ${WARM} warm requests to each; memory is the most of all. In parentheses: as a multiple of \`lambda_http\` alone.\n`);
console.log('| function | request | calls of SSM at start | of the table in a request | init, ms | first request, ms | warm p50, ms | warm p99, ms | resident, MiB |');
console.log('| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
for (const [at, asked] of CASES.entries()) {
  console.log(`| ${asked.name} | ${asked.method ?? 'GET'} \`${asked.path}\` | ${runs[at][0].secrets} | ${Math.round(runs[at][0].table)} | ${cell(at, 'init', 1)} | ${cell(at, 'first', 1)} | ${cell(at, 'p50', 2)} | ${cell(at, 'p99', 2)} | ${cell(at, 'peak', 1)} |`);
}
