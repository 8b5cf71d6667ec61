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
export async function tour(browser, shop, names, { prefix = '', ...given }, look) {
  // The pages of functions follow the browser's language.
  const options = { locale: prefix === '/zh' ? 'zh-CN' : 'en-US', ...given };
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
  await learner.page.goto(`${course}${names.open}/`);
  const lesson = (await learner.page.locator('[data-comments]').getAttribute('data-comments')) ?? '';
  await discuss(learner, lesson);
  await see(learner, 'lesson-discussed', `${course}${names.open}/`);
  const thread = `/api/comments?${new URLSearchParams({ lesson })}`;
  await see(learner, 'thread', thread);
  await see(learner, 'comment-mails', '/api/comments/notices');
  await learner.context.close();

  const author = await signedIn(browser, shop, options, (who) => signIn(who, names.author, '/author/'));
  await see(author, 'author', `${prefix}/author/`);
  // The pages of functions may ask nobody.
  const trail = await decided(author);
  await see(author, 'queue', '/api/comments/queue');
  await see(author, 'thread-author', thread);
  await see(author, 'trail', trail);
  await see(author, 'report', '/api/metrics/report');
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

/** What a comment can hold: as a question, as an answer, and held until an author looks. */
const SAID = [
  { question: true, body: 'Why does *this* differ from `that`?\n\n```rust\nfn main() {\n    let answer = 42; // a comment that is long enough to scroll, on a phone at least\n    println!("{answer}");\n}\n```\n\n> A quote\n\n1. One\n2. Two' },
  { mistake: true, body: `It says ${'unbelievably'.repeat(12)} here.` },
  { body: [1, 2, 3].map((n) => `<https://${n}.example/>`).join(' ') },
];

/** Writes a discussion under a lesson, with a name that has no place to break. @param {Reader} reader on a page of the shop @param {string} lesson */
function discuss(reader, lesson) {
  return reader.page.evaluate(async ({ lesson, said }) => {
    const send = async (/** @type {string} */ method, /** @type {string} */ path, /** @type {object} */ body) => {
      const answer = await fetch(path, { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json', accept: 'application/json' } });
      if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
      return answer.json();
    };
    await send('PATCH', '/api/access/me', { name: `Mona ${'Rheindampfschifffahrts'.repeat(3)}` });
    for (const one of said) {
      let { id: parent } = await send('POST', '/api/comments', { lesson, ...one });
      for (let depth = 0; one.question && depth < 4; depth += 1) ({ id: parent } = await send('POST', '/api/comments', { lesson, parent, body: 'And then?' }));
    }
  }, { lesson, said: SAID });
}

/** The page of what was decided about the comment that waits first: pinned, and not so. @param {Reader} author on a page of the site */
async function decided(author) {
  return author.page.evaluate(async () => {
    const headers = { accept: 'application/json', 'content-type': 'application/json' };
    const { comments } = await (await fetch('/api/comments/queue', { headers })).json();
    const path = `/api/comments/${comments.find((/** @type {any} */ one) => !one.parent).id}/moderation`;
    for (const decision of ['pin', 'unpin']) {
      const answer = await fetch(path, { method: 'POST', headers, body: JSON.stringify({ decision }) });
      if (!answer.ok) throw new Error(`${decision}: ${answer.status}`);
    }
    return path;
  });
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
