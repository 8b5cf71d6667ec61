/**
 * A page below a course that isn't there, seen by somebody who is signed in: the access token may still name what was
 * there when it was made, such as an author's drafts that are published now. One renewal, and another look.
 */

const wait = 60 * 1000;
const kept = "missed";

function isFirst() {
  try {
    const last = Number(sessionStorage.getItem(kept)) || 0;
    const now = Date.now();
    sessionStorage.setItem(kept, String(now));
    return Math.abs(now - last) > wait;
  } catch {
    // What can't be remembered could go on for ever.
    return false;
  }
}

const page = location.pathname + location.search;
if (/^(\/[\w-]+)?\/courses\/[^/]+\//.test(page) && isFirst()) {
  location.replace(`/api/access/renew?next=${encodeURIComponent(page)}`);
}

export {};
