// What the default theme promises in its README: legible colours, no flash, choices that are remembered, code that can be
// copied and reached, keys, and a look of one's own in three files.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import { repository } from '../lib/binary.mjs';
import { Reader } from '../lib/browser.mjs';
import { opened } from '../lib/opened.mjs';
import { Shop } from '../lib/shop.mjs';
import { COURSE, forget, madeSite } from '../lib/sites.mjs';
import { until } from '../lib/until.mjs';

const LESSON = `/courses/${COURSE}/open/`;
const LONG = 'echo a line that is far too long to be seen as a whole on any telephone that people carry around with them today';

const site = await madeSite();
const tabs = (/** @type {string} */ word) => `\`\`\`sh tab="Linux"\necho ${word} linux\n\`\`\`\n\`\`\`sh tab="macOS"\necho ${word} mac\n\`\`\`\n`;
const lesson = join(site, 'content/courses', COURSE, '01-start/01-open.md');
writeFileSync(lesson, `${readFileSync(lesson, 'utf8')}
## A heading

${tabs('first')}
Between.

${tabs('second')}
\`\`\`console
$ cargo run
 Compiling
$ ls
\`\`\`

\`\`\`sh file="long.sh"
${LONG}
\`\`\`

![A wide chart](wide.svg)

![A small chart](small.svg)
`);
for (const [name, width] of Object.entries({ wide: 3000, small: 300 })) {
  writeFileSync(join(dirname(lesson), `${name}.svg`), `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="300"><rect width="${width}" height="300" fill="teal"/></svg>`);
}
writeFileSync(join(site, 'content/pages/tabs.md'), `+++\ntitle = "Tabs"\n+++\n\n${tabs('third')}`);
const { shop, browser } = await opened(site);

/** Relative luminance of WCAG 2.2. @param {string} hex */
function luminance(hex) {
  const digits = hex.length === 4 ? [...hex.slice(1)].map((digit) => digit + digit).join('') : hex.slice(1);
  const [r = 0, g = 0, b = 0] = [0, 2, 4].map((at) => {
    const value = parseInt(digits.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

test('text keeps 4.5:1 and controls 3:1 on every ground, in both schemes', () => {
  const css = readFileSync(join(repository, 'themes/default/styles/tokens.css'), 'utf8');
  const tokens = Object.fromEntries([...(css.split('@supports')[1] ?? '').split('@media')[0]?.matchAll(/--([\w-]+): light-dark\((#\w+), (#\w+)\)/g) ?? []].map(([, name, ...pair]) => [name, pair]));
  const contrast = (/** @type {string} */ a, /** @type {string} */ b) => (Math.max(luminance(a), luminance(b)) + 0.05) / (Math.min(luminance(a), luminance(b)) + 0.05);
  let pairs = 0;
  const hold = (/** @type {number} */ least, /** @type {string[]} */ front, /** @type {string[]} */ back) => {
    for (const scheme of [0, 1]) {
      for (const [a, b] of front.flatMap((one) => back.map((other) => [one, other]))) {
        const ratio = contrast(tokens[a ?? '']?.[scheme] ?? '', tokens[b ?? '']?.[scheme] ?? '');
        assert.ok(ratio >= least, `--${a} on --${b}, scheme ${scheme}: ${ratio.toFixed(2)}`);
        pairs += 1;
      }
    }
  };
  const grounds = ['ground', 'raised', 'accent-wash'];
  hold(4.5, ['ink', 'soft', 'accent', 'accent-deep', 'note', 'important', 'warning', 'danger'], grounds);
  hold(4.5, ['on-accent'], ['accent', 'accent-deep']);
  hold(3, ['edge'], grounds);
  assert.equal(pairs, 58);
  // On the band the dark halves count, on both of its colours.
  for (const band of tokens.band ?? []) {
    for (const name of ['ink', 'accent', 'accent-deep']) assert.ok(contrast(tokens[name]?.[1] ?? '', band) >= 4.5, `--${name} on the band ${band}`);
  }
});

test('every script has fewer than 200 lines', () => {
  const folder = join(repository, 'themes/default/scripts');
  const long = readdirSync(folder).filter((name) => readFileSync(join(folder, name), 'utf8').split('\n').length > 200);
  assert.deepEqual(long, []);
});

test('a chosen scheme is there at the first paint of every page, and the system\'s without a choice', async () => {
  const reader = await Reader.arrive(browser, shop, { name: 'scheme', colorScheme: 'light' });
  const { page } = reader;
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await page.goto(LESSON);
  const light = await ground();
  await page.getByRole('button', { name: /Colours/ }).click();
  await page.getByRole('button', { name: 'Colours: light' }).click();
  const dark = await ground();
  assert.notEqual(dark, light);
  // What the root is when its first frame is drawn, however late the modules come.
  await page.route('**/assets/site.*.js', async (route) => {
    await new Promise((wake) => setTimeout(wake, 300));
    await route.continue();
  });
  await page.addInitScript(() => requestAnimationFrame(() => (window.name = getComputedStyle(document.documentElement).backgroundColor)));
  await page.goto('/');
  await until('a frame was drawn', () => page.evaluate(() => window.name !== ''));
  assert.equal(await page.evaluate(() => window.name), dark);
  const other = await Reader.arrive(browser, shop, { name: 'system', colorScheme: 'dark', javaScriptEnabled: false });
  await other.page.goto('/');
  assert.equal(await other.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor), dark);
  await reader.isFine();
});

test('a chosen tab holds for all groups, and on the next page', async () => {
  const reader = await Reader.arrive(browser, shop, { name: 'tabs' });
  const { page } = reader;
  await page.goto(LESSON);
  await page.getByText('echo first linux').waitFor();
  await page.getByText('macOS').first().click();
  await page.getByText('echo first mac').waitFor();
  await page.getByText('echo second mac').waitFor();
  await page.goto('/tabs/');
  await page.getByText('echo third mac').waitFor();
  assert.equal(await page.getByText('echo third linux').isVisible(), false);
  await reader.isFine();
});

test('code is copied without prompts and output', async () => {
  const reader = await Reader.arrive(browser, shop, { name: 'copy', permissions: ['clipboard-write'] });
  const { page } = reader;
  await page.goto(LESSON);
  const figure = page.locator('.code').filter({ hasText: 'Compiling' });
  await figure.hover();
  await figure.getByRole('button', { name: 'Copy' }).click();
  await page.getByRole('status').filter({ hasText: 'Copied' }).waitFor({ state: 'attached' });
  assert.equal(await reader.pasted(), 'cargo run\nls\n');
  await reader.isFine();
});

test('where a browser lets nobody copy, the code is there to be copied by hand, and it is said', async () => {
  const reader = await Reader.arrive(browser, shop, { name: 'copy-refused' });
  const { page } = reader;
  await page.addInitScript(() => {
    navigator.clipboard.writeText = () => Promise.reject(new DOMException('refused', 'NotAllowedError'));
  });
  await page.goto(LESSON);
  const figure = page.locator('.code').filter({ hasText: 'Compiling' });
  await figure.hover();
  const copy = figure.getByRole('button', { name: 'Copy' });
  await copy.click();
  await figure.getByText('This browser does not let a page copy').waitFor();
  assert.equal(await page.getByRole('status').filter({ hasText: 'Copied' }).count(), 0);
  await page.keyboard.press('ControlOrMeta+C');
  assert.equal(await reader.pasted(), 'cargo run\nls\n');
  await copy.click();
  assert.equal(await figure.getByRole('textbox').count(), 1, 'it is said once');
  await reader.isFine();
});

test('a picture that is larger than its place opens in full, by keyboard and by a press', async () => {
  const reader = await Reader.arrive(browser, shop, { name: 'zoom', viewport: { width: 390, height: 800 } });
  const { page } = reader;
  await page.goto(LESSON);
  await page.getByAltText('A small chart').scrollIntoViewIfNeeded();
  const open = page.getByRole('button', { name: 'A wide chart' });
  await open.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'A wide chart' });
  const width = async () => (await dialog.getByAltText('A wide chart').boundingBox())?.width;
  await dialog.waitFor();
  assert.equal(await width(), 3000, 'a telephone shows it in its own size');
  await page.keyboard.press('ArrowRight');
  await until('it is scrolled by keyboard', () => dialog.evaluate((element) => element.scrollLeft > 0));
  assert.equal(new URL(page.url()).pathname, LESSON, 'the arrow turned no page');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  assert.ok(await open.evaluate((element) => element === document.activeElement), 'the focus is back where it was');
  await open.click();
  await dialog.click();
  await dialog.waitFor({ state: 'detached' });
  assert.equal(await page.getByRole('button', { name: 'A small chart' }).count(), 0, 'nothing to see but what is seen');
  await page.setViewportSize({ width: 1280, height: 800 });
  await open.click();
  assert.ok(((await width()) ?? 0) <= 1280, 'a desk shows all of it');
  await reader.isFine();
});

test('what scrolls sideways is a stop for the keyboard with a name, until it is wrapped', async () => {
  const reader = await Reader.arrive(browser, shop, { name: 'scroll', viewport: { width: 390, height: 800 } });
  const { page } = reader;
  await page.goto(LESSON);
  const code = page.getByRole('group', { name: 'long.sh' });
  await code.focus();
  await page.keyboard.press('ArrowRight');
  await until('it scrolls', () => code.evaluate((element) => element.scrollLeft > 0));
  assert.equal(new URL(page.url()).pathname, LESSON, 'the arrow scrolled, and turned no page');
  const short = page.locator('.code pre').filter({ hasText: 'cargo run' });
  assert.equal(await short.getAttribute('tabindex'), '-1', 'what fits is no stop');
  const wrap = page.locator('.code').filter({ hasText: LONG }).getByRole('button', { name: 'Wrap long lines' });
  await wrap.click();
  assert.equal(await wrap.getAttribute('aria-pressed'), 'true');
  await until('nothing is left to scroll', async () => (await page.getByRole('group', { name: 'long.sh' }).count()) === 0);
  await reader.isFine();
});

test('keys turn pages, find, and tell what they do; a reader may switch them off', async () => {
  const reader = await Reader.arrive(browser, shop, { name: 'keys' });
  const { page } = reader;
  await page.goto(LESSON);
  await page.keyboard.press('ArrowRight');
  await page.waitForURL(`/courses/${COURSE}/locked/`);
  await page.keyboard.press('ArrowLeft');
  await page.waitForURL(LESSON);
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await page.getByLabel('Use these keys on this site').uncheck();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await page.keyboard.press('/');
  await page.keyboard.press('?');
  await page.waitForTimeout(200);
  assert.equal(new URL(page.url()).pathname, LESSON);
  assert.equal(await page.getByRole('dialog').count(), 0);
  await reader.isFine();
});

test('a site has a look of its own in three files, those of the README', async () => {
  const site = await madeSite();
  const readme = readFileSync(join(repository, 'themes/default/README.md'), 'utf8');
  const written = [...readme.matchAll(/```\w+\n(?:\/\*|#|\{#) (themes\/mine\/\S+): [^\n]*\n([^]*?)```/g)];
  assert.equal(written.length, 3);
  for (const [, path = '', text = ''] of [...written, [null, 'themes/mine/static/logo.svg', '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0h1v1H0z"/></svg>']]) {
    mkdirSync(dirname(join(site, path ?? '')), { recursive: true });
    writeFileSync(join(site, path ?? ''), text ?? '');
  }
  const toml = join(site, 'content/site.toml');
  writeFileSync(toml, `theme = "mine"\n${readFileSync(toml, 'utf8').replace(/^theme = .*\n/m, '')}`);
  const own = await Shop.open(site);
  try {
    const reader = await Reader.arrive(browser, own, { name: 'own' });
    await reader.page.goto('/');
    await reader.see(/· Essays:/);
    const button = reader.page.locator('a.button').first();
    assert.equal(await button.evaluate((element) => getComputedStyle(element).backgroundColor), 'rgb(255, 171, 145)', 'on the band the dark half counts');
    await reader.isFine();
  } finally {
    await own.close();
    forget(site);
  }
});
