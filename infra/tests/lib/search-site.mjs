// A site to search: free and paid text in English and Chinese, code with signs in it.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { COURSE, madeSite } from './sites.mjs';

/** What is to be found, and where it alone stands; `words` stand in a sentence without a space. */
export const FREE = { english: 'pelican harbour', chinese: '潮汐表', words: ['日期', '高潮', '时间'], code: 'Vec<T>', heading: 'Lists that grow', address: '/glossary/#lists-that-grow' };
/** Below the teaser of the paid lesson: a word, and its Chinese words. */
export const PAID_TEXT = { english: 'saltmarsh', chinese: '月球引力' };

/** @param {{paid?: string}} [options] the canary of the paid text */
export async function searchSite(options) {
  const site = await madeSite(options);
  const edit = (/** @type {string} */ path, /** @type {(text: string) => string} */ change) => {
    const file = join(site, 'content', path);
    writeFileSync(file, change(readFileSync(file, 'utf8')));
  };
  const write = (/** @type {string} */ path, /** @type {string} */ text) => writeFileSync(join(site, 'content', path), text);
  edit('site.toml', (text) => text.replace('languages = ["en"]', 'languages = ["en", "zh"]').replace(/\n\[\[navigation\]\][^[]*/g, '\n'));
  write('pages/glossary.md', `+++
title = "Glossary"
summary = "Words and signs"
+++

Seen from the pelican harbour.

## Lists that grow

A \`Vec<T>\` holds as many as one likes:

\`\`\`rust
let depths: Vec<T> = Vec::new();
\`\`\`

## Nothing else

Only <b>bold</b> words & signs: a<b, and the letter z.

<div data-pagefind-ignore>

Nobody looks for a marmalade cat.

</div>
`);
  const lesson = `courses/${COURSE}/01-start`;
  edit(`${lesson}/02-locked.md`, (text) => `${text}\n## Where the ${PAID_TEXT.english} begins\n\nThe ${PAID_TEXT.english} is flooded twice a day.\n`);
  write(`courses/${COURSE}/course.zh.md`, '+++\ntitle = "潮汐"\nsummary = "海水为什么涨落"\n+++\n\n介绍。\n');
  write(`${lesson}/01-open.zh.md`, `+++
title = "公开的一课"
summary = "免费"
+++

## 怎样读${FREE.chinese}

先找到日期，再看${FREE.chinese}里的高潮时间。
`);
  write(`${lesson}/02-locked.zh.md`, `+++
title = "付费的一课"
summary = "付费"
+++

这里是试读部分。

<!-- more -->

## 潮水从哪里来

潮水来自${PAID_TEXT.chinese}。
`);
  return site;
}
