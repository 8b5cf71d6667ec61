/**
 * Counts what is read and done, without cookies and not at all when the browser asks for privacy (site.js looks first). Events wait
 * and go off together: shortly after the page came, now and then, and when it is left.
 *
 * A lesson of L seconds is spread over its text from top to bottom. While the page is visible and the reader did something
 * in the last minute, each second covers what is on screen, from the top, but no more than PACE seconds of the lesson: a
 * brisk reader finishes, somebody who only scrolls through does not. Covered stretches are sent as `watch` segments; what is
 * covered once is not sent again. The first is sent soon, since the first segment of a lesson is its start.
 */

const PACE = 3;
const FIRST = 3;
const EVERY = 30;
const IDLE = 60 * 1000;

const lesson = /** @type {HTMLElement | null} */ (document.querySelector("[data-lesson]"));
const blocks = [...(lesson?.querySelectorAll(".code") ?? [])];

/** @type {object[]} */
let waiting = [];

/** @param {string} type @param {object} fields */
function note(type, fields) {
  waiting.push({ id: crypto.randomUUID(), type, at: new Date().toISOString(), ...fields });
}

function send() {
  while (waiting.length) {
    const batch = new Blob([JSON.stringify({ events: waiting.slice(0, 50) })], { type: "application/json" });
    // Too much is under way: later.
    if (!navigator.sendBeacon("/api/metrics/events", batch)) return;
    waiting.splice(0, 50);
  }
}

let report = send;

function view() {
  const { host, pathname, search } = location;
  const from = document.referrer && new URL(document.referrer).host;
  const tags = [...new URLSearchParams(search)].filter(([name]) => /^utm_(source|medium|campaign|term|content)$/.test(name));
  note("page_view", { path: decodeURI(pathname), ...(from && from !== host ? { referrer: from } : {}), ...Object.fromEntries(tags) });
}

/** @param {string} type @param {Element | null} figure code of this lesson, or of another page */
function used(type, figure) {
  const block = figure ? blocks.indexOf(figure) + 1 : 0;
  if (block) note(type, { lesson: lesson?.dataset.lesson, block });
}

addEventListener("click", ({ target }) => {
  const pressed = target instanceof Element && target.closest(".copy, [data-finish], a[href]");
  if (pressed instanceof HTMLAnchorElement) {
    if (/^http/.test(pressed.protocol) && pressed.host !== location.host) note("link_out", { host: pressed.host });
  } else if (pressed instanceof HTMLElement) {
    const { finish, undo } = pressed.dataset;
    if (!finish) used("copy", pressed.closest(".code"));
    // It says now what would take it back.
    else if (pressed.textContent === undo) note("finish", { lesson: finish });
  }
});
// What other scripts know alone: search.js, run.js.
addEventListener("tuition:note", (event) => {
  const { type, figure, ...fields } = /** @type {CustomEvent} */ (event).detail;
  if (figure) used(type, figure);
  else note(type, fields);
});

/** @param {HTMLElement} lesson */
function read(lesson) {
  // Without a length there is still a start to count.
  const length = Number(lesson.dataset.seconds) || 1;
  const covered = new Set();
  /** @type {number[]} seconds covered since the last report */
  let fresh = [];
  let active = Date.now();
  let ticks = 0;

  /** The stretch of the lesson that is on screen, in seconds. */
  const onScreen = () => {
    const box = lesson.getBoundingClientRect();
    const at = (/** @type {number} */ y) => Math.min(Math.max((y - box.top) / box.height, 0), 1) * length;
    return [Math.floor(at(0)), Math.ceil(at(innerHeight))];
  };

  report = () => {
    const seconds = fresh.sort((a, b) => a - b);
    fresh = [];
    for (let first = 0; first < seconds.length; ) {
      let last = first;
      while (seconds[last + 1] === seconds[last] + 1) last += 1;
      note("watch", { lesson: lesson.dataset.lesson, from: seconds[first], to: Math.min(seconds[last] + 1, length) });
      first = last + 1;
    }
    send();
  };

  const tick = () => {
    if (document.visibilityState !== "visible" || Date.now() - active > IDLE) return;
    const [from, to] = onScreen();
    for (let second = from, left = PACE; second < to && left > 0; second += 1) {
      if (covered.has(second)) continue;
      covered.add(second);
      fresh.push(second);
      left -= 1;
    }
    ticks += 1;
    if (ticks % EVERY === 0) report();
  };

  for (const event of ["scroll", "pointermove", "pointerdown", "keydown", "touchmove"]) {
    addEventListener(event, () => (active = Date.now()), { passive: true });
  }
  setInterval(tick, 1000);
}

view();
if (lesson) read(lesson);
setTimeout(() => report(), FIRST * 1000);
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && report());
addEventListener("pagehide", () => report());
