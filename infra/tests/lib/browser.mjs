// Chromium as a visitor's browser: what goes wrong in it (an error on a page, a violation of the
// content policy, a request to somebody else) is remembered and fails the test.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

const SHOTS = fileURLToPath(new URL('../shots', import.meta.url));
const PATIENCE = 20_000;
/** Pixels of a page that still make a picture one can read. */
const LONGEST = 4000;
const ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

/** The answers that may be refusals: a page asks whether somebody is signed in. */
const MAY_BE_REFUSED = [/\/api\/access\/me(\/progress)?$/, /\/api\/metrics\/summary$/];

/** Launches Chromium with the back/forward cache on, as people have it. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ARGUMENTS,
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });
}

/** One visitor: a browser profile of its own and what went wrong in it. */
export class Reader {
  /**
   * @param {import('playwright-core').Browser} browser
   * @param {{origin: string}} shop
   * @param {import('playwright-core').BrowserContextOptions & {name?: string}} [options]
   */
  static async arrive(browser, shop, { name = 'reader', ...options } = {}) {
    const context = await browser.newContext({ baseURL: shop.origin, locale: 'en-US', viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce', ...options });
    context.setDefaultTimeout(PATIENCE);
    return new Reader(name, context, await context.newPage(), shop.origin);
  }

  /** @param {string} name @param {import('playwright-core').BrowserContext} context @param {import('playwright-core').Page} page @param {string} origin */
  constructor(name, context, page, origin) {
    this.name = name;
    this.context = context;
    this.page = page;
    this.origin = origin;
    this.shots = 0;
    /** @type {string[]} */
    this.wrong = [];
    /** Paths that a test lets be refused or missing, on purpose. @type {string[]} */
    this.mayFail = [];
    context.on('weberror', (error) => this.wrong.push(`error on the page: ${error.error().stack ?? error.error()}`));
    context.on('console', (message) => this.hear(message));
    context.on('request', (request) => {
      const url = new URL(request.url());
      if (!['data:', 'blob:'].includes(url.protocol) && url.origin !== origin) this.wrong.push(`request to ${url}`);
    });
  }

  /** @param {import('playwright-core').ConsoleMessage} message */
  hear(message) {
    const said = message.text();
    const at = message.location().url;
    const isViolation = /content security policy|trusted type/i.test(said);
    const mayFail = MAY_BE_REFUSED.some((path) => path.test(at)) || this.mayFail.some((path) => at.endsWith(path));
    const isAnswer = mayFail && said.startsWith('Failed to load resource') && /\b4(0[14]|10)\b/.test(said);
    if (isViolation || (message.type() === 'error' && !isAnswer)) this.wrong.push(`${said} (${at})`);
  }

  /** A picture, numbered: of the whole page, or of the window where a page is too long to look at. @param {string} what */
  async shot(what) {
    mkdirSync(SHOTS, { recursive: true });
    this.shots += 1;
    const path = `${SHOTS}/${this.name}-${String(this.shots).padStart(2, '0')}-${what}.png`;
    const height = await this.page.evaluate(() => document.documentElement.scrollHeight);
    await this.page.screenshot({ path, fullPage: height <= LONGEST });
  }

  /** What was copied, as a reader finds out: by pasting it. A page of ours may not read the clipboard. */
  async pasted() {
    const box = await this.page.evaluateHandle(() => document.body.appendChild(document.createElement('textarea')));
    await box.focus();
    await this.page.keyboard.press('ControlOrMeta+V');
    const text = await box.evaluate((element) => element.value);
    await box.evaluate((element) => element.remove());
    return text;
  }

  /** Waits until a text is seen. @param {string | RegExp} text */
  see(text) {
    return this.page.getByText(text).filter({ visible: true }).first().waitFor();
  }

  /** Takes over what a visitor without a browser has come to. @param {import('./visitor.mjs').Visitor} visitor */
  async becomes(visitor) {
    const cookies = [...visitor.cookies].map(([name, { value, path }]) => ({ name, value, path, domain: new URL(this.origin).hostname }));
    await this.context.addCookies(cookies);
  }

  /** A link or button by its label. @param {'link' | 'button' | 'heading'} role @param {string | RegExp} name */
  the(role, name) {
    return this.page.getByRole(role, { name }).filter({ visible: true }).first();
  }

  /** Fails if anything went wrong in this browser, or if the page is wider than its window. */
  async isFine() {
    assert.deepEqual(this.wrong, [], `in the browser of ${this.name}`);
    const [wide, window] = await this.page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    assert.ok((wide ?? 0) <= (window ?? 0), `${this.page.url()} is ${wide} px wide in a window of ${window} px`);
  }
}
