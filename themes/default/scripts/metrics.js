/**
 * Counts what is read, without cookies and not at all when the browser asks for privacy (site.js looks first).
 *
 * A lesson of L seconds is spread over its text from top to bottom. While the page is visible and the reader did something
 * in the last minute, each second covers what is on screen, from the top, but no more than PACE seconds of the lesson: a
 * brisk reader finishes, somebody who only scrolls through does not. Covered stretches are sent as `watch` segments; what is
 * covered once is not sent again. The first is sent soon, since the first segment of a lesson is its start.
 */

const PACE = 3;
const FIRST = 3;
const EVERY = 15;
const IDLE = 60 * 1000;

/** @type {object[]} */
let waiting = [];

/** @param {string} type @param {object} fields */
function note(type, fields) {
  waiting.push({ id: crypto.randomUUID(), type, at: new Date().toISOString(), ...fields });
}

function send() {
  while (waiting.length > 0) {
    const batch = new Blob([JSON.stringify({ events: waiting.splice(0, 50) })], { type: "application/json" });
    navigator.sendBeacon("/api/metrics/events", batch);
  }
}

function view() {
  const query = new URLSearchParams(location.search);
  const from = document.referrer && new URL(document.referrer).host;
  const named = { utm_source: query.get("utm_source"), utm_campaign: query.get("utm_campaign"), referrer: from === location.host ? null : from };
  // The server refuses longer texts, and the whole event with them.
  const kept = Object.entries(named).filter(([, value]) => value && new Blob([value]).size <= 100);
  note("page_view", { path: decodeURI(location.pathname), ...Object.fromEntries(kept) });
  send();
}

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

  const report = () => {
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
    if (ticks === FIRST || ticks % EVERY === 0) report();
  };

  for (const event of ["scroll", "pointermove", "pointerdown", "keydown", "touchmove"]) {
    addEventListener(event, () => (active = Date.now()), { passive: true });
  }
  setInterval(tick, 1000);
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && report());
  addEventListener("pagehide", report);
}

view();
const lesson = /** @type {HTMLElement | null} */ (document.querySelector("[data-lesson]"));
if (lesson) read(lesson);
