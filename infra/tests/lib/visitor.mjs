// A visitor over plain HTTP: keeps cookies as a browser does, follows redirects within the site when
// told to, and sends a path exactly as written (no client tidies `..` or `//` away).

import assert from 'node:assert/strict';
import http from 'node:http';

export class Visitor {
  /** @param {import('./shop.mjs').Shop} shop whose origin may change when it starts again */
  constructor(shop) {
    this.shop = shop;
    /** @type {Map<string, {value: string, path: string}>} */
    this.cookies = new Map();
  }

  /** As a reader: redirects within the site are followed. @param {string} path @param {Record<string, string | null>} [headers] */
  async get(path, headers = {}) {
    for (let hops = 0; hops < 10; hops += 1) {
      const answer = await this.send('GET', path, { headers });
      const location = answer.headers.location;
      if (answer.status < 300 || answer.status > 399 || !location) return answer;
      const url = new URL(location, this.shop.origin + path);
      if (url.origin !== this.shop.origin) return answer;
      path = url.pathname + url.search;
    }
    throw new Error(`a loop of redirects at ${path}`);
  }

  /** JSON, not followed. @param {string} path @param {unknown} body @param {Record<string, string | null>} [headers] */
  post(path, body = {}, headers = {}) {
    return this.send('POST', path, { body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } });
  }

  /** A form, not followed. @param {string} path @param {Record<string, string>} fields */
  submit(path, fields) {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' };
    return this.send('POST', path, { body: new URLSearchParams(fields).toString(), headers });
  }

  /**
   * One request. A header that is null is not sent, even if a browser would send it.
   * @param {string} method
   * @param {string} path
   * @param {{body?: string | Buffer, headers?: Record<string, string | null>}} [request]
   * @returns {Promise<Answer>}
   */
  send(method, path, { body, headers = {} } = {}) {
    const { hostname, port } = new URL(this.shop.origin);
    const from = method === 'GET' || method === 'HEAD' ? {} : { origin: this.shop.origin, 'sec-fetch-site': 'same-origin' };
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const cookie = this.cookiesFor(path);
    const all = { ...from, ...length, ...(cookie ? { cookie } : {}), ...headers };
    const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
    return new Promise((done, failed) => {
      const request = http.request({ hostname, port, method, path, headers: sent, agent: false }, (response) => {
        const chunks = /** @type {Buffer[]} */ ([]);
        response.on('data', (chunk) => chunks.push(chunk)).on('error', failed);
        response.on('end', () => {
          this.keep(response.headers['set-cookie'] ?? []);
          done(new Answer(response.statusCode ?? 0, response.headers, Buffer.concat(chunks)));
        });
      });
      // A refused upload may be cut off while it is still being sent; the answer is what counts.
      request.on('error', failed);
      request.setTimeout(30_000, () => request.destroy(new Error(`no answer in 30 s: ${method} ${path}`)));
      request.end(body);
    });
  }

  /** Path rules: RFC 6265 §5.1.4. @param {string} path */
  cookiesFor(path) {
    const fits = (/** @type {string} */ of) => path === of || path.startsWith(of.endsWith('/') ? of : `${of}/`) || path.startsWith(`${of}?`);
    return [...this.cookies].filter(([, cookie]) => fits(cookie.path)).map(([name, { value }]) => `${name}=${value}`).join('; ');
  }

  /** @param {string[]} lines of Set-Cookie */
  keep(lines) {
    for (const line of lines) {
      const [pair = '', ...rest] = line.split(';').map((part) => part.trim());
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      const attributes = Object.fromEntries(rest.map((part) => part.split('=')).map(([key = '', value = '']) => [key.toLowerCase(), value]));
      if (attributes['max-age'] === '0' || value === '') this.cookies.delete(name);
      else this.cookies.set(name, { value, path: attributes.path ?? '/' });
    }
  }
}

export class Answer {
  /** @param {number} status @param {http.IncomingHttpHeaders} headers @param {Buffer} bytes */
  constructor(status, headers, bytes) {
    this.status = status;
    this.headers = headers;
    this.bytes = bytes;
  }

  get text() {
    return this.bytes.toString('utf8');
  }

  get json() {
    return JSON.parse(this.text);
  }

  /** A refusal as DESIGN §6 has it. @param {number} status @param {string} [code] @param {string} [secret] what it must not echo */
  refuses(status, code, secret) {
    assert.equal(this.status, status, this.text);
    assert.match(this.headers['content-type'] ?? '', /^application\/problem\+json/);
    assert.equal(this.headers['cache-control'], 'no-store');
    const problem = this.json;
    for (const member of ['type', 'title', 'status', 'code', 'instance']) assert.ok(problem[member], `${member} in ${this.text}`);
    assert.equal(problem.status, status);
    if (code) assert.equal(problem.code, code);
    if (secret) assert.ok(!this.text.includes(secret), `the refusal repeats ${secret}`);
  }
}
