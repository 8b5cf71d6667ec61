// Every kind of page by axe-core: WCAG 2.2 A and AA and its best practices, light and dark, on a phone and a desk.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { opened } from '../lib/opened.mjs';
import { STRESS, stressSite } from '../lib/stress-site.mjs';
import { tour } from '../lib/tour.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const { shop, browser } = await opened(await stressSite());

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  for (const [width, prefix] of /** @type {[number, string][]} */ ([[320, ''], [1280, ''], ...(colorScheme === 'light' ? [[320, '/zh']] : [])])) {
    test(`axe finds nothing, ${colorScheme}, in a window of ${width} px${prefix && ', in Chinese'}`, async () => {
      /** @type {string[]} */
      const wrong = [];
      await tour(browser, shop, STRESS, { viewport: { width, height: 800 }, colorScheme, prefix }, async ({ page }, name) => {
        // Through the debugger, which the content policy doesn't bind.
        await page.evaluate(AXE);
        // As a page comes, and with its folded parts, which count, too.
        for (const state of ['as it comes', 'unfolded']) {
          const { violations } = await page.evaluate(() => /** @type {any} */ (window).axe.run({ resultTypes: ['violations'] }));
          for (const { id, help, nodes } of violations) {
            for (const node of nodes.slice(0, 3)) wrong.push(`${name}, ${state}: ${id}: ${help}: ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ''}`);
          }
          await page.evaluate(() => document.querySelectorAll('details').forEach((details) => (details.open = true)));
        }
      });
      assert.deepEqual(wrong, []);
    });
  }
}
