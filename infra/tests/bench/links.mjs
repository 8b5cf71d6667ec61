// How long a request for a link takes, by what is known of the address: medians of requests that take
// turns, so that what the machine does besides meets all of them alike. Prints a table.

import { performance } from 'node:perf_hooks';

import { askForLink, buy, signIn } from '../lib/buying.mjs';
import { Shop } from '../lib/shop.mjs';
import { forget, madeSite } from '../lib/sites.mjs';
import { until } from '../lib/until.mjs';
import { Visitor } from '../lib/visitor.mjs';

const ROUNDS = Number(process.argv[2] ?? 200);
/** Requests of each sort before the clock starts. */
const WARM = 20;

const site = await madeSite();
const shop = await Shop.open(site);
let made = 0;
/** All of one length. */
const someone = () => `bench-${String((made += 1)).padStart(8, '0')}@example.org`;

/** Addresses of one sort, a new one each time. @type {Record<string, () => Promise<string>>} */
const SORTS = {
  'nobody has it': async () => someone(),
  'an account has it': async () => {
    const email = someone();
    await signIn(new Visitor(shop), email);
    return email;
  },
  'somebody paid with it, and has no account': async () => {
    const email = someone();
    await buy(new Visitor(shop), email);
    return email;
  },
  'a link is on its way': async () => {
    const email = someone();
    await askForLink(new Visitor(shop), email);
    return email;
  },
  'mail to it is held back': async () => {
    const email = someone();
    const mail = await askForLink(new Visitor(shop), email);
    await shop.dev(`outbox/${mail.id}/complaint`, {});
    await until('the complaint is known', async () => {
      const count = (await shop.mailsTo(email)).length;
      await new Visitor(shop).post('/api/access/links', { email });
      return (await shop.mailsTo(email)).length === count;
    });
    return email;
  },
};

/** @param {string} email */
async function time(email) {
  const visitor = new Visitor(shop);
  const begun = performance.now();
  const answer = await visitor.post('/api/access/links', { email });
  const took = performance.now() - begun;
  if (answer.status !== 202) throw new Error(`${answer.status}: ${answer.text}`);
  return took;
}

/** @param {number[]} sorted @param {number} share */
const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;

try {
  const names = Object.keys(SORTS);
  /** @type {Map<string, number[]>} */
  const times = new Map(names.map((name) => [name, []]));
  for (let round = -WARM; round < ROUNDS; round += 1) {
    // Another one begins each round.
    for (let turn = 0; turn < names.length; turn += 1) {
      const name = names[(turn + round + WARM) % names.length] ?? '';
      const email = await (SORTS[name] ?? someone)();
      const took = await time(email);
      if (round >= 0) times.get(name)?.push(took);
    }
  }
  console.log('| the address | requests | median | 25 % | 75 % |\n|---|---|---|---|---|');
  for (const [name, all] of times) {
    const sorted = all.toSorted((a, b) => a - b);
    const shown = [0.5, 0.25, 0.75].map((share) => `${quantile(sorted, share).toFixed(2)} ms`);
    console.log(`| ${name} | ${all.length} | ${shown.join(' | ')} |`);
  }
} finally {
  await shop.close();
  forget(site);
}
