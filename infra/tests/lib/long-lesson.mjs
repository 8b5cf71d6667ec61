// A lesson as long as *What is ownership?* of the Rust book (29 KB of Markdown, two dozen blocks of code): two free lessons of the
// sample site, with their prose and their code, one after the other.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { sampleSite } from './sites.mjs';

const LEAST = 29_000;
const MODULE = 'content/courses/cli-in-rust/01-one-file';
export const LONG_LESSON = '/courses/cli-in-rust/a-long-lesson/';

/** The sample site with that lesson in it. */
export function siteWithLongLesson() {
  const site = sampleSite();
  const folder = join(site, MODULE);
  const lessons = readdirSync(folder).filter((name) => /^\d+-[a-z-]+\.md$/.test(name)).map((name) => readFileSync(join(folder, name), 'utf8'));
  const free = lessons.filter((text) => /^free = true$/m.test(text)).sort((a, b) => b.length - a.length);
  // Notes and named places of one must not be those of the other.
  const bodies = free.slice(0, 2).map((text, at) => (text.split(/^\+\+\+$/m)[2] ?? '').replaceAll('<!-- more -->', '').replaceAll('[^', `[^${at}`).replaceAll(/\{#([\w-]+)\}/g, `{#$1-${at}}`));
  const text = bodies.join('\n');
  assert.ok(text.length >= LEAST && (text.match(/^```/gm) ?? []).length >= 40, `${text.length} characters`);
  writeFileSync(join(folder, '90-a-long-lesson.md'), `+++\ntitle = "A long lesson"\nsummary = "As long as lessons get."\nfree = true\nduration = "40m"\nobjectives = ["Read for a long time"]\n+++\n${text}`);
  return site;
}
