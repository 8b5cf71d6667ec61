// The functions as they are deployed, for arm64, run once: each is taken out of its zip and started by qemu as Lambda would start
// it, and asked one thing.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { members } from '../lib/secrets.mjs';

const CATALOG = fileURLToPath(new URL('../../../generator/catalog/samples/v1.json', import.meta.url));
const EDGE_SECRET = 'e'.repeat(32);
const ORIGIN = 'http://127.0.0.1:8080';
/** Debian's libraries for arm64 (package libc6-arm64-cross). */
const LIBRARIES = '/usr/aarch64-linux-gnu';
/** e_machine of an ELF file for arm64. */
const EM_AARCH64 = 183;

/** As API Gateway sends it, payload format version 2.0. @param {string} path */
const event = (path) => ({
  version: '2.0', routeKey: '$default', rawPath: path, rawQueryString: '', isBase64Encoded: false,
  headers: { host: 'abcdef.execute-api.eu-central-1.amazonaws.com', origin: ORIGIN, 'x-tuition-edge': EDGE_SECRET, 'x-tuition-caller': '203.0.113.9' },
  requestContext: {
    accountId: '123456789012', apiId: 'abcdef', requestId: 'id', routeKey: '$default', stage: '$default',
    http: { method: 'GET', path, protocol: 'HTTP/1.1', sourceIp: '203.0.113.9', userAgent: 'Mozilla/5.0' },
    time: '22/Nov/2026:12:00:00 +0000', timeEpoch: 1_795_000_000_000,
  },
});

/** What a function answers to one request. Nothing listens where its stores would be. @param {string} program @param {string} path */
async function ask(program, path) {
  /** @type {(answer: any) => void} */
  let answered = () => {};
  const answer = new Promise((resolve) => (answered = resolve));
  let asked = 0;
  const api = createServer((request, response) => {
    if (request.method === 'GET') {
      asked += 1;
      if (asked > 1) return;
      response.writeHead(200, {
        'lambda-runtime-aws-request-id': '8476a536-e9f4-11e8-9739-2dfe598c3fcd', 'lambda-runtime-deadline-ms': '4102444800000',
        'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:eu-central-1:123456789012:function:tuition', 'content-type': 'application/json',
      });
      response.end(JSON.stringify(event(path)));
      return;
    }
    let body = '';
    request.setEncoding('utf8').on('data', (piece) => (body += piece)).on('end', () => {
      response.writeHead(202).end();
      answered(JSON.parse(body));
    });
  });
  await once(api.listen(0, '127.0.0.1'), 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (api.address());
  const nowhere = 'http://127.0.0.1:9';
  const env = {
    PATH: process.env.PATH, AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`, AWS_LAMBDA_FUNCTION_NAME: 'tuition', AWS_LAMBDA_FUNCTION_VERSION: '1',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256', AWS_LAMBDA_LOG_GROUP_NAME: 'group', AWS_LAMBDA_LOG_STREAM_NAME: 'stream',
    TUITION_STAGE: 'local', TUITION_ORIGIN: ORIGIN, TUITION_TABLE: 'shop', TUITION_EPHEMERAL_TABLE: 'shop-ephemeral', TUITION_CATALOG: CATALOG,
    TUITION_EDGE_SECRET: EDGE_SECRET, TUITION_ACCESS_KEYS: JSON.stringify({ signing: 'k1', keys: { k1: 'A'.repeat(43) } }), TUITION_STRIPE_KEY: 'sk_test_x',
    TUITION_WEBHOOK_SECRETS: 'whsec_local', TUITION_MAIL_FROM: 'Shop <shop@x.example>', TUITION_DYNAMODB_URL: nowhere, TUITION_SES_URL: nowhere, TUITION_STRIPE_URL: nowhere,
  };
  const child = spawn('qemu-aarch64', ['-L', LIBRARIES, program], { env, stdio: ['ignore', 'inherit', 'inherit'] });
  try {
    return await Promise.race([answer, once(child, 'exit').then(([code]) => assert.fail(`${program} ended with ${code}`))]);
  } finally {
    child.kill('SIGKILL');
    api.closeAllConnections();
    api.close();
  }
}

for (const [name, path, status] of /** @type {const} */ ([
  ['checkout', '/api/checkout/offers', 200], ['access', '/api/access/me', 401], ['comments', '/api/comments/queue', 401], ['metrics', '/api/metrics/summary', 401],
])) {
  test(`${name} for arm64 answers ${path}`, async () => {
    const zips = process.env.TUITION_ZIPS;
    assert.ok(zips, 'TUITION_ZIPS names the folder of the zips: cargo task audit arm sets it');
    const all = [...members(readFileSync(join(zips, `${name}.zip`)))];
    assert.deepEqual(all.map((one) => one.name), ['bootstrap']);
    const [{ bytes }] = all;
    assert.equal(bytes.readUInt16LE(18), EM_AARCH64);
    const folder = mkdtempSync(join(tmpdir(), 'tuition-arm-'));
    try {
      const program = join(folder, 'bootstrap');
      writeFileSync(program, bytes, { mode: 0o755 });
      const answer = await ask(program, path);
      assert.equal(answer.statusCode, status, answer.body);
      if (name !== 'checkout') return;
      const { offers } = JSON.parse(answer.body);
      const { offers: sold } = JSON.parse(readFileSync(CATALOG, 'utf8'));
      assert.deepEqual(offers.map((/** @type {any} */ one) => one.id).sort(), sold.map((/** @type {any} */ one) => one.id).sort());
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
