// The gate at CloudFront: which of the two trees a viewer gets (viewer request, runtime
// cloudfront-js-2.0). The same decisions as functions/domain/src/gate.rs; vectors.json binds both.
// It knows no catalog and no learner, only the path, two cookies and the keys in its store.
import cf from 'cloudfront';
import crypto from 'crypto';

const TOKEN_LIFE = 900; // seconds: the longest an access token may live
const CLOCK_SKEW = 60; // seconds that the minting clock may be ahead of this one
const TOKEN_BYTES = 4096;
// `$(?!\n)`: in the engine of some runtimes `$` matches before a line break at the end, too. None
// has the flag `i`, which makes more than letters of ASCII equal there.
const KID = /^[A-Za-z0-9_-]{1,64}$(?!\n)/;
const SECRET = /^[A-Za-z0-9_-]{43,}$(?!\n)/; // 256 bits or more, base64url without padding
const LANGUAGE = /^([A-Za-z]{2,8}|[IXix]-[A-Za-z0-9]{1,8})(-[A-Za-z0-9]{1,8})*$(?!\n)/;
const FLAT =
  /^\{(?:"[a-z]\w*":(?:"[^"\\]*"|0|[1-9]\d{0,14}|\[(?:"[^"\\]*"(?:,(?=")|(?=\])))*\])(?:,(?=")|(?=\})))+\}$(?!\n)/;
const NAME = /"[a-z]\w*":/g;
const RESERVED = [
  'courses', 'posts', 'pricing', 'search', 'sign-in', 'account', 'order', 'author', 'api',
  'assets', 'pagefind',
];

async function handler(event) {
  const request = event.request;
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return request;
  }
  let path = null; // set once rule 1 has passed it: what throws before that is a 404
  try {
    const segments = segmentsOf(request.uri);
    if (segments === null) {
      return notFound();
    }
    path = '/' + segments.map(encodeURIComponent).join('/');
    delete request.headers['if-modified-since'];

    const last = segments[segments.length - 1];
    const dot = last.lastIndexOf('.');
    if (last !== '' && (dot < 0 || dot === last.length - 1)) {
      const location = path + '/' + queryOf(request);
      return redirect(301, 'Moved Permanently', location, 'public, max-age=3600');
    }

    const course = courseOf(segments);
    if (course !== null) {
      const claims = await claimsOf(only(request.cookies, 'tuition_access'));
      const tree = claims === null ? '' : treeOf(claims, course);
      if (tree !== '') {
        return rewrite(request, '/_members/' + encodeURIComponent(tree) + path);
      }
      const html = last === '' || last.slice(dot).toLowerCase() === '.html';
      if (claims === null && html && only(request.cookies, 'tuition_hint') !== '') {
        const next = encodeURIComponent(path + queryOf(request));
        return redirect(302, 'Found', '/api/access/renew?next=' + next, 'no-store');
      }
    }
  } catch (error) {
    if (path === null) {
      return notFound();
    }
    console.log('gate: ' + error);
  }
  return rewrite(request, path);
}

// Rule 1: the decoded segments, or null (or a URIError) for a path that no site has. A slash that
// was encoded, and a percent sign that decoding leaves (a second layer), are refused outright.
function segmentsOf(uri) {
  const text = decodeURIComponent(uri);
  if (text[0] !== '/' || /%2f/i.test(uri) || /[%\\\0]/.test(text)) {
    return null;
  }
  const segments = text.slice(1).split('/');
  for (let i = 0; i < segments.length; i++) {
    const name = segments[i].split(';')[0];
    const empty = segments[i] === '' && i < segments.length - 1;
    const members = name.replace(/[. ]+$/, '').toLowerCase() === '_members';
    if (empty || name === '.' || name === '..' || members) {
      return null;
    }
  }
  return segments;
}

// The course of a gated path, `^(/<lang>)?/courses/<course>/`, or null.
function courseOf(segments) {
  const first = segments[0];
  const at = LANGUAGE.test(first) && RESERVED.indexOf(first.toLowerCase()) < 0 ? 1 : 0;
  return segments[at] === 'courses' && segments.length > at + 2 ? segments[at + 1] : null;
}

// The members tree that a token opens for a course, or ''. That of an author has the drafts; no
// slug has a dot, so that no course is called like the drafts of another.
function treeOf(claims, course) {
  if (claims.drafts !== undefined && claims.drafts.indexOf(course) >= 0) {
    return course + '.drafts';
  }
  return claims.courses.indexOf(course) >= 0 ? course : '';
}

// The value of a cookie that was sent once; '' if it is absent, empty, or sent twice.
function only(cookies, name) {
  const cookie = cookies[name];
  if (!cookie || (cookie.multiValue && cookie.multiValue.length > 1)) {
    return '';
  }
  return cookie.value;
}

// The claims of a usable access token, or null. Throws if the store is unreachable or wrong, so
// that an outage shows the teaser instead of sending the viewer to renew in a circle.
async function claimsOf(token) {
  const parts = token.split('.');
  if (token.length > TOKEN_BYTES || parts.length !== 3) {
    return null;
  }
  const header = parsed(parts[0]);
  if (
    header === null ||
    header.alg !== 'HS256' ||
    header.typ !== 'at+jwt' ||
    header.crit !== undefined ||
    typeof header.kid !== 'string' ||
    !KID.test(header.kid) ||
    header.kid === 'config' // the other entry of the store is no key
  ) {
    return null;
  }

  const store = cf.kvs();
  const known = await store.exists(header.kid);
  if (!known) {
    return null;
  }
  const secret = await store.get(header.kid);
  if (!SECRET.test(secret)) {
    throw new Error('the key ' + header.kid + ' is not 256 bits of base64url');
  }
  const signature = crypto
    .createHmac('sha256', Buffer.from(secret, 'base64url'))
    .update(parts[0] + '.' + parts[1])
    .digest('base64url');
  if (!sameText(signature, parts[2])) {
    return null;
  }

  const text = await store.get('config');
  const config = JSON.parse(text);
  if (typeof config.iss !== 'string' || typeof config.aud !== 'string') {
    throw new Error('the entry config has no iss or no aud');
  }
  const claims = parsed(parts[1]);
  const now = Math.floor(Date.now() / 1000);
  const usable =
    claims !== null &&
    claims.iss === config.iss &&
    claims.aud === config.aud &&
    typeof claims.sub === 'string' &&
    claims.sub !== '' &&
    typeof claims.iat === 'number' &&
    typeof claims.exp === 'number' &&
    claims.iat <= now + CLOCK_SKEW &&
    claims.exp - claims.iat <= TOKEN_LIFE &&
    now < claims.exp &&
    Array.isArray(claims.courses) &&
    (claims.drafts === undefined || Array.isArray(claims.drafts));
  return usable ? claims : null;
}

// The flat JSON object in a part of a token, or null: what a stranger put into a cookie is no
// reason to throw. Flat: text without escapes, whole numbers and lists of text; no space, no name
// twice, one spelling in base64url. Parsers differ about the rest of JSON, and so would the gates.
function parsed(part) {
  try {
    const text = Buffer.from(part, 'base64url').toString();
    if (Buffer.from(text).toString('base64url') !== part || !FLAT.test(text)) {
      return null;
    }
    const value = JSON.parse(text);
    return text.match(NAME).length === Object.keys(value).length ? value : null;
  } catch (error) {
    return null;
  }
}

// Equality in a time that depends on the lengths only.
function sameText(a, b) {
  if (a.length !== b.length) {
    return false;
  }
  let difference = 0;
  for (let i = 0; i < a.length; i++) {
    difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  }
  return difference === 0;
}

// `?` and the query as it was sent, or ''.
function queryOf(request) {
  const query = request.rawQueryString();
  return query ? '?' + query.replace(/[^\x21-\x7e]+/g, encodeURIComponent) : '';
}

function rewrite(request, path) {
  request.uri = path.endsWith('/') ? path + 'index.html' : path;
  return request;
}

function redirect(code, description, location, cacheControl) {
  return {
    statusCode: code,
    statusDescription: description,
    headers: { location: { value: location }, 'cache-control': { value: cacheControl } },
  };
}

function notFound() {
  return {
    statusCode: 404,
    statusDescription: 'Not Found',
    headers: {
      'content-type': { value: 'text/html; charset=utf-8' },
      'cache-control': { value: 'no-store' },
    },
    body: {
      encoding: 'text',
      data: '<!doctype html><title>Not found</title><h1>Not found</h1><p><a href="/">Home</a>',
    },
  };
}
