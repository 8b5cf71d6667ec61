// Sites to test with: one that `tuition new` makes plus two courses of our own, and a copy of the
// repository's own.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { repository, tuition } from './binary.mjs';

/** Stands in every paid part of the courses below, and nowhere else. */
export const PAID = 'marmalade-heron-5518';
export const COURSE = 'tides';
/** Its slug begins like the other's: a right to one must not open the other. */
export const OTHER = 'tides-advanced';

/** A site from `tuition new` with two priced courses, or those named. Limits are far away unless a test is about the usual ones. */
export async function madeSite({ paid = PAID, limits = FAR_LIMITS, courses = [COURSE, OTHER] } = {}) {
  const site = join(tmpdir(), `tuition-site-${randomUUID()}`);
  const made = await tuition('new', site);
  assert.equal(made.code, 0, made.stderr);
  limit(site, limits);
  for (const course of courses) writeCourse(site, course, paid);
  return site;
}

/** A copy of this repository's own site, so that a test may edit it. @param {{limits?: string}} [options] its own limits, unless others are given */
export function sampleSite({ limits } = {}) {
  const site = mkdtempSync(join(tmpdir(), 'tuition-sample-'));
  const isMade = (/** @type {string} */ path) => /\/(target|node_modules|\.tuition)(\/|$)/.test(path.slice(repository.length));
  for (const folder of ['content', 'themes']) {
    const from = join(repository, folder);
    if (existsSync(from)) cpSync(from, join(site, folder), { recursive: true, filter: (path) => !isMade(path) });
  }
  if (limits !== undefined) limit(site, limits);
  return site;
}

/** What the functions would read of a site: builds it and answers catalog and output folder. @param {string} site */
export async function build(site) {
  const out = mkdtempSync(join(tmpdir(), 'tuition-dist-'));
  const built = await tuition('build', '--site', site, '--out', out, '--now', '2026-01-01T00:00:00Z');
  assert.equal(built.code, 0, built.stderr);
  return { out, catalog: JSON.parse(readFileSync(join(out, 'catalog.json'), 'utf8')) };
}

/** @param {string} path */
export function forget(path) {
  assert.ok(path.startsWith(tmpdir()), path);
  rmSync(path, { recursive: true, force: true });
}

/** @param {string} site @param {string} course @param {string} paid */
function writeCourse(site, course, paid) {
  const folder = join(site, 'content/courses', course);
  mkdirSync(join(folder, '01-start'), { recursive: true });
  const write = (/** @type {string} */ name, /** @type {string} */ text) => writeFileSync(join(folder, name), text);
  write('course.md', `+++
title = "All about ${course}"
summary = "Why the sea comes and goes"
prices = { USD = "49.00", CNY = "299.00", JPY = "4900" }
objectives = ["Read a tide table"]
+++

The landing page of ${course}.
`);
  write('01-start/module.md', '+++\ntitle = "Start"\n+++\n');
  write('01-start/01-open.md', `+++
title = "An open lesson"
summary = "Free"
free = true
objectives = ["See whether you like it"]
+++

Everybody may read this. The [next one](02-locked.md) is for buyers.
`);
  write('01-start/02-locked.md', `+++
title = "A locked lesson"
summary = "Paid"
objectives = ["Predict high water"]
+++

The teaser of ${course} ends here.

<!-- more -->

## Behind the line: ${paid}

Paid prose ${paid} of ${course}.

\`\`\`rust
fn main() { println!("${paid}"); }
\`\`\`

| high | low |
|---|---|
| ${paid} | x |

A note[^n] and *${paid}*.

[^n]: also ${paid}
`);
}

export const USUAL_LIMITS = '';
export const FAR_LIMITS = `[limits]
links_per_address_per_hour = 100000
links_per_network_per_hour = 100000
checkouts_per_network_per_hour = 100000
posts_per_minute = 100000
comments_per_lesson = 100000
event_batches_per_network_per_minute = 100000
devices = 100
`;

/** @param {string} site @param {string} limits */
function limit(site, limits) {
  const toml = join(site, 'content/site.toml');
  writeFileSync(toml, `${withoutLimits(readFileSync(toml, 'utf8'))}\n${limits}`);
}

/** @param {string} toml */
function withoutLimits(toml) {
  return toml.replace(/^\[limits\]\n(?:(?!\[).*\n?)*/m, '');
}
