// infra/template.yaml as data. A short form (`!Ref x`) is read as its long one (`{Ref: x}`), so that tests know one form.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { parse } from 'yaml';

/** @typedef {{Type: string, Properties: any, Condition?: string, Metadata?: any, DependsOn?: string | string[], DeletionPolicy?: string, UpdateReplacePolicy?: string}} Resource */
/** @typedef {{Sid: string, Effect: string, Principal?: any, Action: string | string[], Resource: any, Condition?: any}} Statement */

const SHORT = [
  'Ref', 'Condition', 'Fn::Sub', 'Fn::GetAtt', 'Fn::If', 'Fn::Not', 'Fn::And', 'Fn::Or', 'Fn::Equals', 'Fn::Join', 'Fn::Select',
  'Fn::FindInMap',
];

/** The long form of a value. @param {string} name @param {any} value */
function long(name, value) {
  return { [name]: name === 'Fn::GetAtt' && typeof value === 'string' ? value.split('.') : value };
}

const customTags = SHORT.flatMap((name) => {
  const tag = `!${name.replace('Fn::', '')}`;
  return [
    { tag, resolve: (/** @type {string} */ text) => long(name, text) },
    { tag, collection: /** @type {const} */ ('seq'), resolve: (/** @type {any} */ seq) => long(name, seq.toJSON()) },
  ];
});

/** The text of a file of the repository. @param {string} path */
export const textOf = (path) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

/** Reads a template. @param {string} text */
export function read(text) {
  const value = parse(text, { customTags, merge: false, uniqueKeys: true, logLevel: 'error' });
  assert.ok(value.Resources, 'a template has resources');
  return value;
}

/** The template of this repository. */
export const template = read(textOf('infra/template.yaml'));

/** @type {Record<string, Resource>} */
export const resources = template.Resources;

/** Name and resource of everything of a type. @param {string} type */
export function ofType(type) {
  const found = Object.entries(resources).filter(([, resource]) => resource.Type === type);
  assert.ok(found.length > 0, `the template has no ${type}`);
  return found;
}

/** The four functions: logical id by name. */
export const FUNCTIONS = /** @type {const} */ ({ checkout: 'Checkout', access: 'Access', comments: 'Comments', metrics: 'Metrics' });

/** @typedef {keyof typeof FUNCTIONS} FunctionName */

/** What a role may do, inline policies alone: it has no others. @param {string} role logical id @returns {Statement[]} */
export function statementsOf(role) {
  const { Properties } = resources[role];
  assert.equal(Properties.ManagedPolicyArns, undefined, `${role} has a managed policy`);
  assert.equal(Properties.PermissionsBoundary, undefined);
  return Properties.Policies.flatMap((/** @type {any} */ policy) => policy.PolicyDocument.Statement);
}

/** A list, of one or of many. @template T @param {T | T[]} value @returns {T[]} */
export const list = (value) => (Array.isArray(value) ? value : [value]);

/** The role of a function. @param {FunctionName} name */
export function roleOf(name) {
  const role = resources[FUNCTIONS[name]].Properties.Role;
  assert.equal(role['Fn::GetAtt'][1], 'Arn');
  return role['Fn::GetAtt'][0];
}

/** Every value in a value, with the path to it. @param {any} value @param {string[]} [path] @returns {Generator<[string[], any]>} */
export function* walk(value, path = []) {
  yield [path, value];
  if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) yield* walk(inner, [...path, name]);
  }
}
