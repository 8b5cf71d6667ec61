// Every object and event of the till against the SDK's own types, which Stripe generates from the
// description of its API: no member missing, none unknown, every value of an enumeration known.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { repository } from '../lib/binary.mjs';
import { Till, everything } from '../lib/till.mjs';

const modules = join(repository, 'infra/tests/node_modules');

/** Where the API lists what, and the type that the SDK has for it. */
const LISTED = {
  'balance_transactions': 'Stripe.BalanceTransaction',
  'charges?expand[]=data.refunds': 'Stripe.Charge',
  'checkout/sessions?expand[]=data.line_items': 'Stripe.Checkout.Session',
  'coupons': 'Stripe.Coupon',
  'customers': 'Stripe.Customer',
  'disputes': 'Stripe.Dispute',
  'invoice_payments': 'Stripe.InvoicePayment',
  'invoices?expand[]=data.payments&expand[]=data.discounts': 'Stripe.Invoice',
  'payment_intents?expand[]=data.latest_charge.balance_transaction': 'Stripe.PaymentIntent',
  'prices?expand[]=data.product': 'Stripe.Price',
  'products': 'Stripe.Product',
  'refunds?expand[]=data.charge': 'Stripe.Refund',
  'subscriptions?status=all&expand[]=data.latest_invoice&expand[]=data.customer': 'Stripe.Subscription',
  'events': 'Stripe.Event',
};

/** What each of them must have been seen in, so that a check of nothing does not pass. */
const STATES = {
  'Stripe.Checkout.Session': ['complete', 'expired', 'open'],
  'Stripe.Invoice': ['draft', 'open', 'paid', 'uncollectible', 'void'],
  'Stripe.Subscription': ['active', 'canceled', 'past_due', 'paused', 'trialing'],
  'Stripe.Dispute': ['lost', 'warning_closed', 'won'],
  'Stripe.Refund': ['failed', 'pending', 'succeeded'],
  'Stripe.PaymentIntent': ['processing', 'requires_payment_method', 'succeeded'],
};

/** @type {Till} */
let till;
/** @type {string} */
let folder;
before(async () => {
  till = await Till.open();
  folder = mkdtempSync(join(tmpdir(), 'tuition-types-'));
});
after(async () => {
  await till?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** The SDK's types, stricter: an enumeration holds what it names and nothing else, and a decimal is the text that the API sends. */
function strictTypes() {
  const types = join(folder, 'node_modules/stripe');
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  cpSync(join(modules, 'stripe'), types, { recursive: true, filter: (path) => !/\.(js|map)$|\/cjs$/.test(path) });
  symlinkSync(join(modules, '@types'), join(folder, 'node_modules/@types'));
  symlinkSync(join(modules, 'undici-types'), join(folder, 'node_modules/undici-types'));
  replace(join(types, 'esm/shared.d.ts'), /export type OtherString = [^;]+;/, 'export type OtherString = never;');
  replace(join(types, 'esm/Decimal.d.ts'), /export type Decimal = DecimalImpl & \{[^}]+\};/, 'export type Decimal = string;');
}

/** @param {string} path @param {RegExp} what @param {string} by */
function replace(path, what, by) {
  const text = readFileSync(path, 'utf8');
  assert.match(text, what, `${path} is not as it was: mend this test`);
  writeFileSync(path, text.replace(what, by));
}

/** What the type checker says to `objects`: each fault once, with the line that has it. @param {[string, unknown][]} objects type and object */
async function faults(objects) {
  const checks = objects.map(([type, object]) => `{ const object: ${type} = ${JSON.stringify(object, null, 1)}; void object; }`);
  const source = `import Stripe from 'stripe';\n${checks.join('\n')}\n`;
  writeFileSync(join(folder, 'objects.ts'), source);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const options = { strict: true, noEmit: true, target: 'es2023', module: 'nodenext', moduleResolution: 'nodenext', types: ['node'], skipLibCheck: true };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['objects.ts'] }));
  const checker = join(modules, '.bin/tsc');
  try {
    await promisify(execFile)(checker, ['--project', folder, '--pretty', 'false'], { maxBuffer: 1 << 26 });
    return [];
  } catch (error) {
    const { stdout } = /** @type {{stdout: string}} */ (error);
    const found = [...stdout.matchAll(/^.*objects\.ts\((\d+),\d+\): (.*)$/gm)];
    assert.ok(found.length > 0, String(error));
    const lines = source.split('\n');
    return [...new Set(found.map(([, line, message]) => `${lines[Number(line) - 1].trim().slice(0, 60)} ← ${message.slice(0, 600)}`))];
  }
}

test('the types refuse what Stripe does not send', async () => {
  strictTypes();
  const session = await till.stripe.checkout.sessions.create({
    mode: 'payment',
    line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: 1, product_data: { name: 'x' } } }],
    success_url: 'http://127.0.0.1:9/',
  });
  const good = await till.raw(`checkout/sessions/${session.id}`);
  const type = 'Stripe.Checkout.Session';
  assert.deepEqual(await faults([[type, good]]), []);
  const { amount_total: _, ...missing } = good;
  for (const bad of [missing, { ...good, colour: 'red' }, { ...good, status: 'odd' }, { ...good, created: 'now' }]) {
    assert.notDeepEqual(await faults([[type, bad]]), []);
  }
});

test('every object and event of the till has the types of the SDK', async () => {
  await everything(till);
  /** @type {[string, any][]} */
  const seen = [];
  for (const [path, type] of Object.entries(LISTED)) {
    const found = await till.all(path);
    assert.ok(found.length > 0, `there is no ${type}`);
    seen.push(...found.map((object) => /** @type {[string, any]} */ ([type, object])));
  }
  for (const [type, states] of Object.entries(STATES)) {
    const met = new Set(seen.filter(([other]) => other === type).map(([, object]) => object.status));
    for (const state of states) assert.ok(met.has(state), `no ${type} was ${state}: only ${[...met]}`);
  }
  assert.deepEqual(await faults(seen), []);

  // The same check sees a fault deep in an event.
  const event = structuredClone(seen.find(([, object]) => object.type === 'invoice.paid')?.[1]);
  delete event.data.object.lines.data[0].parent.subscription_item_details.proration;
  assert.notDeepEqual(await faults([['Stripe.Event', event]]), []);
});
