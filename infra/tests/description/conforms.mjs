// The four functions do what /api/openapi.json says, whatever they are asked: schemathesis makes up
// requests from the description, fitting and unfitting ones, and holds the answers against it. Once as
// nobody, once as a learner, once as the author.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { repository } from '../lib/binary.mjs';
import { signIn } from '../lib/buying.mjs';
import { Shop } from '../lib/shop.mjs';
import { COURSE, build, forget, madeSite } from '../lib/sites.mjs';
import { Visitor } from '../lib/visitor.mjs';

const SCHEMATHESIS = process.env.SCHEMATHESIS ?? 'schemathesis';
const description = JSON.parse(readFileSync(join(repository, 'functions/handlers/openapi.json'), 'utf8'));
const CONFIG = fileURLToPath(new URL('schemathesis.toml', import.meta.url));
/** @type {Shop} */
let shop;
before(async () => (shop = await Shop.open(await madeSite())));
after(async () => {
  await shop?.close();
  if (shop) forget(shop.site);
});

/**
 * Whoever asks: `arrive` makes a visitor who is signed in as they should be; `beyond` are routes that they never get more
 * from than a refusal.
 */
const SECRETS = ['/api/access/codes', '/api/access/emails/{token}', '/api/access/links/{token}', '/api/checkout/webhook'];
/** Stands for a comment of whoever asks, made anew each time: one that is not there has nothing to tell but that. */
const ALWAYS = 'f'.repeat(32);
const CALLERS = [
  {
    who: 'nobody', arrive: async () => new Visitor(shop), options: ['--phases=coverage,fuzzing', '--max-examples=10'],
    beyond: [
      'DELETE /api/access/emails', 'DELETE /api/access/me', 'DELETE /api/access/sessions', 'DELETE /api/access/sessions/{id}', 'DELETE /api/comments/{id}',
      'GET /api/access/emails', 'GET /api/access/me', 'GET /api/access/me/export', 'GET /api/access/me/progress', 'GET /api/access/sessions', 'GET /api/comments/notices', 'GET /api/comments/queue', 'GET /api/comments/{id}/moderation',
      'GET /api/metrics/report', 'GET /api/metrics/summary', 'PATCH /api/access/me', 'PATCH /api/access/me/progress', 'PATCH /api/comments/notices', 'PATCH /api/comments/{id}',
      'POST /api/access/emails', 'POST /api/access/me', 'POST /api/access/me/erasure', 'POST /api/checkout/portal', 'POST /api/comments', 'POST /api/comments/notices',
      'POST /api/comments/{id}', 'POST /api/comments/{id}/moderation', 'POST /api/comments/{id}/report', 'POST /api/metrics/ratings',
    ],
  },
  {
    who: 'a learner', arrive: learner, options: ['--phases=coverage,fuzzing,stateful', '--max-examples=20'],
    beyond: ['GET /api/comments/queue', 'GET /api/comments/{id}/moderation', 'GET /api/metrics/report', 'GET /api/metrics/summary', 'POST /api/checkout/portal', 'POST /api/comments/{id}/moderation'],
  },
  {
    who: 'the author', arrive: author, options: ['--phases=coverage,fuzzing,stateful', '--max-examples=20', '--include-tag=metrics', '--include-tag=comments'],
    beyond: [],
  },
];

for (const { who, arrive, options, beyond } of CALLERS) {
  test(`asked by ${who}, every route answers as it is described`, async () => {
    const browser = await Browser.open(arrive);
    try {
      const said = await schemathesis(...options, `${browser.origin}/api/openapi.json`);
      assert.equal(said.code, 0, said.text);
      assert.match(said.text, /\d{3,} generated/, said.text);
      // What was only ever refused was not looked at.
      assert.deepEqual(browser.refused, beyond, said.text);
    } finally {
      browser.close();
    }
  });
}

/** The described route of a request, such as `DELETE /api/comments/{id}`. @param {string | undefined} method @param {string} path */
function routeOf(method, path) {
  const asked = new URL(path, shop.origin).pathname;
  const fits = (/** @type {string} */ route) => new RegExp(`^${route.replace(/\{\w+\}/, '[^/]+')}$`).test(asked);
  const route = Object.keys(description.paths).find(fits);
  return route && method && description.paths[route][method.toLowerCase()] ? `${method} ${route}` : undefined;
}

/** The id of a question that this visitor has just asked. @param {Visitor} visitor */
async function commentOf(visitor) {
  const posted = await visitor.post('/api/comments', { lesson: `${COURSE}/open`, body: 'Why?', question: true });
  return posted.json?.id ?? ALWAYS;
}

/** Their address is one of those in schemathesis.toml: typed to confirm, it erases the account. */
async function learner() {
  const visitor = new Visitor(shop);
  await signIn(visitor, 'reader@example.org');
  return visitor;
}

async function author() {
  const visitor = new Visitor(shop);
  const { catalog, out } = await build(shop.site);
  forget(out);
  await signIn(visitor, catalog.site.authors[0]);
  return visitor;
}

/** @param {string[]} args */
function schemathesis(...args) {
  const child = spawn(SCHEMATHESIS, ['--config-file', CONFIG, 'run', '--seed=1', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, CI: 'true', NO_COLOR: '1', COLUMNS: '200', no_proxy: '127.0.0.1' },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (piece) => (text += piece));
  return new Promise((/** @type {(said: {code: number | null, text: string}) => void} */ done, failed) => {
    child.on('error', failed);
    child.on('close', (code) => done({ code, text }));
  });
}

/**
 * Stands between schemathesis and the shop, and adds what a browser adds: its origin and the cookies of who uses it. When
 * a request has ended the session, the next one comes from somebody who has just signed in.
 */
class Browser {
  /** @param {() => Promise<Visitor>} arrive */
  static async open(arrive) {
    const browser = new Browser(arrive, await arrive());
    await new Promise((/** @type {(value?: unknown) => void} */ done) => browser.server.listen(0, '127.0.0.1', done));
    return browser;
  }

  /** @param {() => Promise<Visitor>} arrive @param {Visitor} visitor */
  constructor(arrive, visitor) {
    this.arrive = arrive;
    this.visitor = Promise.resolve(visitor);
    /** The routes asked for, with whether one was ever granted. @type {Map<string, boolean>} */
    this.granted = new Map();
    this.server = http.createServer((request, response) => {
      this.pass(request, response).catch((error) => response.destroy(error));
    });
  }

  get origin() {
    const address = this.server.address();
    assert.ok(address && typeof address === 'object');
    return `http://127.0.0.1:${address.port}`;
  }

  /** The routes that nothing but refusals came from, but for those that take a secret: nobody guesses one. */
  get refused() {
    const refused = [...this.granted].filter(([, granted]) => !granted).map(([route]) => route);
    return refused.filter((route) => !SECRETS.includes(route.split(' ')[1] ?? '')).sort();
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** @param {http.IncomingMessage} asked @param {http.ServerResponse} told */
  async pass(asked, told) {
    const { hostname, port, host } = new URL(shop.origin);
    const visitor = await this.visitor;
    const comment = asked.url?.includes(`/${ALWAYS}`) ? await commentOf(visitor) : ALWAYS;
    const path = (asked.url ?? '/').replace(ALWAYS, () => comment);
    const cookie = visitor.cookiesFor(path.split('?')[0] ?? path);
    const headers = { ...asked.headers, host, origin: shop.origin, ...(cookie ? { cookie } : {}) };
    const passed = http.request({ hostname, port, method: asked.method, path, headers, agent: false });
    asked.pipe(passed);
    const answer = await new Promise((/** @type {(answer: http.IncomingMessage) => void} */ done, failed) => {
      passed.on('response', done).on('error', failed);
    });
    if (answer.headers['clear-site-data']) this.visitor = this.arrive();
    const route = routeOf(asked.method, path);
    if (route) this.granted.set(route, this.granted.get(route) === true || (answer.statusCode ?? 0) < 400);
    told.writeHead(answer.statusCode ?? 0, answer.rawHeaders);
    answer.pipe(told);
  }
}
