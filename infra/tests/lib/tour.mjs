// Every kind of page in one walk, for what must hold of all of them: layout, accessibility, pictures.

import { askForLink, buy, linkIn, signIn, someone } from './buying.mjs';
import { Reader } from './browser.mjs';
import { Visitor } from './visitor.mjs';

/**
 * @typedef {{course: string, open: string, paid: string, post?: string, page?: string, author: string}} Names slugs, and the author's address
 * @typedef {(reader: Reader, name: string) => Promise<void>} Look
 */

/** What an order can come to, and what its page shows. */
const ORDERS = ['open', 'paid', 'failed', 'refunded', 'quarantined', 'unknown'];

/**
 * Walks through all pages as a visitor, a learner and the author.
 * @param {import('playwright-core').Browser} browser
 * @param {import('./shop.mjs').Shop} shop
 * @param {Names} names
 * @param {import('playwright-core').BrowserContextOptions & {prefix?: string}} options prefix: `/zh`, or none
 * @param {Look} look
 */
export async function tour(browser, shop, names, { prefix = '', ...options }, look) {
  const course = `${prefix}/courses/${names.course}/`;
  const visitor = await Reader.arrive(browser, shop, options);
  const see = async (/** @type {Reader} */ reader, /** @type {string} */ name, /** @type {string} */ path) => {
    await reader.page.goto(path);
    await reader.page.waitForLoadState('networkidle');
    await look(reader, name);
  };
  for (const [name, path] of Object.entries({
    home: `${prefix}/`, courses: `${prefix}/courses/`, course, lesson: `${course}${names.open}/`, paywall: `${course}${names.paid}/`,
    pricing: `${prefix}/pricing/`, posts: `${prefix}/posts/`, ...(names.post ? { post: `${prefix}/posts/${names.post}/` } : {}), ...(names.page ? { page: `${prefix}/${names.page}/` } : {}),
    search: `${prefix}/search/`, 'sign-in': `${prefix}/sign-in/`, 'sign-in-code': `${prefix}/sign-in/?sent=1`, 'account-out': `${prefix}/account/`,
    'author-out': `${prefix}/author/`,
  })) await see(visitor, name, path);
  visitor.mayFail.push('/nowhere/', '/sessions/x');
  await see(visitor, 'not-found', '/nowhere/');
  await see(visitor, 'link', linkIn(await askForLink(new Visitor(shop), someone(), `${prefix}/account/`)));
  for (const status of ORDERS) await order(visitor, prefix, status, look);
  await visitor.context.close();

  const learner = await signedIn(browser, shop, options, async (who) => {
    const email = someone();
    await buy(who, email, { offer: names.course });
    await signIn(who, email, '/account/');
  });
  await see(learner, 'course-yours', course);
  await see(learner, 'lesson-whole', `${course}${names.paid}/`);
  await see(learner, 'account', `${prefix}/account/`);
  await learner.context.close();

  const author = await signedIn(browser, shop, options, (who) => signIn(who, names.author, '/author/'));
  await see(author, 'author', `${prefix}/author/`);
  await author.context.close();
}

/**
 * A browser whose learner has done something already.
 * @param {import('playwright-core').Browser} browser
 * @param {import('./shop.mjs').Shop} shop
 * @param {import('playwright-core').BrowserContextOptions} options
 * @param {(visitor: Visitor) => Promise<unknown>} work
 */
async function signedIn(browser, shop, options, work) {
  const visitor = new Visitor(shop);
  await work(visitor);
  const reader = await Reader.arrive(browser, shop, options);
  await reader.becomes(visitor);
  return reader;
}

/** The page after paying, with an answer made up. @param {Reader} reader @param {string} prefix @param {string} status @param {Look} look */
async function order(reader, prefix, status, look) {
  const { page } = reader;
  const known = status !== 'unknown';
  await page.route('**/api/checkout/sessions/x', (route) => route.fulfill(known ? { json: { id: 'x', status, next: status === 'paid' ? '/held/' : null } } : { status: 404, json: {} }));
  // Where a paid order leads on to has no content: the browser stays, and its page can be looked at.
  await page.route('**/held/', (route) => route.fulfill({ status: 204 }));
  await page.goto(`${prefix}/order/?session_id=x`);
  const state = { open: 'pending', refunded: 'closed', quarantined: 'held' }[status] ?? status;
  await page.locator(`[data-state="${state}"]`).waitFor();
  await look(reader, `order-${status}`);
  await page.unrouteAll();
}
