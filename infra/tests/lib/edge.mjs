// CloudFront before a deployed shop, as infra/template.yaml has it: picks the behaviour, runs the very functions of infra/edge
// on the request, reads objects as S3 would, and calls the API with its secret. Caches nothing.

import { existsSync, readFileSync, statSync } from 'node:fs';
import http from 'node:http';
import { extname, join } from 'node:path';

import { gateAt, read, storeOf } from '../../edge/runtime.mjs';
import { resources } from './template.mjs';

const TYPES = /** @type {Record<string, string>} */ ({ '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml', '.json': 'application/json' });

/** The handler of `infra/edge/caller.js`. @type {(event: object) => any} */
const nameCaller = new Function(`'use strict';${read('caller.js')}\nreturn handler;`)();

export class Edge {
  /**
   * @param {{dist: string, secret: string, keys: Record<string, string>, api: () => {host: string, port: number}}} surroundings
   *   built trees, what the API knows the CDN by, keys of the gate, where the API is
   */
  constructor({ dist, secret, keys, api }) {
    this.dist = dist;
    this.secret = secret;
    this.keys = keys;
    this.api = api;
    this.origin = '';
    this.server = http.createServer((request, response) => {
      this.handle(request, response).catch((error) => response.writeHead(502).end(String(error)));
    });
  }

  /** Listens; answers the shop's origin. @returns {Promise<string>} */
  listen() {
    return new Promise((done) => {
      this.server.listen(0, '127.0.0.1', () => {
        this.origin = `http://127.0.0.1:${/** @type {any} */ (this.server.address()).port}`;
        this.know({});
        done(this.origin);
      });
    });
  }

  /** What the gate's store has from now on, besides what it had. @param {Record<string, string>} keys */
  know(keys) {
    this.keys = { ...this.keys, ...keys };
    const config = { iss: this.origin, aud: this.origin };
    this.gate = gateAt(() => Math.floor(Date.now() / 1000), storeOf({ keys: this.keys, config }));
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** @param {http.IncomingMessage} request @param {http.ServerResponse} response */
  async handle(request, response) {
    const [path = '/', query = ''] = (request.url ?? '/').split(/\?(.*)/s);
    const { CacheBehaviors, DefaultCacheBehavior } = resources.Distribution.Properties.DistributionConfig;
    const fits = (/** @type {any} */ one) => path.startsWith(one.PathPattern.slice(0, -1));
    const behaviour = CacheBehaviors.find(fits) ?? DefaultCacheBehavior;
    const [association] = behaviour.FunctionAssociations ?? [];
    const event = {
      version: '1.0',
      viewer: { ip: request.socket.remoteAddress },
      request: { method: request.method, uri: path, rawQueryString: () => query, querystring: {}, headers: values(request.headers), cookies: cookiesOf(request.headers.cookie ?? '') },
    };
    if (behaviour.TargetOriginId === 'api') return this.call(nameCaller(event).headers, request, response);
    const decided = association ? await this.gate?.(event) : event.request;
    if (decided.statusCode) {
      const headers = Object.entries(decided.headers ?? {}).map(([name, { value }]) => [name, value]);
      response.writeHead(decided.statusCode, Object.fromEntries(headers)).end(decided.body?.data);
      return undefined;
    }
    return this.object(behaviour.TargetOriginId, decided.uri, response);
  }

  /** An object of the bucket, or the error page. @param {string} origin @param {string} uri @param {http.ServerResponse} response */
  object(origin, uri, response) {
    const members = uri.startsWith('/_members/');
    const path = decodeURIComponent(uri);
    const file = members ? join(this.dist, 'members', path.slice('/_members/'.length)) : join(this.dist, 'public', path);
    const found = origin === 'site' && existsSync(file) && statSync(file).isFile();
    const shown = found ? file : join(this.dist, 'public/404.html');
    response.writeHead(found ? 200 : 404, { 'content-type': TYPES[extname(shown)] ?? 'application/octet-stream' });
    response.end(readFileSync(shown));
  }

  /** @param {Record<string, {value: string}>} named @param {http.IncomingMessage} request @param {http.ServerResponse} response */
  async call(named, request, response) {
    const { host, port } = this.api();
    /** @type {Record<string, string>} */
    const headers = Object.fromEntries(Object.entries(named).map(([name, { value }]) => [name, value]));
    // The viewer's address, then, by the API, that of the CDN.
    const chain = [headers['x-forwarded-for'], request.socket.remoteAddress, '130.176.1.1'].filter(Boolean).join(', ');
    const onward = http.request(
      { hostname: '127.0.0.1', port, method: request.method, path: request.url, headers: { ...headers, host, 'x-forwarded-for': chain, 'x-tuition-edge': this.secret }, agent: false },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  }
}

/** Headers as a function of CloudFront gets them. @param {http.IncomingHttpHeaders} headers */
function values(headers) {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, { value: String(value) }]));
}

/** Cookies likewise. @param {string} header */
function cookiesOf(header) {
  /** @type {Record<string, {value: string, multiValue?: {value: string}[]}>} */
  const cookies = {};
  for (const pair of header.split('; ').filter(Boolean)) {
    const [name = '', value = ''] = pair.split(/=(.*)/s);
    const before = cookies[name];
    if (before) before.multiValue = [...(before.multiValue ?? [{ value: before.value }]), { value }];
    else cookies[name] = { value };
  }
  return cookies;
}
