// What the manual shows of the command line is what the program says. Of each lesson named below the
// files that it shows are written into a new site, its console sessions are run there, and what stands
// under a command is compared with what came: `…` in a line stands for what is another each time, a line
// of `…` alone for any lines.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import { binary, repository, tuition } from '../lib/binary.mjs';
import { buy, open, pay, paymentOf, someone, statusOf } from '../lib/buying.mjs';
import { Shop } from '../lib/shop.mjs';
import { forget } from '../lib/sites.mjs';
import { until } from '../lib/until.mjs';
import { Visitor } from '../lib/visitor.mjs';

const MANUAL = join(repository, 'content/courses/publishing-with-tuition');
const FENCE = /^(`{3,})(\w+)(.*)\n([\s\S]*?)^\1$/gm;
const COURSE = 'first-course';

/**
 * The lessons, how many commands each shows at least, what readers are asked to get wrong in a file, and
 * what happens in the shop before its first command. That answers the id that `cs_test_…` in a command stands for.
 * @type {{lesson: string, commands: number, slips?: [string, string][], before?: (shop: Shop) => Promise<string>}[]}
 */
const LESSONS = [
  { lesson: '01-first-site/01-first-lesson.md', commands: 1, slips: [['title = ', 'titel = '], ['01-welcome.md', '01-welcom.md']] },
  { lesson: '02-writing/05-front-matter.md', commands: 1 },
  { lesson: '04-selling/01-prices.md', commands: 2 },
  { lesson: '05-running/01-theming.md', commands: 3 },
  { lesson: '05-running/03-operating.md', commands: 7, before: threeSales },
];

for (const { lesson, commands, slips = [], before } of LESSONS) {
  test(`${lesson}: what it shows is what the program says`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tuition-manual-'));
    symlinkSync(binary, join(folder, 'tuition'));
    const site = join(folder, 'my-site');
    const made = await tuition('new', site);
    assert.equal(made.code, 0, made.stderr);
    const shop = before && (await Shop.open(site));
    try {
      const id = shop ? await before(shop) : '';
      const state = shop ? ` --state ${shop.state}` : '';
      let count = 0;
      for (const [, , language, attributes, body] of readFileSync(join(MANUAL, lesson), 'utf8').matchAll(FENCE)) {
        const file = /title="((?:content|themes)\/[^"]+)"/.exec(attributes ?? '')?.[1];
        if (file) write(join(site, file), slipped(body ?? '', slips));
        if (language !== 'console') continue;
        for (const { command, shown } of sessions(body ?? '')) {
          count += 1;
          holds(shown, await run(`${command.replace('cs_test_…', id)}${state}`, site, folder), command);
        }
      }
      assert.ok(count >= commands, `${count} commands`);
    } finally {
      await shop?.close();
      forget(folder);
    }
  });
}

/** One sale that holds, one that was refunded, and one that nobody told the shop of. Answers the id of the second. @param {Shop} shop */
async function threeSales(shop) {
  const what = { offer: COURSE, next: `/courses/${COURSE}/paid/` };
  const refunded = new Visitor(shop);
  const id = await buy(refunded, someone(), what);
  await buy(new Visitor(shop), someone(), what);
  await shop.dev(`till/payments/${await paymentOf(shop, id)}/refund`, {});
  await until('the refund is known', async () => (await statusOf(refunded, id)) === 'refunded');
  await shop.dev('till/faults', { seed: 1, drop: 1 });
  const unheard = new Visitor(shop);
  await pay(shop, await open(unheard, what), someone());
  return id;
}

/** @param {string} text @param {[string, string][]} slips */
function slipped(text, slips) {
  for (const [right, wrong] of slips) {
    assert.ok(text.includes(right), right);
    text = text.replace(right, wrong);
  }
  return text;
}

/** Commands, and what stands under each. @param {string} body */
function sessions(body) {
  return body.split(/^\$ /m).slice(1).map((part) => {
    const [command = '', ...shown] = part.trimEnd().split('\n');
    return { command, shown };
  });
}

/** @param {string[]} shown @param {string} came @param {string} command */
function holds(shown, came, command) {
  const line = (/** @type {string} */ text) => text.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[^\\n]+');
  const pattern = shown.map((text) => (text === '…' ? '(?:[^\\n]*\\n)*?' : `${line(text)}\\n`)).join('');
  assert.match(came.replaceAll('\r\n', '\n'), new RegExp(`^${pattern}$`), `${command}\nshown:\n${shown.join('\n')}\ncame:\n${came}`);
}

/** Both streams in the order in which a terminal shows them. @param {string} command @param {string} site @param {string} bin */
function run(command, site, bin) {
  return new Promise((done, failed) => {
    const child = spawn('sh', ['-c', `${command} 2>&1`], {
      cwd: site,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, NO_COLOR: '1' },
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (said += text));
    child.on('error', failed);
    child.on('close', () => done(said));
  });
}

/** @param {string} path @param {string} text */
function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
