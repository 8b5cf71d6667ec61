// Pictures of every kind of page of the sample site, to look at: light and dark, phone and desk, English and Chinese.
//
//     TUITION_BINARY=target/debug/tuition node infra/tests/shots.mjs [FOLDER]      (infra/tests/shots/pages)

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { launch } from './lib/browser.mjs';
import { sampleCourse } from './lib/sample-course.mjs';
import { Shop } from './lib/shop.mjs';
import { FAR_LIMITS, forget, sampleSite } from './lib/sites.mjs';
import { tour } from './lib/tour.mjs';

const folder = process.argv[2] ?? fileURLToPath(new URL('shots/pages', import.meta.url));
/** Pixels of a page that still make a picture one can read. */
const LONGEST = 9000;
const SIZES = { phone: { width: 390, height: 844 }, desk: { width: 1280, height: 900 } };

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const site = sampleSite({ limits: FAR_LIMITS });
const sample = await sampleCourse(site);
const shop = await Shop.open(site);
const browser = await launch();
/** The first page whose path fits, of those that a page links to. @param {string} path @param {RegExp} pattern */
const slug = async (path, pattern) => pattern.exec(await (await fetch(shop.origin + path)).text())?.[1];
let count = 0;
try {
  for (const [language, prefix] of /** @type {const} */ ([['en', ''], ['zh', '/zh']])) {
    const names = {
      course: sample.course.slug, open: sample.free.slug, paid: sample.lesson.slug, author: sample.author,
      post: await slug(`${prefix}/posts/`, /\/posts\/([^/"]+)\/"/), page: await slug(`${prefix}/`, /"(?:\/zh)?\/(about|terms|privacy)\/"/),
    };
    for (const [size, viewport] of Object.entries(SIZES)) {
      for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
        await tour(browser, shop, names, { prefix, viewport, colorScheme }, async ({ page }, name) => {
          const height = await page.evaluate(() => document.documentElement.scrollHeight);
          const path = join(folder, `${name}-${language}-${size}-${colorScheme}.png`);
          await page.screenshot({ path, fullPage: true, clip: { x: 0, y: 0, width: viewport.width, height: Math.min(height, LONGEST) } });
          count += 1;
        });
      }
    }
  }
} finally {
  await browser.close();
  await shop.close();
  forget(site);
}
console.log(`${count} pictures in ${folder}`);
