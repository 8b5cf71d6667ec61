/** Questions to the workers that search: one for each language, the paid lessons of owned courses with them. */

/** @typedef {import("./search-worker.js").Answer} Answer */
/** @typedef {{resolve: (answer: Answer) => void, reject: (error: Error) => void}} Waiting */
/** @typedef {{worker: Worker, waiting: Map<number, Waiting>, courses: Set<string>}} Thread courses: whose index it may hold */

/** @type {Map<string, Thread>} by language */
const threads = new Map();
/** Courses whose index is not there, or broken. @type {Set<string>} */
const without = new Set();
let asked = 0;
let renewed = false;

/** @param {string} language */
function thread(language) {
  const running = threads.get(language);
  if (running) return running;
  const worker = new Worker(new URL("./search-worker.js", import.meta.url), { type: "module", name: language });
  /** @type {Thread} */
  const started = { worker, waiting: new Map(), courses: new Set() };
  worker.addEventListener("message", ({ data }) => {
    const asker = started.waiting.get(data.id);
    started.waiting.delete(data.id);
    if (data.answer) asker?.resolve(data.answer);
    else asker?.reject(Object.assign(new Error(data.error), { course: data.course }));
  });
  worker.addEventListener("error", (event) => stop(language, event.message ?? "the search did not start"));
  threads.set(language, started);
  return started;
}

/** Ends a worker; the next question starts another. @param {string} language @param {string} why */
function stop(language, why) {
  const ended = threads.get(language);
  threads.delete(language);
  ended?.worker.terminate();
  for (const asker of ended?.waiting.values() ?? []) asker.reject(new Error(why));
}

/** Courses that this browser may open, as slugs in a URL. A hint that is too long to name them leaves that of an opened page. */
function owned() {
  const hint = /(?:^|;\s*)tuition_hint=([^;]*)/.exec(document.cookie)?.[1] ?? "";
  const [kind, ...slugs] = hint.split(".");
  const isDigest = slugs.length === 1 && /^[0-9a-f]{64}$/.test(slugs[0] ?? "");
  return kind === "a" || kind === "o" ? (isDigest ? here() : slugs.filter(Boolean)) : [];
}

/** The course of this page, if the page is one that its owners see. */
function here() {
  if (document.body.dataset.tree !== "members") return [];
  const course = /^(?:\/[A-Za-z0-9-]+)?\/courses\/([^/]+)\//.exec(location.pathname)?.[1];
  return course ? [course] : [];
}

/** @param {string} language @param {string} term @param {number} limit @param {string[]} courses @returns {Promise<Answer>} */
function ask(language, term, limit, courses) {
  // Whoever owns less than before, signed out in another window perhaps, finds less.
  const isLess = [...(threads.get(language)?.courses ?? [])].some((course) => !courses.includes(course));
  if (isLess) stop(language, "the search starts over");
  const running = thread(language);
  running.courses = new Set(courses);
  const { worker, waiting } = running;
  const id = (asked += 1);
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    worker.postMessage({ id, term, limit, courses });
  });
}

/**
 * Searches what everybody may read and what this reader owns.
 * @param {string} term
 * @param {{language: string, limit: number}} options
 * @returns {Promise<Answer>}
 * @throws when nothing can be searched
 */
export async function find(term, { language, limit }) {
  const courses = owned().filter((course) => !without.has(course));
  // The index of a paid course opens with an access token: none is older than it may be, from now on.
  const renew = courses.length ? await import("./renew.js") : null;
  await renew?.settled();
  try {
    let answer = await ask(language, term, limit, courses);
    if (answer.missing.length && renew && !renewed) {
      renewed = true;
      await renew.renew();
      answer = await ask(language, term, limit, courses);
    }
    for (const course of answer.missing) without.add(course);
    return answer;
  } catch (error) {
    // What failed by half is not to be mended: the next question starts over.
    stop(language, "the search starts over");
    const { course } = /** @type {{course?: string}} */ (error);
    if (!course) throw error;
    without.add(course);
    return find(term, { language, limit });
  }
}
