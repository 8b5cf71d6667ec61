// Loaded before tests (`node --import`), it holds every answer that a visitor gets from the functions against
// the description of the interface: route, status, content type, headers, body.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Ajv2020 } from 'ajv/dist/2020.js';

import { repository } from './binary.mjs';
import { Visitor } from './visitor.mjs';

const ID = 'openapi.json';
const description = JSON.parse(readFileSync(join(repository, 'functions/handlers/openapi.json'), 'utf8'));
const ajv = new Ajv2020({
  strict: false,
  allErrors: true,
  formats: {
    'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
    date: /^\d{4}-\d\d-\d\d$/,
    uri: /^[a-z]+:/,
    int64: { type: 'number', validate: Number.isSafeInteger },
    double: true,
  },
});
ajv.addSchema(description, ID);

const send = Visitor.prototype.send;
Visitor.prototype.send = async function (method, path, request) {
  const answer = await send.call(this, method, path, request);
  if (path.startsWith('/api/')) isDescribed(method, path.split('?')[0] ?? path, answer);
  return answer;
};

/** @param {string} method @param {string} path @param {import('./visitor.mjs').Answer} answer */
function isDescribed(method, path, answer) {
  const what = `${method} ${path}: ${answer.status} ${answer.text.slice(0, 300)}`;
  const route = Object.keys(description.paths).find((route) => new RegExp(`^${route.replace(/\{\w+\}/g, '[^/]+')}$`).test(path));
  const verb = (method === 'HEAD' ? 'GET' : method).toLowerCase();
  const pointer = ['paths', route ?? '', verb, 'responses', String(answer.status)];
  if (!route || !description.paths[route][verb]) {
    assert.equal(answer.status, route ? 405 : 404, `not described: ${what}`);
    return;
  }
  const [at, response] = follow(pointer);
  assert.ok(response, `this status is not described: ${what}`);
  for (const [name, header] of Object.entries(response.headers ?? {})) {
    if (header.required) assert.ok(answer.headers[name.toLowerCase()], `no ${name}: ${what}`);
  }
  const kind = answer.headers['content-type']?.split(';')[0];
  if (!response.content) assert.equal(answer.bytes.length, 0, `no body is described: ${what}`);
  if (!response.content || method === 'HEAD') return;
  assert.ok(kind && response.content[kind], `${kind} is not described: ${what}`);
  if (!kind.endsWith('json')) return;
  const schema = `${ID}#/${[...at, 'content', kind, 'schema'].map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
  const validate = ajv.getSchema(schema);
  assert.ok(validate, schema);
  assert.ok(validate(answer.json), `${ajv.errorsText(validate.errors)}: ${what}`);
}

/** What stands at a place of the description, or at the place that it refers to. @param {string[]} at @returns {[string[], any]} */
function follow(at) {
  const found = at.reduce((value, name) => value?.[name], description);
  return found?.$ref ? follow(found.$ref.split('/').slice(1)) : [at, found];
}
