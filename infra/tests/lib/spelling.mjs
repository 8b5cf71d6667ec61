// URLs of a built site, and how else one could write them to get past a gate. Chance that can be thrown again.

import { readdirSync } from 'node:fs';

/** Of all files below a folder, with a slash at the start, percent-encoded; pages by their folder. @param {string} folder */
export function urlsBelow(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((entry) => urlOf(`${entry.parentPath.slice(folder.length)}/${entry.name}`)).sort();
}

/** @param {string} path of a file below a tree */
export const urlOf = (path) => path.split('/').map(encodeURIComponent).join('/').replace(/\/index\.html$/, '/');

/** Numbers below `end`, the same for the same seed (Numerical Recipes' generator). @param {number} seed */
export function dice(seed) {
  let state = seed >>> 0;
  return (/** @type {number} */ end) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * end);
  };
}

const PIECES = ['/', '//', '/./', '/../', '..', '.', ';x', ';', '%2f', '%2F', '%5c', '\\', '%00', '%0a', '%20', '%', '%2', '%25', '%c0%af', '%e2%80%8b', '_members/',
  '%5fmembers/', '/_MEMBERS', '.drafts', '%2edrafts', 'index.html', '.html', '*', 'zh/', 'x-a/', 'é', '\u212a', '\u017f', '\u{1f600}'];
/** What some software takes for the letter. @type {Record<string, string>} */
const LOOKS_LIKE = { a: 'а', d: 'ⅾ', e: 'е', i: 'ı', k: '\u212a', o: 'о', s: '\u017f', t: 'ｔ', '-': '‐', '/': '∕', '.': '․' };

/**
 * The URL, or another one made of it by up to three changes.
 * @param {string} url @param {(end: number) => number} roll @param {string[]} courses slugs
 */
export function respelled(url, roll, courses) {
  for (let times = roll(4); times > 0; times -= 1) url = changed(url, roll, courses);
  return url;
}

/** @param {string} url @param {(end: number) => number} roll @param {string[]} courses */
function changed(url, roll, courses) {
  const pick = (/** @type {string[]} */ all) => all[roll(all.length)] ?? '';
  const at = roll(url.length + 1);
  const [before, letter, after] = [url.slice(0, at), url[at] ?? '', url.slice(at + 1)];
  const escaped = [...Buffer.from(letter)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  const parts = url.split('/');
  const part = roll(parts.length);
  switch (roll(12)) {
    case 0: return before + escaped + after;
    case 1: return before + escaped.toUpperCase() + after;
    case 2: return before + escaped.replaceAll('%', '%25') + after;
    case 3: return before + (letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase()) + after;
    case 4: return before + (LOOKS_LIKE[letter] ?? letter) + after;
    case 5: return before + after;
    case 6: return before + pick(PIECES) + letter + after;
    case 7: return url.endsWith('/') ? url.slice(0, -1) : `${url}/`;
    // Another course's name in place of some part of the path.
    case 8: return parts.with(part, encodeURIComponent(pick(courses))).join('/');
    case 9: return parts.toSpliced(part, 0, pick(['courses', 'zh', '_members', '..', ...courses])).join('/');
    case 10: return encodeURI(safely(url).normalize(roll(2) === 0 ? 'NFD' : 'NFKC'));
    default: return `/${pick(['zh', 'zh-Hant', 'x-a', '_members', `_members/${pick(courses)}`, `_members/${pick(courses)}.drafts`])}${url}`;
  }
}

/** @param {string} url */
function safely(url) {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}
