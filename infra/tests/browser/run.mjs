// Code that readers run: only when they press, with what it prints beside it, and never for longer or further than it may.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { Reader } from '../lib/browser.mjs';
import { opened } from '../lib/opened.mjs';
import { madeSite } from '../lib/sites.mjs';
import { until } from '../lib/until.mjs';

/** What each block of the page holds: name → language, words of the fence, code. @type {Record<string, [string, string, string]>} */
const BLOCKS = {
  plain: ['js', 'run', `const sleep = (pause) => new Promise((wake) => setTimeout(wake, pause));
console.log("sum", 1 + 2, [1, "two", { three: new Map([["k", 3n]]) }]);
console.warn("%s is %d", "four", 4);
await sleep(20);
console.log("later\\nand below");`],
  silent: ['js', 'run', 'let quiet = 1;'],
  endless: ['js', 'run', 'console.log("before");\nwhile (true) {}'],
  chatty: ['js', 'run', 'for (let n = 0; ; n += 1) console.log("line", n);'],
  flood: ['js', 'run', 'for (;;) postMessage({ kind: "print", level: "log", text: "x" });'],
  thrown: ['js', 'run lines=10 hide="1-2" del="4"', '// hidden\n// hidden\nlet shown = 10;\nlet gone = 11;\nnull.x;'],
  unparsed: ['js', 'run', 'let a = 1;\nlet a = 2;'],
  unclosed: ['js', 'run', 'if (true) {\nconsole.log(1);'],
  late: ['js', 'run', 'setTimeout(() => {\n  throw new RangeError("too late");\n}, 10);'],
  prison: ['js', 'run', `const tries = {
  page: () => document, above: () => parent.document, cookies: () => document.cookie, storage: () => indexedDB.open("x"),
  network: () => fetch("https://example.org/"), shop: () => fetch(location.ancestorOrigins?.[0] ?? "/"), module: () => import("https://example.org/x.js"), script: () => importScripts("https://example.org/x.js"),
};
for (const [name, go] of Object.entries(tries)) {
  try { await go(); console.log(name, "reached"); } catch { console.log(name, "refused"); }
}
console.log("origin", self.origin);`],
  rust: ['rust,edition2021', 'run', '# let n = 41;\nprintln!("{}", n + 1);'],
  main: ['rust', 'run', '#![allow(unused)]\nfn main() {\n    println!("{}", "a & b");\n}'],
  long: ['rust', 'run', `fn main() {\n${'    println!("a line of many");\n'.repeat(250)}}`],
  unmarked: ['js', '', 'console.log(1);'],
};

const site = await madeSite();
const blocks = Object.entries(BLOCKS).map(([name, [language, words, code]]) => `## ${name}\n\n\`\`\`${language} ${words}\n${code}\n\`\`\`\n`);
writeFileSync(join(site, 'content/pages/run.md'), `+++\ntitle = "Run"\n+++\n\n${blocks.join('\n')}`);
const { shop, browser } = await opened(site);

/** @param {string} name @param {import('playwright-core').BrowserContextOptions} [options] */
async function arrive(name, options) {
  const reader = await Reader.arrive(browser, shop, { name, ...options });
  await reader.page.goto('/run/');
  return reader;
}

/** The block below a heading. @param {Reader} reader @param {string} name */
function block({ page }, name) {
  const figure = page.locator(`#${name} + .code`);
  return {
    figure,
    run: () => figure.getByRole('button', { name: 'Run', exact: true }).click(),
    says: (/** @type {string | RegExp} */ text) => figure.getByRole('status').filter({ hasText: text }).waitFor(),
    output: () => figure.getByRole('log').innerText(),
  };
}

test('nothing runs until somebody presses; then what it prints stands below', async () => {
  const reader = await arrive('run');
  const frames = () => reader.page.frames().length;
  /** @type {string[]} */
  const fetched = [];
  reader.context.on('request', (request) => fetched.push(new URL(request.url()).pathname));
  const { figure, run, says, output } = block(reader, 'plain');
  await figure.getByRole('button', { name: 'Run', exact: true }).waitFor();
  assert.equal(frames(), 1);
  assert.deepEqual(fetched.filter((path) => path.includes('runner')), []);
  await run();
  await says('Finished.');
  assert.equal((await output()).trimEnd(), "sum 3 [ 1, 'two', { three: Map(1) { 'k' => 3n } } ]\nfour is 4\nlater\nand below");
  assert.equal(frames(), 1, 'the frame is gone with its program');
  await block(reader, 'silent').run();
  await block(reader, 'silent').says('It printed nothing');
  assert.equal(await block(reader, 'unmarked').figure.getByRole('button', { name: 'Run' }).count(), 0);
  await reader.shot('output');
  await reader.isFine();
});

test('an endless loop is ended when its time is up, and the page goes on meanwhile', async () => {
  const reader = await arrive('endless');
  const { figure, run, says, output } = block(reader, 'endless');
  await run();
  await says('Running');
  await until('it has begun', async () => (await output()) === 'before\n');
  assert.equal(await reader.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => done('drawn')))), 'drawn');
  await says('Ended after 5 seconds');
  assert.equal(reader.page.frames().length, 1);
  await until('its worker has ended', () => reader.page.workers().length === 0);
  // Pressed again it stops when told to.
  await run();
  await figure.getByRole('button', { name: 'Stop' }).click();
  await says('Stopped.');
  assert.equal(reader.page.frames().length, 1);
  await reader.isFine();
});

test('what is printed without end is cut', async () => {
  const reader = await arrive('chatty');
  for (const name of ['chatty', 'flood']) {
    const { run, says, output } = block(reader, name);
    await run();
    await says(name === 'chatty' ? 'more than fits' : /Ended|more than fits/);
    const lines = (await output()).trimEnd().split('\n').length;
    assert.ok(lines > 100 && lines <= 1000, `${lines} lines`);
  }
  await reader.isFine();
});

test('what goes wrong is told with its line, as the reader counts', async () => {
  const reader = await arrive('thrown');
  for (const [name, message] of /** @type {const} */ ([
    ['thrown', /^Line 12: TypeError: .*null/], ['unparsed', /^Line 2: SyntaxError: /], ['unclosed', /^Line 2: SyntaxError: /], ['late', /^Line 2: RangeError: too late$/],
  ])) {
    await block(reader, name).run();
    await block(reader, name).says(message);
  }
  await reader.shot('problem');
  // They are told to the reader alone: none is an error of the page.
  await reader.isFine();
});

test('a program has no origin, and reaches neither the page nor a server', async () => {
  const reader = await arrive('prison');
  /** @type {import('playwright-core').Request[]} */
  const asked = [];
  const { run, says, output } = block(reader, 'prison');
  await reader.page.waitForLoadState('networkidle');
  reader.context.on('request', (request) => asked.push(request));
  await run();
  await says('Finished.');
  assert.equal(await output(), `${['page', 'above', 'cookies', 'storage', 'network', 'shop', 'module', 'script'].map((name) => `${name} refused`).join('\n')}\norigin null\n`);
  const strange = asked.filter((request) => !/^(blob:|data:)|\/(assets\/[\w.-]+|api\/metrics\/events)$/.test(request.url()));
  // Some are listed before the policy ends them; none is sent.
  assert.deepEqual(strange.filter((request) => request.failure()?.errorText !== 'csp').map((request) => request.url()), []);
  // The frame by itself has no origin either.
  const path = await reader.page.evaluate(() => document.body.dataset.runner ?? '');
  await reader.page.goto(path);
  assert.equal(await reader.page.evaluate(() => self.origin), 'null');
});

test('Rust leads to its playground, with the lines that the compiler alone sees', async () => {
  const reader = await arrive('playground', { permissions: ['clipboard-write'] });
  const link = async (/** @type {string} */ name, label = 'Open in the Rust Playground') => {
    const anchor = block(reader, name).figure.getByRole('link', { name: label });
    await anchor.waitFor();
    const url = new URL((await anchor.getAttribute('href')) ?? '');
    assert.equal(url.origin, 'https://play.rust-lang.org');
    assert.match((await anchor.getAttribute('rel')) ?? '', /noreferrer/);
    return { anchor, query: Object.fromEntries(url.searchParams) };
  };
  const { query } = await link('rust');
  assert.deepEqual(query, { version: 'stable', mode: 'debug', edition: '2021', code: 'fn main() {\nlet n = 41;\nprintln!("{}", n + 1);\n}' });
  assert.deepEqual((await link('main')).query, { version: 'stable', mode: 'debug', edition: '2024', code: BLOCKS.main?.[2] });
  const long = await link('long', 'Copy the code and open the Rust Playground');
  assert.equal(long.query.code, undefined);
  // Somebody else's page is not opened in a test.
  await reader.page.evaluate(() => addEventListener('click', (event) => event.preventDefault()));
  await long.anchor.click();
  await until('it is copied', async () => (await reader.pasted()) === BLOCKS.long?.[2]);
  // Copying takes what is seen.
  const { figure } = block(reader, 'rust');
  await figure.hover();
  await figure.getByRole('button', { name: 'Copy' }).click();
  await until('the code is copied', async () => (await reader.pasted()) === 'println!("{}", n + 1);\n');
  await reader.isFine();
});

test('without JavaScript there is nothing to press, and hidden lines are hidden', async () => {
  const reader = await arrive('run-no-script', { javaScriptEnabled: false });
  assert.equal(await reader.page.locator('.run').count(), 0);
  assert.equal(await reader.page.getByText('let n = 41').isVisible(), false);
  await reader.see('println!("{}", n + 1);');
  await reader.isFine();
});
