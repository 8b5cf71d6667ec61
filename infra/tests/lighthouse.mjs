// Lighthouse on the pages that decide: the median of three runs as on a phone, and what costs points. `cargo task audit lighthouse`
// installs it (LIGHTHOUSE names the folder) with the Node that it needs, runs this, and keeps the table.
//
//     LIGHTHOUSE=target/lighthouse target/lighthouse/node_modules/.bin/node infra/tests/lighthouse.mjs [PATH …]

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { repository } from './lib/binary.mjs';
import { Edge } from './lib/cdn.mjs';
import { sampleCourse } from './lib/sample-course.mjs';
import { Shop } from './lib/shop.mjs';
import { FAR_LIMITS, forget, sampleSite } from './lib/sites.mjs';

const RUNS = 3;
const CATEGORIES = ['performance', 'accessibility', 'best-practices', 'seo'];
const README = join(repository, 'themes/default/README.md');
const BETWEEN = /(<!-- lighthouse -->\n)[^]*?(?=<!-- end -->)/;
/** Our own origin is http: there is no other on one machine. */
const FLAGS = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update'];

const folder = resolve(process.env.LIGHTHOUSE ?? 'target/lighthouse');
/** @param {string} path below the packages of the folder @returns {Promise<any>} */
const part = (path) => import(pathToFileURL(join(folder, 'node_modules', path)).href);
const { default: lighthouse } = await part('lighthouse/core/index.js');
const { computeMedianRun } = await part('lighthouse/core/lib/median-run.js');
const { launch } = await part('chrome-launcher/dist/index.js');

/** @returns {Promise<Record<string, string>>} kind of page → path */
async function pages() {
  const sample = await sampleCourse(site);
  return {
    home: '/', course: sample.path, 'free lesson with code': sample.open, 'lesson with formulas': '/courses/publishing-with-tuition/formulas/',
    'paywalled lesson': sample.locked, post: await firstPost(),
  };
}

/** As search engines find it. */
async function firstPost() {
  const sitemap = await (await fetch(`${shop.origin}/sitemap.xml`)).text();
  const path = /<loc>[^<]*?(\/posts\/[^<\/]+\/)<\/loc>/.exec(sitemap)?.[1];
  assert.ok(path, `a post in ${sitemap}`);
  return path;
}

/** The median of several runs. @param {string} url */
async function measured(url) {
  /** @type {any[]} */
  const results = [];
  for (let run = 0; run < RUNS; run += 1) {
    const chrome = await launch({ chromePath: process.env.CHROMIUM ?? '/usr/bin/chromium', chromeFlags: FLAGS });
    try {
      const { lhr } = await lighthouse(url, { port: chrome.port, logLevel: 'error', onlyCategories: CATEGORIES });
      if (lhr.runtimeError) throw new Error(`${url}: ${lhr.runtimeError.message}`);
      results.push(lhr);
    } finally {
      chrome.kill();
    }
  }
  return computeMedianRun(results);
}

/** What keeps a category from 100: audits with a weight that are not perfect. @param {any} lhr */
function costs(lhr) {
  const weighed = CATEGORIES.flatMap((name) => lhr.categories[name].auditRefs.filter((/** @type {any} */ ref) => ref.weight > 0));
  return weighed.map((ref) => lhr.audits[ref.id]).filter((audit) => audit.score !== null && audit.score < 0.995)
    .map((audit) => `  ${audit.id}: ${audit.displayValue ?? audit.title} ${JSON.stringify(audit.details?.items ?? []).slice(0, 600)}`);
}

const site = sampleSite({ limits: FAR_LIMITS });
const shop = await Shop.open(site, { watch: false });
const edge = await Edge.open(shop);
const wanted = process.argv.slice(2);
/** @type {string[]} */
const rows = [];
let version = '';
let isPerfect = true;
try {
  for (const [name, path] of Object.entries(wanted.length > 0 ? Object.fromEntries(wanted.map((path) => [path, path])) : await pages())) {
    const lhr = await measured(edge.origin + path);
    version = lhr.lighthouseVersion;
    const scores = CATEGORIES.map((category) => Math.round(lhr.categories[category].score * 100));
    const value = (/** @type {string} */ id) => lhr.audits[id].numericValue;
    rows.push(`| ${name} | ${scores.join(' | ')} | ${(value('largest-contentful-paint') / 1000).toFixed(1)} s | ${Math.round(value('total-blocking-time'))} ms | ${value('cumulative-layout-shift').toFixed(3)} | ${Math.round(value('total-byte-weight') / 1024)} KB |`);
    console.log(rows.at(-1));
    isPerfect &&= scores.every((score) => score === 100);
    for (const line of costs(lhr)) console.log(line);
  }
} finally {
  await edge.close();
  await shop.close();
  forget(site);
}
if (wanted.length === 0) {
  const table = `Lighthouse ${version}, mobile, the median of ${RUNS} runs, over HTTP/1.1 and with the compression of the CDN:\n\n`
    + '| page | performance | accessibility | best practices | SEO | largest paint | blocked | shift | on the wire |\n|---|---|---|---|---|---|---|---|---|\n'
    + `${rows.join('\n')}\n`;
  writeFileSync(README, readFileSync(README, 'utf8').replace(BETWEEN, `$1${table}`));
}
process.exit(isPerfect ? 0 : 1);
