// What the CDN does to answers on their way, in front of `tuition serve`: text is compressed for who takes it, and its strong ETag
// becomes a weak one (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/ServingCompressedFiles.html).

import http from 'node:http';
import { brotliCompressSync, constants } from 'node:zlib';

/** Smaller answers are left as they are, and so are pictures. */
const LEAST = 1000;
const TEXT = /^(text\/|application\/(json|javascript|xml|atom\+xml|ld\+json)|image\/svg)/;
/** Edges compress as they deliver: nobody has time for more there. */
const QUALITY = { [constants.BROTLI_PARAM_QUALITY]: 5 };

/** An edge before a shop; requests reach the shop as if they had been sent there. */
export class Edge {
  /** @param {import('./shop.mjs').Shop} shop */
  static async open(shop) {
    const edge = new Edge(shop);
    await new Promise((done) => edge.server.listen(0, '127.0.0.1', () => done(undefined)));
    const address = edge.server.address();
    edge.origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    return edge;
  }

  /** @param {import('./shop.mjs').Shop} shop */
  constructor(shop) {
    this.shop = shop;
    this.origin = '';
    /** Compressed once for all. @type {Map<string, Buffer>} */
    this.kept = new Map();
    this.server = http.createServer((request, response) => this.forward(request, response));
  }

  /** @param {http.IncomingMessage} request @param {http.ServerResponse} response */
  forward(request, response) {
    const shop = new URL(this.shop.origin);
    const headers = { ...request.headers, host: shop.host };
    if (headers.origin === this.origin) headers.origin = shop.origin;
    // The shop knows its tags as strong ones.
    if (headers['if-none-match']) headers['if-none-match'] = headers['if-none-match'].replaceAll('W/', '');
    const sent = http.request({ host: shop.hostname, port: shop.port, method: request.method, path: request.url, headers }, (answer) => {
      /** @type {Buffer[]} */
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => this.answer(request, response, answer, Buffer.concat(parts)));
    });
    sent.on('error', () => response.destroy());
    request.pipe(sent);
  }

  /** @param {http.IncomingMessage} request @param {http.ServerResponse} response @param {http.IncomingMessage} answer @param {Buffer} body */
  answer(request, response, answer, body) {
    const headers = { ...answer.headers };
    delete headers['transfer-encoding'];
    const isText = TEXT.test(headers['content-type'] ?? '');
    // Canonical addresses are those of the site, which is here.
    if (isText) body = Buffer.from(body.toString().replaceAll(this.shop.origin, this.origin));
    const takes = /\bbr\b/.test(String(request.headers['accept-encoding'] ?? ''));
    if (takes && answer.statusCode === 200 && body.length >= LEAST && isText) {
      const key = `${request.url} ${headers.etag ?? body.toString('base64')}`;
      const small = this.kept.get(key) ?? brotliCompressSync(body, { params: QUALITY });
      this.kept.set(key, small);
      body = small;
      headers['content-encoding'] = 'br';
      headers.vary = 'accept-encoding';
      if (headers.etag?.startsWith('"')) headers.etag = `W/${headers.etag}`;
    }
    if (body.length > 0) headers['content-length'] = String(body.length);
    response.writeHead(answer.statusCode ?? 502, headers);
    response.end(body);
  }

  close() {
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(done));
  }
}
