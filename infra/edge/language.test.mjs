// gate.js keeps to what its runtime understands, and the list that says so refuses the rest.
// `node --test infra/edge/language.test.mjs`, after `npm ci` in infra/tests.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { unsupported } from './language.mjs';
import { IMPORTS, source } from './runtime.mjs';

test('the function keeps to the language of its runtime', () => {
  assert.deepEqual(source.match(/^import .*$/gm), IMPORTS);
  assert.deepEqual(unsupported(source), []);
});

const within = (text) => `function f(a, b, o) { ${text} }`;

const REFUSED = {
  'a class': 'class A {}',
  'a class in an expression': 'const A = class {};',
  'a generator': 'function* f() {}',
  'yield': 'function* f() { yield 1; }',
  'for-of': within('for (const x of a) {}'),
  'for-await': 'async function f(a) { for await (const x of a) {} }',
  'a pattern of an object': within('const { x } = a;'),
  'a pattern of a list': within('const [x] = a;'),
  'a pattern in an assignment': within('[a, b] = [b, a];'),
  'a pattern in a parameter': 'function f({ x }) {}',
  'a default of a parameter': 'function f(x = 1) {}',
  'spread in a list': within('return [...a];'),
  'spread in a call': within('return Math.max(...a);'),
  'spread in an object': within('return { ...a };'),
  'a member by the name of its value': within('return { a };'),
  'a method in short': within('return { x() {} };'),
  'a computed member': within('return { [a]: 1 };'),
  'optional chaining': within('return a?.length;'),
  'an optional call': within('return a?.();'),
  'optional access by key': within('return a?.[0];'),
  'nullish coalescing': within('return a ?? b;'),
  'logical assignment': within('a ||= b;'),
  'nullish assignment': within('a ??= b;'),
  'a number of any size': within('return 1n;'),
  'a number in binary': within('return 0b1;'),
  'a tagged template': within('return String.raw`a`;'),
  'a catch without a name': within('try { f(); } catch { f(); }'),
  'a comma after the last argument': within('f(a, b,);'),
  'a comma after the last parameter': 'function f(a,) {}',
  'an async arrow': 'const f = async (a) => a;',
  'an async closure': 'function f() { async function g() {} return g; }',
  'an async method': 'const o = { async f() {} };',
  'await in an argument': 'async function f(a) { return g(await a); } function g() {}',
  'await in a condition': 'async function f(a) { if (await a) { return 1; } }',
  'await at the top': 'const a = await 1;',
  'an export': 'export const a = 1;',
  'an export by default': 'export default function f() {}',
  'import()': 'const a = import("crypto");',
  'another module': "import fs from 'fs';",
  'a named import': "import { createHmac } from 'crypto';",
  'a namespace': "import * as crypto from 'crypto';",
  'require': "const crypto = require('crypto');",
  'eval': within('return eval("1");'),
  'the constructor of functions': within('return new Function("a");'),
  'a timer': within('setTimeout(f, 1);'),
  'fetch': within('return fetch("/");'),
  'a set': within('return new Set();'),
  'a map': within('return new Map();'),
  'a URL': within('return new URL(a);'),
  'process': within('return process.env;'),
  'a proxy': within('return new Proxy(a, {});'),
  'a weak map': within('return new WeakMap();'),
  'the time of a machine': within('return performance.now();'),
  'structuredClone': within('return structuredClone(a);'),
  'Array.from': within('return Array.from(a);'),
  'Object.fromEntries': within('return Object.fromEntries(a);'),
  'Object.hasOwn': within('return Object.hasOwn(a, b);'),
  'at': within('return a.at(-1);'),
  'flat': within('return a.flat();'),
  'findLast': within('return a.findLast(f);'),
  'matchAll': within('return a.matchAll(b);'),
  'normalize': within('return a.normalize();'),
  'localeCompare': within('return a.localeCompare(b);'),
  'isWellFormed': within('return a.isWellFormed();'),
  'console.error': within('console.error(a);'),
  'console.log of two': within('console.log(a, b);'),
  'the flag u': within('return /a/u.test(a);'),
  'the flag s': within('return /a/s.test(a);'),
  'the flag d': within('return /a/d.test(a);'),
  'the flag v': within('return /a/v.test(a);'),
  'a lookbehind': within('return /(?<=a)b/.test(a);'),
  'a class of Unicode': within('return /\\p{L}/.test(a);'),
  'a private member': 'class A { #x = 1; }',
  'new.target': within('return new.target;'),
  'import.meta': 'const a = import.meta;',
  'a debugger': within('debugger;'),
  'with': within('with (a) {}'),
  'no JavaScript at all': 'function (',
};

for (const [what, text] of Object.entries(REFUSED)) {
  test(`${what} is refused`, () => assert.notDeepEqual(unsupported(text), []));
}

test('what is listed is taken', () => {
  const text = `import cf from 'cloudfront';
const NAMES = ['a', 'b'];
async function handler(event) {
  const store = cf.kvs();
  let value = await store.get('a');
  value = await store.get(\`b\${NAMES.length}\`);
  outer: for (var i = 0; i < NAMES.length; i++) {
    for (const name in event) {
      if (/^(?<first>a)$/giy.test(name)) { continue outer; } else { break outer; }
    }
  }
  const all = (...names) => names.map((name) => name.toUpperCase()).join();
  try { delete event.request.headers.a; } catch (error) { console.log('' + error); } finally { value = 2 ** 3; }
  switch (value) { case 1: return null; default: return all('a', value, JSON.stringify({ a: 1, 'b': [1, 2,], })); }
}`;
  assert.deepEqual(unsupported(text), []);
});
