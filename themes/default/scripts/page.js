/** What the page modules share: translated text, safe paths, dates and money in the page's language, JSON over HTTP. */

const language = document.documentElement.lang;

/** @type {Record<string, string>} those of strings/⟨language⟩.toml; without them a page stays as it came */
const strings = await (await fetch(document.body.dataset.strings ?? "")).json();

/**
 * A string of the theme, with `{name}` filled in.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function text(key, values = {}) {
  return (strings[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/**
 * A path of this site to go on to; anything else becomes the fallback, so that a link can't lead astray.
 * @param {string | null | undefined} path
 * @param {string} fallback
 */
export function ownPath(path, fallback) {
  if (!path?.startsWith("/")) return fallback;
  const url = new URL(path, location.origin);
  return url.origin === location.origin ? url.pathname + url.search + url.hash : fallback;
}

/** @param {string} time RFC 3339: an instant is shown in the reader's zone, a plain date as it is */
export function day(time) {
  const zone = time.includes("T") ? {} : { timeZone: "UTC" };
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", ...zone }).format(new Date(time));
}

/**
 * @param {number} amount minor units
 * @param {string} currency ISO 4217
 */
export function money(amount, currency) {
  const format = new Intl.NumberFormat(language, { style: "currency", currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amount / 10 ** digits);
}

/**
 * Sends and reads JSON. `body` is null when there was none; a failed connection is status 0.
 * @param {string} method
 * @param {string} url
 * @param {unknown} [body]
 * @returns {Promise<{status: number, ok: boolean, body: any}>}
 */
export async function api(method, url, body) {
  const headers = { accept: "application/json", ...(body === undefined ? {} : { "content-type": "application/json" }) };
  try {
    const answer = await fetch(url, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    const json = answer.headers.get("content-type")?.includes("json");
    return { status: answer.status, ok: answer.ok, body: json ? await answer.json() : null };
  } catch {
    return { status: 0, ok: false, body: null };
  }
}

/**
 * An element with text and children; text never becomes markup.
 * @param {string} name
 * @param {Record<string, string>} [attributes]
 * @param {...(Node | string)} children
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}
