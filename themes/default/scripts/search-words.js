/**
 * Whether a page has the words that somebody asked for. Pagefind takes a word that it doesn't know for a shorter one that
 * it does, if need be for its first letter, so that every question finds something; and whoever finds nonsense is not told
 * that there is nothing.
 */

/** Scripts written without spaces: a word is found as it is, within others. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** Without case and accents. @param {string} text */
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").normalize("NFC").toLowerCase();

/** @param {string} term @param {string} language */
function words(term, language) {
  if (typeof Intl.Segmenter === "undefined") return term.split(/[^\p{L}\p{N}_]+/u).filter(Boolean);
  const pieces = new Intl.Segmenter(language, { granularity: "word" }).segment(term);
  return [...pieces].flatMap(({ segment, isWordLike }) => (isWordLike ? [segment] : []));
}

/** What is left of a word in all its forms: `run` and `running` have half of the longer one in common. @param {string} word */
const stem = (word) => word.slice(0, Math.max(2, Math.floor(word.length / 2)));

/**
 * @param {string} term
 * @param {string} language
 * @returns {(page: {raw_content: string, content: string, locations: number[], meta: Record<string, string>}) => boolean} for
 *   what Pagefind says of a page
 */
export function asked(term, language) {
  const wanted = words(plain(term), language);
  return ({ raw_content, content, locations, meta }) => {
    const told = Object.values(meta);
    // Pagefind counts words so.
    const pieces = raw_content.includes("\u200b") ? raw_content.split("\u200b") : raw_content.split(/[^\S\uFEFF]+/);
    const found = plain([...told, ...locations.map((at) => pieces[at] ?? "")].join("\n"));
    const all = plain([...told, content].join("\n"));
    return wanted.every((word) => (UNSPACED.test(word) ? all.includes(word) : found.includes(stem(word))));
  };
}
