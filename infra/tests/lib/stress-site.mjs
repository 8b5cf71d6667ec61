// A site with everything that breaks layouts: titles without end, words without a break, sixty lessons, wide tables, long
// lines of code, many offers and currencies, every kind of block; in English and, in part, in Chinese.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { tuition } from './binary.mjs';

const LONG = 'Everything that you always wanted to know about error handling, ownership, borrowing and lifetimes in asynchronous Rust, and then some';
const WORD = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft';
const CODE = 'let result: Result<HashMap<String, Vec<(usize, Option<Box<dyn Iterator<Item = Cow<\'static, str>>>>)>>, Box<dyn std::error::Error + Send + Sync>> = Ok(HashMap::new());';

/** The paths that tests look at, by what they are. */
export const STRESS = { course: 'endurance', open: 'lesson-1-1', paid: 'lesson-2-1', post: 'long', page: 'words', author: 'author@courses.example' };
/** Of these, what is there in Chinese, too. */
export const STRESS_ZH = { ...STRESS, post: undefined, page: undefined };

/** Writes the site; answers its folder. */
export async function stressSite() {
  const site = join(tmpdir(), `tuition-stress-${randomUUID()}`);
  const made = await tuition('new', site);
  assert.equal(made.code, 0, made.stderr);
  const write = (/** @type {string} */ name, /** @type {string | Buffer} */ content) => {
    const path = join(site, 'content', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  };
  write('site.toml', siteToml(readFileSync(join(site, 'content/site.toml'), 'utf8')));
  write('offers.toml', OFFERS);
  write('pages/index.md', `+++\ntitle = "${LONG}"\nsummary = "${LONG}. ${LONG}."\n+++\n\n## ${LONG}\n\nWords.\n`);
  write('pages/words.md', `+++\ntitle = "${WORD} ${WORD}"\nsummary = "${LONG}"\n+++\n\n${blocks('Page')}`);
  for (let number = 0; number < 5; number += 1) {
    write(`posts/p${number}.md`, `+++\ntitle = "${number}: ${number % 2 ? WORD : LONG}"\nsummary = "${LONG}"\ndate = 2026-01-0${number + 1}\n+++\n\nText.\n`);
  }
  write('posts/long.md', `+++\ntitle = "${LONG}"\nsummary = "${LONG}"\ndate = 2026-02-01\n+++\n\n${blocks('Post', '../pages/wide.png')}`);
  writeLongCourse(write);
  write('courses/small/course.md', `+++\ntitle = "${WORD}"\nsummary = "Short"\nprices = { USD = "123456.78", JPY = "99999999", CNY = "299.00" }\n+++\n\nText.\n`);
  write('courses/small/01-a/module.md', '+++\ntitle = "A"\n+++\n');
  write('courses/small/01-a/01-only.md', `+++\ntitle = "${WORD}"\n+++\n\nA teaser.\n\n<!-- more -->\n\nThe rest.\n`);
  return site;
}

/** @param {string} made by `tuition new` */
function siteToml(made) {
  const address = /^authors = .*$/m.exec(made)?.[0] ?? 'authors = ["author@example.com"]';
  return `title = "${LONG.slice(0, 60)}"
description = "${LONG}"
base_url = "https://courses.example"
languages = ["en", "zh"]
currency = "USD"
math = true
${address}

[author]
name = "The ${WORD} authors"
email = "author@example.com"
${['Pricing', 'Articles', 'A page with a rather long name', 'Another one'].map((label) => `
[[navigation]]
label = "${label}"
url = "/pricing/"
`).join('')}
[[footer]]
label = "Terms and conditions of everything"
url = "/words/"

[limits]
links_per_address_per_hour = 100000
links_per_network_per_hour = 100000
checkouts_per_network_per_hour = 100000
`;
}

const OFFERS = `
[[offers]]
id = "both"
kind = "bundle"
title = "${LONG}"
courses = ["endurance", "small"]
prices = { USD = "79.00", CNY = "500.00" }

[[offers]]
id = "monthly"
kind = "subscription"
title = "All courses, month by month"
courses = "*"
prices = { USD = "19.00" }
term = "month"

[[offers]]
id = "year"
kind = "pass"
title = "A year of ${WORD}"
courses = "*"
prices = { USD = "99.00", CNY = "699.00" }
term = "year"
`;

/** @param {(name: string, content: string | Buffer) => void} write */
function writeLongCourse(write) {
  const course = 'courses/endurance';
  const list = (/** @type {string} */ key) => `${key} = [\n${[LONG, WORD, 'Short'].map((line) => `  "${line}",`).join('\n')}\n]`;
  write(`${course}/course.md`, `+++
title = "${LONG}"
summary = "${LONG}. ${LONG}."
level = "Intermediate, or beginner with a lot of patience"
prices = { USD = "49.00", CNY = "299.00", EUR = "45.00", JPY = "4900" }
${list('objectives')}
${list('audience')}
instructors = ["${WORD}", "The authors"]
prerequisites = ["small"]

[[questions]]
question = "${LONG}?"
answer = "${LONG}. ${WORD}."
+++

${blocks('Course')}`);
  write(`${course}/course.zh.md`, `+++
title = "把异步 Rust 里的错误处理、所有权、借用和生命周期一次讲透的一门课程"
summary = "从空的 main 函数写到用满所有核心：参数、有用的报错、从外部测试。"
level = "进阶"
objectives = ["写出让人信任的工具：退出码、管道、选项、帮助", "从外部测试一个程序"]
+++

这门课程从一个空文件开始。
`);
  for (let module = 1; module <= 5; module += 1) {
    write(`${course}/0${module}-m${module}/module.md`, `+++\ntitle = "${module % 2 ? `Part ${module}` : LONG}"\n+++\n`);
    for (let lesson = 1; lesson <= 12; lesson += 1) {
      const name = `${course}/0${module}-m${module}/${String(lesson).padStart(2, '0')}-lesson-${module}-${lesson}`;
      const isFree = module === 1 && lesson < 3;
      const title = lesson === 1 ? LONG : lesson === 2 ? WORD : `Lesson ${lesson} of part ${module}`;
      const body = lesson < 2 ? blocks(`Lesson ${module}.${lesson}`) : 'Text.\n';
      write(`${name}.md`, `+++\ntitle = "${title}"\nsummary = "${LONG}"\nduration = "${lesson + 3}m"\n${list('objectives')}${isFree ? '\nfree = true' : ''}\n+++\n\nA teaser with \`a_rather_long_identifier_that_nobody_would_write_but_somebody_did::really\`.\n\n<!-- more -->\n\n${body}`);
      if (module === 1 && lesson === 1) {
        write(`${name}.zh.md`, `+++\ntitle = "一个标题很长很长的课文：把异步 Rust 里的错误处理讲透"\nsummary = "三十行 Rust 代码数清一个文件的行数。"\nobjectives = ["用恒定的内存读取任意大小的文件"]\n+++\n\n这门课里你要写 \`tally\`：它告诉你*一个目录*里每种语言**各有多少行代码**。（先小，后大。）「引号」与《书名》，还有——破折号……\n\n${blocks('第一课')}`);
      }
    }
    write(`${course}/0${module}-m${module}/wide.png`, PICTURE);
  }
  for (const folder of ['pages', course]) write(`${folder}/wide.png`, PICTURE);
}

/** One of every block, each as wide as blocks get. @param {string} name @param {string} [picture] */
function blocks(name, picture = 'wide.png') {
  const cells = (/** @type {number} */ row) => `| ${Array.from({ length: 14 }, (_, column) => `cell ${row}.${column}`).join(' | ')} |`;
  return `## ${name}: ${LONG}

A paragraph with ${WORD}, https://courses.example/a/very/long/address/that/goes/on/and/on/without/any/place/to/break.html and a note[^n].

### ${WORD}

${cells(0)}
|${' --- |'.repeat(14)}
${cells(1)}
${cells(2)}

\`\`\`rust file="a/very/long/path/to/a/file/that/has/a/name/that/is/long/too/and/does/not/stop/here.rs" lines mark="2" add="3" del="4"
fn main() {
    ${CODE}
    let new = 1;
    let old = 2;
}
\`\`\`

\`\`\`sh tab="Linux"
${CODE}
\`\`\`
\`\`\`sh tab="A system with a very long name indeed"
echo short
\`\`\`
\`\`\`sh tab="macOS"
brew install something
\`\`\`

\`\`\`console
$ cargo run --release -- --an-option=with-a-value --another-option=with-a-value --a-third=with-a-value
    Finished \`release\` profile [optimized] target(s) in 0.00s and a lot of other words that make it long
\`\`\`

> [!WARNING]
> ${LONG} \`${CODE.slice(0, 90)}\`.

> ${LONG}

- [ ] ${LONG}
- [x] done

1. ${WORD}
   1. nested ${WORD}

![A picture](${picture} "${LONG}")

$$\\sum_{i=1}^{n} \\left( a_i + b_i + c_i + d_i + e_i + f_i + g_i + h_i + k_i + l_i + m_i + o_i + p_i + q_i \\right) = 0$$

\`\`\`mermaid
flowchart LR
  A[A box with a long label] --> B[Another box with a long label] --> C[A third] --> D[A fourth] --> E[A fifth]
\`\`\`

<details>
<summary>${LONG}</summary>

${WORD}

</details>

[^n]: ${LONG} ${WORD}
`;
}

/** 1,600 × 300, in stripes. */
const PICTURE = Buffer.from('iVBORw0KGgoAAAANSUhEUgAABkAAAAEsAQAAAACz5kKlAAABBElEQVR42u3PAQEAAAgCIE/6/4o/Ch6QHhERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERERGRf5EBwufWZMkYSesAAAAASUVORK5CYII=', 'base64');
