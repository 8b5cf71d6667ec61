// Nothing is wider than its window, on no kind of page, however long its words are; and nothing moves after it was shown.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { opened } from '../lib/opened.mjs';
import { shifts } from '../lib/shifts.mjs';
import { STRESS, STRESS_ZH, stressSite } from '../lib/stress-site.mjs';
import { tour } from '../lib/tour.mjs';

const { shop, browser } = await opened(await stressSite());

/** What stands beyond the edge of the window and can't be scrolled to inside something. */
function beyond() {
  const scrolls = (/** @type {Element | null} */ element) => {
    for (let at = element; at && at !== document.body; at = at.parentElement) {
      if (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(at).overflowX)) return true;
    }
    return false;
  };
  const wide = [...document.body.querySelectorAll('*')].filter((element) => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && (box.right > innerWidth + 1 || box.left < -1) && getComputedStyle(element).visibility === 'visible' && !scrolls(element);
  });
  return wide.map((element) => `${element.localName}.${element.className}: ${element.textContent?.trim().slice(0, 40)}`).slice(0, 5);
}

/**
 * What moves whenever the page is opened. A busy machine may paint a page half read, which moves a little once: that is asked again,
 * and only what a visitor would hardly see (https://web.dev/cls calls up to 0.1 good).
 * @param {import('playwright-core').Page} page
 */
async function shifted(page) {
  const first = await page.evaluate(shifts);
  if (first.sum === 0 || first.sum > 0.02) return first;
  await page.reload({ waitUntil: 'networkidle' });
  return page.evaluate(shifts);
}

for (const width of [320, 390, 768, 1280]) {
  test(`nothing overflows or moves in a window of ${width} px`, async () => {
    for (const [prefix, names] of /** @type {const} */ ([['', STRESS], ['/zh', STRESS_ZH]])) {
      /** @type {string[]} */
      const wrong = [];
      await tour(browser, shop, names, { prefix, viewport: { width, height: 800 } }, async (reader, name) => {
        const { page } = reader;
        const over = await page.evaluate(beyond);
        const { sum, moved } = await shifted(page);
        if (over.length > 0) wrong.push(`${prefix} ${name}: wider than ${width} px: ${over.join('; ')}`);
        if (sum > 0) wrong.push(`${prefix} ${name}: layout shift of ${sum.toFixed(4)}: ${moved.join(', ')}`);
        try {
          await reader.isFine();
        } catch (error) {
          wrong.push(`${prefix} ${name}: ${error instanceof Error ? error.message : error}`);
          reader.wrong.length = 0;
        }
      });
      assert.deepEqual(wrong, []);
    }
  });
}
