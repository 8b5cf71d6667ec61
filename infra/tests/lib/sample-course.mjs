// The sample site's own course, as the story needs it: read from the catalog and the text, so that
// the story holds when the course is rewritten.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { build, forget } from './sites.mjs';

/** @param {string} site */
export async function sampleCourse(site) {
  const { out, catalog } = await build(site);
  forget(out);
  const course = catalog.courses.find((/** @type {any} */ one) => one.priced && one.lessons.some((/** @type {any} */ lesson) => !lesson.free));
  const offer = catalog.offers.find((/** @type {any} */ one) => one.id === course.id);
  const lesson = course.lessons.find((/** @type {any} */ one) => !one.free);
  const free = course.lessons.find((/** @type {any} */ one) => one.free);
  const [author] = catalog.site.authors;
  assert.ok(author, 'the sample site has an author');
  const price = offer.prices.find((/** @type {any} */ one) => one.currency === 'USD');
  return {
    author, course, offer, lesson, free,
    path: `/courses/${course.slug}/`,
    locked: `/courses/${course.slug}/${lesson.slug}/`,
    open: `/courses/${course.slug}/${free.slug}/`,
    price: new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' }).format(price.amount / 100),
    /** As the till writes it. */
    due: `${(price.amount / 100).toFixed(2)} USD`,
    /** Stands in the part of the locked lesson that one pays for. */
    paidHeading: lastHeading(site, course.slug, lesson.slug),
  };
}

/** @param {string} site @param {string} course @param {string} lesson */
function lastHeading(site, course, lesson) {
  const folder = join(site, 'content/courses', course);
  const name = readdirSync(folder, { recursive: true }).map(String).find((path) => new RegExp(`(^|/)\\d+-${lesson}\\.md$`).test(path));
  assert.ok(name, `the file of ${lesson}`);
  const text = readFileSync(join(folder, name), 'utf8');
  const [teaser = '', paid] = text.split('<!-- more -->');
  const prose = (paid ?? teaser).replace(/^(```+|~~~+)[^]*?^\1\s*$/gm, '');
  const heading = [...prose.matchAll(/^## (.+)$/gm)].at(-1)?.[1];
  assert.ok(heading, `a heading in the paid part of ${name}`);
  return heading.replace(/[`*]/g, '').trim();
}
