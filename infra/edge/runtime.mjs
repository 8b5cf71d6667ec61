// The surroundings that gate.js meets at the edge, for whoever tests it here: its modules, its
// KeyValueStore and its clock. Nothing else is within its reach.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { readFileSync } from 'node:fs';

export const read = (/** @type {string} */ name) => readFileSync(new URL(name, import.meta.url), 'utf8');
export const vectors = JSON.parse(read('vectors.json'));
export const source = read('gate.js');
export const IMPORTS = ["import cf from 'cloudfront';", "import crypto from 'crypto';"];

// The program without its imports, for where its modules are names.
export const body = IMPORTS.reduce((text, line) => text.replace(line, ''), source);

/**
 * The function `handler` with the modules and globals that its runtime has, and no other: a name
 * that is not listed is undefined in there.
 * @param {number | (() => number)} now Unix seconds, or what gives them
 * @returns {(event: object) => Promise<any>}
 */
export function gateAt(now, store = storeOf(vectors)) {
  const allowed = new Set(['Array', 'Buffer', 'Error', 'JSON', 'Math', 'Number', 'Object', 'RegExp', 'String',
    'decodeURIComponent', 'encodeURIComponent', 'undefined', 'NaN', 'Infinity', 'eval']);
  const clock = typeof now === 'function' ? now : () => now;
  const given = {
    cf: { kvs: () => store },
    crypto: { createHmac: crypto.createHmac },
    Date: { now: () => clock() * 1000 + 999 },
    console: { log() {} },
  };
  const hidden = Object.getOwnPropertyNames(globalThis).filter((name) => !allowed.has(name) && !(name in given));
  const make = new Function(...Object.keys(given), ...hidden, `'use strict';${body}\nreturn handler;`);
  return make(...Object.values(given));
}

/**
 * The KeyValueStore: `get` rejects for a key that is not there, both for what can't be a key.
 * @param {{keys: Record<string, string>, config?: unknown}} entries
 */
export function storeOf({ keys, config }) {
  const entries = new Map(Object.entries(keys));
  if (config !== undefined) {
    entries.set('config', typeof config === 'string' ? config : JSON.stringify(config));
  }
  const has = (/** @type {string} */ key) => {
    assert.match(String(key), /^[\w-]{1,64}$/);
    return entries.has(String(key));
  };
  return {
    exists: async (/** @type {string} */ key) => has(key),
    get: async (/** @type {string} */ key) => {
      if (!has(key)) {
        throw new Error('KeyNotFound');
      }
      return entries.get(String(key));
    },
  };
}

/**
 * What came of a request, in the words of the vectors.
 * @param {any} answer of the handler
 * @param {{method?: string, uri: string}} request
 */
export function decisionOf(answer, { method = 'GET', uri }) {
  if (answer.statusCode === undefined) {
    assert.equal(answer.method, method);
    if (method !== 'GET' && method !== 'HEAD') {
      assert.equal(answer.uri, uri);
      return { pass: true };
    }
    return { [answer.uri.startsWith('/_members/') ? 'members' : 'public']: answer.uri };
  }
  /** @type {Record<number, string>} */
  const kinds = { 404: 'not_found', 301: 'redirect', 302: 'renew' };
  const kind = kinds[answer.statusCode] ?? 'unknown';
  assert.equal(answer.headers['cache-control'].value, vectors.cache_control[kind]);
  return { [kind]: answer.headers.location?.value ?? true };
}
