// Access tokens as the shop signs them, and as it never would: made with its own key, without its code.

import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Longest life of an access token, in seconds (DESIGN §5). */
export const TOKEN_LIFE = 900;

/** The key that signs now. @param {import('./shop.mjs').Shop} shop */
export function signingKey(shop) {
  const { access } = JSON.parse(readFileSync(join(shop.state, 'keys.json'), 'utf8'));
  return { kid: /** @type {string} */ (access.signing), secret: Buffer.from(access.keys[access.signing], 'base64url') };
}

/**
 * A token for `courses`, good by default; `head` and `claims` are laid over what is right.
 * @param {import('./shop.mjs').Shop} shop
 * @param {string[]} courses
 * @param {{head?: object, claims?: object, now: number}} changes `now` in Unix seconds
 */
export function minted(shop, courses, { head = {}, claims = {}, now }) {
  return mintedBy(signingKey(shop), courses, { head, claims: { iss: shop.origin, aud: shop.origin, ...claims }, now });
}

/**
 * The same with a key at hand; `claims` says who it is from and for.
 * @param {{kid: string, secret: Buffer}} key
 * @param {string[]} courses
 * @param {{head?: object, claims: object, now: number}} changes
 */
export function mintedBy({ kid, secret }, courses, { head = {}, claims, now }) {
  const says = { sub: 'learner-1', iat: now, exp: now + TOKEN_LIFE, courses, ...claims };
  const input = `${coded({ typ: 'at+jwt', alg: 'HS256', kid, ...head })}.${coded(says)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

/** What a token says. @param {string} token */
export function read(token) {
  const [head = '', claims = ''] = token.split('.');
  const decoded = (/** @type {string} */ part) => JSON.parse(Buffer.from(part, 'base64url').toString());
  return { head: decoded(head), claims: decoded(claims) };
}

/** @param {object} value */
export const coded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
