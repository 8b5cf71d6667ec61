/** What a reader has done, and where they stopped: kept in this browser, and by sync.js in the account of who is signed in. */

/**
 * @typedef {{lesson: string, at: number, heading?: string, path?: string, title?: string, fresh?: 1}} Place
 * @typedef {{done: Record<string, [isDone: 0 | 1, at: number, fresh?: 1]>, places: Record<string, Place>, own?: 1, asked?: number}} Progress
 *   `done` by `course/lesson`, `places` by course; `at` is when it was so (ms), `fresh` what the account doesn't know yet,
 *   `own` that it belongs to an account (theme.js forgets it at the first page after sign-out), `asked` when that was asked last
 */

const KEY = "progress";
const root = document.documentElement;
/** @param {string} selector @returns {HTMLElement[]} */
const all = (selector) => [...document.querySelectorAll(selector)].map((found) => /** @type {HTMLElement} */ (found));

/** @returns {Progress} */
export function read() {
  try {
    return { done: {}, places: {}, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
  } catch {
    return { done: {}, places: {} };
  }
}

/** Tabs share it, so it is read anew for each change. @param {(progress: Progress) => void} work */
export function change(work) {
  const progress = read();
  work(progress);
  try {
    localStorage.setItem(KEY, JSON.stringify(progress));
  } catch {
    // Where nothing can be kept, nothing is.
  }
  draw(progress);
}

/** @param {Progress} progress */
function draw({ done, places }) {
  const isDone = (/** @type {string | undefined} */ lesson) => done[lesson ?? ""]?.[0] === 1;
  const word = all("[data-progress]")[0]?.dataset.done ?? "";
  for (const item of all("[data-course] li[data-id]")) {
    const course = /** @type {HTMLElement} */ (item.closest("[data-course]")).dataset.course;
    const isNow = item.classList.toggle("done", isDone(`${course}/${item.dataset.id}`));
    const said = item.querySelector(".unseen");
    if (!isNow) said?.remove();
    else if (!said) item.querySelector("a")?.append(tag(` ${word}`));
  }
  for (const bar of all("[data-progress]")) {
    const count = Object.keys(done).filter((lesson) => lesson.startsWith(`${bar.dataset.progress}/`) && isDone(lesson)).length;
    const [meter, said] = bar.children;
    /** @type {HTMLProgressElement} */ (meter).value = count;
    if (said) said.textContent = (bar.dataset.text ?? "").replace("{n}", String(Math.min(count, /** @type {HTMLProgressElement} */ (meter).max)));
  }
  for (const link of all("a[data-continue]")) resume(/** @type {HTMLAnchorElement} */ (link), places);
  for (const button of all("[data-finish]")) {
    const said = /** @type {HTMLElement} */ (button.nextElementSibling?.firstChild);
    said.hidden = !isDone(button.dataset.finish);
    button.textContent = (said.hidden ? button.dataset.mark : button.dataset.undo) ?? "";
  }
}

/** What only those hear who don't see the mark. @param {string} word */
function tag(word) {
  const said = document.createElement("span");
  said.className = "unseen";
  said.textContent = word;
  return said;
}

/** @param {HTMLAnchorElement} link to a course's lesson, or to that of the last course @param {Progress["places"]} places */
function resume(link, places) {
  const course = link.dataset.continue || Object.keys(places).sort((a, b) => (places[b]?.at ?? 0) - (places[a]?.at ?? 0))[0];
  const place = places[course ?? ""];
  if (!place) return;
  // One from another device is known by its id alone: the outline on this page has its address.
  const listed = /** @type {HTMLAnchorElement | null} */ (document.querySelector(`[data-course="${CSS.escape(course ?? "")}"] li[data-id="${CSS.escape(place.lesson)}"] a`));
  const path = place.path ?? listed?.pathname;
  if (!path) return;
  link.href = path + (place.heading ? `#${encodeURIComponent(place.heading)}` : "");
  const title = place.title ?? listed?.firstChild?.textContent;
  // A name is as long as it is: only where its place was kept from the first paint on.
  link.textContent = `${link.dataset.label}${link.dataset.continue === "" && "begun" in root.dataset && title ? `: ${title}` : ""}`;
}

/** Notes where the reader of a whole lesson is: at once in this browser, when they leave in the account. @param {HTMLElement} text */
function follow(text) {
  const [course = "", lesson = ""] = (text.dataset.lesson ?? "").split("/");
  const before = read().places[course];
  const here = { lesson, path: location.pathname, title: document.querySelector("h1")?.textContent ?? "" };
  let heading = before?.lesson === lesson ? before.heading : undefined;
  let hasMoved = false;
  let isNew = true;
  change(({ places }) => (places[course] = { ...here, heading, at: Date.now() }));
  addEventListener("scroll", () => (hasMoved = true), { passive: true });
  const leave = () => {
    if (hasMoved) {
      const passed = [...text.querySelectorAll("h2[id], h3[id]")].filter((one) => one.getBoundingClientRect().top < innerHeight / 3);
      isNew ||= heading !== passed.at(-1)?.id;
      heading = passed.at(-1)?.id;
    }
    if (!isNew) return;
    isNew = hasMoved = false;
    change(({ places }) => (places[course] = { ...here, heading, at: Date.now(), fresh: 1 }));
    dispatchEvent(new Event("tuition:progress"));
  };
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && leave());
  addEventListener("pagehide", leave);
}

for (const button of all("[data-finish]")) {
  button.addEventListener("click", () => {
    const lesson = button.dataset.finish ?? "";
    change(({ done }) => (done[lesson] = [done[lesson]?.[0] ? 0 : 1, Date.now(), 1]));
    dispatchEvent(new Event("tuition:progress"));
  });
}
for (const text of all("[data-lesson]")) follow(text);
for (const name of ["storage", "tuition:outline", "pageshow"]) addEventListener(name, () => draw(read()));
draw(read());
