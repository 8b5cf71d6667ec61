// A running `tuition serve`: started on a free port, killed and started again on the same state,
// always ended with the test process.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { binary } from './binary.mjs';
import { secretsIn } from './secrets.mjs';
import { until } from './until.mjs';
import { Visitor } from './visitor.mjs';

const START_SECONDS = 60;
const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => process.exit(130));

export class Shop {
  /** @param {string} site folder @param {{watch?: boolean}} [options] a site that is not watched has no script for that in its pages */
  constructor(site, { watch = true } = {}) {
    this.site = site;
    this.watch = watch;
    this.folder = mkdtempSync(join(tmpdir(), 'tuition-state-'));
    this.state = join(this.folder, 'state');
    this.origin = '';
    /** What it said on stderr since it was started. */
    this.said = '';
    /** The same of every time that it was started. */
    this.log = '';
  }

  /** Serves `site`; resolves when it listens. @param {string} site @param {{watch?: boolean}} [options] */
  static async open(site, options) {
    const shop = new Shop(site, options);
    await shop.start();
    return shop;
  }

  async start() {
    this.said = '';
    this.child = spawn(binary, ['serve', '--site', this.site, '--port', '0', '--state', this.state, ...(this.watch ? [] : ['--no-watch'])], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // As much as a deployed function logs: what must not be said is looked for in all of it.
      env: { ...process.env, RUST_LOG: 'info' },
    });
    const child = this.child;
    running.add(child);
    this.ended = new Promise((done) => child.once('close', done));
    this.ended.then(() => running.delete(child));
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => {
      this.said += text;
      this.log += text;
    });
    this.origin = await until('serve listens', () => {
      assert.ok(child.exitCode === null, `serve ended with ${child.exitCode}:\n${stdout}${this.said}`);
      return /^listening on (http:\/\/127\.0\.0\.1:\d+)$/m.exec(stdout)?.[1];
    }, START_SECONDS);
  }

  /** `kill -9`. */
  async kill() {
    this.child?.kill('SIGKILL');
    await this.ended;
  }

  /** Ends it as a person would, and forgets its state. No secret may be in what it said. */
  async close() {
    this.child?.kill('SIGTERM');
    const late = setTimeout(() => this.child?.kill('SIGKILL'), 10_000);
    await this.ended;
    clearTimeout(late);
    const file = join(this.state, 'keys.json');
    const own = existsSync(file) ? [...readFileSync(file, 'utf8').matchAll(/"([\w-]{32,})"/g)].map(([, secret]) => secret) : [];
    rmSync(this.folder, { recursive: true, force: true });
    assert.deepEqual(secretsIn(this.log), [], 'in what serve said');
    assert.ok(!own.some((secret) => this.log.includes(secret)), 'serve said one of its own secrets');
  }

  /** What the data commands read, too: `{origin, stripe_api, dynamodb, pid}`. */
  get facts() {
    return JSON.parse(readFileSync(join(this.state, 'dev.json'), 'utf8'));
  }

  /** A stage control below `/_dev/`. @param {string} path @param {object} [body] makes it a POST */
  async dev(path, body) {
    const visitor = new Visitor(this);
    const answer = await (body === undefined ? visitor.get(`/_dev/${path}`) : visitor.post(`/_dev/${path}`, body));
    assert.ok(answer.status < 300, `/_dev/${path} answered ${answer.status}: ${answer.text}`);
    return answer.json;
  }

  /** Moves the clock of the whole stage; answers the new time. @param {number} seconds */
  async advance(seconds) {
    return new Date((await this.dev('clock', { advance_s: seconds })).now);
  }

  /** All mails to an address, newest first. @param {string} address */
  async mailsTo(address) {
    const mails = await this.dev('outbox');
    return mails.filter((/** @type {any} */ mail) => [mail.to].flat().some((to) => to.toLowerCase() === address.toLowerCase()));
  }

  /** All events of the till, the first one first: the provider's object plus deliveries and fate. */
  async events() {
    const answer = await this.dev('till/events');
    return answer.events;
  }
}
