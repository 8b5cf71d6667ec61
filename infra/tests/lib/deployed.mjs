// A shop deployed to ministack, an emulator of AWS on this machine, from the template as it is packaged: `sam deploy`, the
// functions' own zips, CloudFront before it (edge.mjs), IAM beside it (roles.mjs), the till of `tuition serve` as Stripe.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { repository, tuition } from './binary.mjs';
import { Edge } from './edge.mjs';
import { Roles } from './roles.mjs';
import { secretsOfFile } from './secrets.mjs';
import { Shop } from './shop.mjs';
import { FUNCTIONS } from './template.mjs';
import { until } from './until.mjs';

const run = promisify(execFile);
const running = new Set();
/** @type {Set<string>} */
const folders = new Set();
process.on('exit', () => {
  running.forEach((child) => child.kill('SIGKILL'));
  folders.forEach((folder) => rmSync(folder, { recursive: true, force: true }));
});

/** Where the adapters look for a stand-in of AWS. */
const REGION = 'us-east-1';
const STACK = 'tuition-local';

/** A program or folder that the task names. @param {string} name */
function given(name) {
  const value = process.env[name];
  assert.ok(value, `${name} is not set: cargo task shop sets it`);
  return value;
}

/** A port that nobody listens on. @returns {Promise<number>} */
function freePort() {
  return new Promise((done) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {net.AddressInfo} */ (server.address());
      server.close(() => done(port));
    });
  });
}

export class Deployed {
  /** @param {string} site folder */
  constructor(site) {
    this.site = site;
    this.folder = mkdtempSync(join(tmpdir(), 'tuition-deployed-'));
    folders.add(this.folder);
    this.secrets = {
      'edge-secret': randomBytes(24).toString('hex'),
      'access-keys': JSON.stringify({ signing: 'k1', keys: { k1: randomBytes(32).toString('base64url') } }),
      'stripe-key': 'sk_test_deployed',
      'webhook-secrets': 'whsec_local',
    };
    /** What the emulator said. */
    this.said = '';
    /** @type {Record<string, string>} */
    this.outputs = {};
    this.port = 0;
  }

  /** Builds `site`, deploys it, and resolves when it answers. @param {string} site */
  static async open(site) {
    const shop = new Deployed(site);
    try {
      await shop.start();
    } catch (error) {
      await shop.close();
      throw error;
    }
    return shop;
  }

  async start() {
    // The till, and its stage controls.
    this.stage = await Shop.open(this.site);
    this.port = await freePort();
    this.roles = new Roles(`http://127.0.0.1:${this.port}`);
    const roles = await this.roles.listen();
    const { keys } = JSON.parse(this.secrets['access-keys']);
    this.edge = new Edge({ dist: join(this.folder, 'dist'), secret: this.secrets['edge-secret'], keys, api: () => this.api() });
    this.origin = await this.edge.listen();
    const built = await tuition('build', '--site', this.site, '--out', join(this.folder, 'dist'), '--base-url', this.origin);
    assert.equal(built.code, 0, built.stderr);
    await this.emulate();
    await this.upload();
    await this.deploy(roles);
    this.roles.tables = { [this.output('TableName')]: 'Table', [this.output('EphemeralTableName')]: 'EphemeralTable' };
  }

  /** An output of the stack. @param {string} name */
  output(name) {
    const value = this.outputs[name];
    assert.ok(value, `the stack has no output ${name}`);
    return value;
  }

  /** Starts the emulator, on loopback alone. */
  async emulate() {
    const env = {
      ...process.env, BIND_HOST: '127.0.0.1', IOT_MTLS_ENABLED: '0', GATEWAY_PORT: String(this.port), MINISTACK_HOST: 'localhost',
      MINISTACK_REGION: REGION, PERSIST_STATE: '0', TMPDIR: this.folder,
    };
    const child = spawn(given('MINISTACK'), [], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    this.emulator = child;
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (this.said += text));
    await until('the emulator is ready', async () => (await fetch(`http://127.0.0.1:${this.port}/_ministack/health`)).ok, 60);
  }

  /** A call of AWS's JSON protocols. @param {string} service @param {string} target @param {object} body */
  async call(service, target, body) {
    const scope = `20260101/${REGION}/${service}/aws4_request`;
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target, authorization: `AWS4-HMAC-SHA256 Credential=test/${scope}, SignedHeaders=host, Signature=0` };
    const answer = await fetch(`http://127.0.0.1:${this.port}/`, { method: 'POST', headers, body: JSON.stringify(body) });
    const text = await answer.text();
    assert.ok(answer.ok, `${target}: ${text}`);
    return JSON.parse(text || '{}');
  }

  /** Code, catalog and secrets, where the template looks for them. */
  async upload() {
    const put = async (/** @type {string} */ path, /** @type {Buffer | undefined} */ body) => {
      const answer = await fetch(`http://127.0.0.1:${this.port}/${path}`, { method: 'PUT', body: body && new Uint8Array(body) });
      assert.ok(answer.ok, `${path}: ${await answer.text()}`);
    };
    await put('artifacts', undefined);
    const zip = async (/** @type {string} */ name, /** @type {string} */ file, /** @type {string} */ as) => {
      const folder = join(this.folder, 'zips', name);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, as), readFileSync(file), { mode: 0o755 });
      if (as === 'bootstrap') await run('strip', [join(folder, as)]);
      await run('python3', ['-m', 'zipfile', '-c', `../${name}.zip`, as], { cwd: folder });
      const path = join(this.folder, 'zips', `${name}.zip`);
      assert.deepEqual(secretsOfFile(path), []);
      return readFileSync(path);
    };
    for (const name of Object.keys(FUNCTIONS)) await put(`artifacts/functions/test/${name}.zip`, await zip(name, join(given('TUITION_FUNCTIONS'), name), 'bootstrap'));
    await put('artifacts/catalog/test.zip', await zip('catalog', join(this.folder, 'dist/catalog.json'), 'catalog.json'));
    for (const name of Object.keys(this.secrets)) await this.putSecret(/** @type {keyof Deployed['secrets']} */ (name));
  }

  /** Writes a secret where the functions look for it. @param {keyof Deployed['secrets']} name */
  putSecret(name) {
    return this.call('ssm', 'AmazonSSM.PutParameter', { Name: `/tuition/local/${name}`, Value: this.secrets[name], Type: 'SecureString', Overwrite: true });
  }

  /** `sam deploy`. @param {string} roles where DynamoDB and SSM are, for the functions */
  async deploy(roles) {
    const parameters = {
      Stage: 'local', ArtifactBucket: 'artifacts', CodePrefix: 'functions/test', CatalogKey: 'catalog/test.zip', Architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64',
      EdgeSecret: this.secrets['edge-secret'], MailFrom: 'shop@shop.example', MailDomain: 'shop.example', LocalOrigin: this.origin, LocalCatalog: join(this.folder, 'dist/catalog.json'),
      LocalDynamoDbUrl: roles, LocalSsmUrl: roles, LocalSesUrl: `http://127.0.0.1:${this.port}`, LocalStripeUrl: this.stage?.facts.stripe_api,
    };
    const env = { ...process.env, AWS_ENDPOINT_URL: `http://127.0.0.1:${this.port}`, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_DEFAULT_REGION: REGION, SAM_CLI_TELEMETRY: '0' };
    const overrides = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
    const args = ['deploy', '--template-file', given('TUITION_TEMPLATE'), '--stack-name', STACK, '--s3-bucket', 'artifacts', '--capabilities', 'CAPABILITY_NAMED_IAM', '--no-confirm-changeset', '--no-progressbar'];
    await run(given('SAM'), [...args, '--parameter-overrides', ...overrides], { env, cwd: repository, maxBuffer: 2 ** 24 }).catch((error) => {
      throw new Error(`sam deploy: ${error.stdout}\n${error.stderr}\n${this.said.slice(-3000)}`);
    });
    const listed = await run(given('SAM'), ['list', 'stack-outputs', '--stack-name', STACK, '--output', 'json'], { env });
    this.outputs = Object.fromEntries(JSON.parse(listed.stdout).map((/** @type {any} */ one) => [one.OutputKey, one.OutputValue]));
  }

  /** Where the API listens, and the name that it goes by. */
  api() {
    return { host: new URL(this.output('Webhook')).host, port: this.port };
  }

  /** Past the CDN. @param {string} path @param {RequestInit} [request] */
  async past(path, request = {}) {
    const { host, port } = this.api();
    return new Promise((done, failed) => {
      import('node:http').then(({ default: http }) => {
        const headers = { .../** @type {Record<string, string>} */ (request.headers), host };
        const sent = http.request({ hostname: '127.0.0.1', port, method: request.method ?? 'GET', path, headers }, (answer) => {
          answer.resume().on('end', () => done(answer.statusCode));
        });
        sent.on('error', failed).end(request.body);
      });
    });
  }

  /** Wakes a function without a request. @param {string} name @param {object} event */
  async wake(name, event) {
    const answer = await fetch(`http://127.0.0.1:${this.port}/2015-03-31/functions/${STACK}-${name}/invocations`, { method: 'POST', body: JSON.stringify(event) });
    const body = await answer.json();
    assert.equal(answer.headers.get('x-amz-function-error'), null, JSON.stringify(body));
    return body;
  }

  /** A stage control of the till. @param {string} path @param {object} [body] */
  dev(path, body) {
    return /** @type {Shop} */ (this.stage).dev(path, body);
  }

  /** All events of the till. */
  events() {
    return /** @type {Shop} */ (this.stage).events();
  }

  /** All mails to an address, newest first. @param {string} address */
  async mailsTo(address) {
    const { messages } = await (await fetch(`http://127.0.0.1:${this.port}/_ministack/ses/messages`)).json();
    const all = Object.values(messages).flat().filter((/** @type {any} */ mail) => mail.To.includes(address));
    return all.map((/** @type {any} */ mail) => ({ to: mail.To, subject: mail.Subject, text: mail.BodyText, html: mail.BodyHtml })).reverse();
  }

  async close() {
    this.edge?.close();
    this.roles?.close();
    this.emulator?.kill('SIGTERM');
    if (this.emulator) running.delete(this.emulator);
    await this.stage?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
