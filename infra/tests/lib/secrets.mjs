// What a secret looks like, and where one may lie: in files, in zips, in what a program says.
//
// Each kind is told by its form. Entropy is not measured: hashes, ids and pictures have as much of it.

import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';

/** Kinds by name. Texts are read as Latin-1, so that a kind is found in a program as well. */
export const KINDS = /** @type {Record<string, RegExp>} */ ({
  // A test key of the payment provider is one if it is long enough to be good for something.
  'key of the payment provider': /\b[rs]k_(live_[A-Za-z0-9]{8,}|test_[A-Za-z0-9]{20,})/,
  'secret of a webhook': /\bwhsec_[A-Za-z0-9+/]{16,}/,
  'identity at AWS': /\b(AKIA|ASIA)[A-Z2-7]{16}\b/,
  'secret of an identity at AWS': /aws_(secret_access_key|session_token)["']?\s*[=:]\s*["']?[A-Za-z0-9/+]{40}/i,
  'private key': /-----BEGIN ([A-Z]+ )*PRIVATE KEY-----/,
  'edge secret': /edge[-_]secret["']?\s*[=:]\s*["']?[A-Za-z0-9_-]{32,}/i,
  'keys of access tokens': /"signing"\s*:\s*"[^"]{1,64}"\s*,\s*"keys"\s*:\s*\{\s*"[^"]{1,64}"\s*:\s*"[A-Za-z0-9_-]{43,}"/,
  'access token': /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}/,
  'token of a pipeline': /\b(gh[opsu]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,}|npm_[A-Za-z0-9]{36}|xox[abprs]-[A-Za-z0-9-]{10,})/,
});

/**
 * 256 random bits in base64url, as the shop writes its own: sessions, links, keys. Looked for where there is text; in a
 * program any 43 letters look so.
 */
const RANDOM = /(?<![\w/+=.-])(?=[\w-]*[A-Z])(?=[\w-]*[a-z])(?=[\w-]*\d)[\w-]{43}(?![\w/+=-])/;

/** The kinds of secrets in a text. @param {string} text @param {{program?: boolean}} [what] @returns {string[]} */
export function secretsIn(text, { program = false } = {}) {
  const found = Object.entries(KINDS).filter(([, form]) => form.test(text));
  if (!program && RANDOM.test(text)) found.push(['256 random bits', RANDOM]);
  return found.map(([kind]) => kind);
}

/** The members of a zip, as far as they are stored or deflated. @param {Buffer} zip @returns {Generator<{name: string, bytes: Buffer}>} */
export function* members(zip) {
  const end = zip.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  if (end < 0) throw new Error('no zip');
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [method, packed, local] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20), zip.readUInt32LE(at + 42)];
    const name = zip.toString('utf8', at + 46, at + 46 + zip.readUInt16LE(at + 28));
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const data = zip.subarray(start, start + packed);
    if (method !== 0 && method !== 8) throw new Error(`${name}: method ${method}`);
    yield { name, bytes: method === 0 ? data : inflateRawSync(data) };
    at += 46 + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
}

/** What is wrong with a file: its place and the kinds of secrets in it. @param {string} path @returns {string[]} */
export function secretsOfFile(path) {
  const bytes = readFileSync(path);
  if (path.endsWith('.zip')) return [...members(bytes)].flatMap(({ name, bytes: inner }) => told(`${path}: ${name}`, inner));
  return told(path, bytes);
}

/** @param {string} place @param {Buffer} bytes */
function told(place, bytes) {
  return secretsIn(bytes.toString('latin1'), { program: bytes.includes(0) }).map((kind) => `${place}: ${kind}`);
}
