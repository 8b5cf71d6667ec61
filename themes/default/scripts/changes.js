/** Marks, in the list of what changed, everything since the reader's last visit. Remembered in this browser, and nowhere else. */

const list = /** @type {HTMLElement} */ (document.querySelector("[data-changes]"));
const entries = [...list.querySelectorAll("li")];
const key = `changes:${list.dataset.changes}`;
const name = (/** @type {HTMLElement} */ entry) => `${entry.querySelector("time")?.dateTime} ${entry.querySelector("span")?.textContent}`;

/** The newest entry at the visit before this one; the marks stay for as long as the tab is open. */
function before() {
  const seen = sessionStorage.getItem(key) ?? localStorage.getItem(key);
  if (seen) sessionStorage.setItem(key, seen);
  if (entries.length) localStorage.setItem(key, name(entries[0]));
  return seen;
}

/** @param {string} seen */
function mark(seen) {
  // An entry that is gone, because history was written anew, still has its time.
  const known = entries.findIndex((entry) => name(entry) === seen);
  const fresh = entries.filter((entry, at) => (known < 0 ? name(entry) > seen : at < known));
  for (const place of fresh.length ? [list.querySelector("summary"), ...fresh] : []) {
    const tag = document.createElement("span");
    tag.className = "tag";
    tag.textContent = list.dataset.new ?? "";
    place?.append(" ", tag);
  }
}

try {
  const seen = before();
  if (seen) mark(seen);
} catch {
  // Storage may be forbidden; then the list is a plain one.
}
