// What the browser tests of a file share: a served site, and a browser that visits it.

import { after } from 'node:test';

import { launch } from './browser.mjs';
import { Shop } from './shop.mjs';
import { forget } from './sites.mjs';

/**
 * Serves a site and launches a browser until the last test of the calling file has ended; the site is forgotten then.
 * @param {string} site folder
 * @param {{watch?: boolean}} [options] of the shop
 */
export async function opened(site, options) {
  const shop = await Shop.open(site, options);
  const browser = await launch();
  after(async () => {
    await browser.close();
    await shop.close();
    forget(site);
  });
  return { shop, browser };
}
