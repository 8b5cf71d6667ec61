/** Progress in the account: sends what this browser knows later, takes what the account knows later, lesson by lesson. */

import { change, read } from "./progress.js";

const URL = "/api/access/me/progress";
const MOST = 100;
/** Milliseconds for which an answer is good enough for the next page. */
const FRESH = 60 * 1000;
const time = (/** @type {number} */ at) => new Date(at).toISOString();

/** What the account doesn't know yet, as it wants it. */
function unsent() {
  const { done, places } = read();
  return {
    lessons: Object.entries(done).filter(([, [, , fresh]]) => fresh).slice(0, MOST).map(([lesson, [isDone, at]]) => ({ lesson, done: isDone === 1, at: time(at) })),
    places: Object.entries(places).filter(([, { fresh }]) => fresh).slice(0, MOST).map(([course, { lesson, heading, at }]) => ({ lesson: `${course}/${lesson}`, heading: heading ?? "", at: time(at) })),
  };
}

/**
 * Takes over what the account says, unless this browser said something else later.
 * @param {{course: string, lesson: string, finished_at: string | null, marked_at: string | null, heading: string | null, seen_at: string | null}[]} told
 * @param {ReturnType<typeof unsent>} sent is known to it now
 */
function take(told, sent) {
  change((mine) => {
    for (const { lesson, at } of sent.lessons) if (time(mine.done[lesson]?.[1] ?? 0) === at) mine.done[lesson]?.splice(2);
    for (const { lesson, at } of sent.places) {
      const place = mine.places[lesson.split("/")[0] ?? ""];
      if (place && time(place.at) === at) delete place.fresh;
    }
    for (const { course, lesson, ...known } of told) {
      const name = `${course}/${lesson}`;
      const said = Math.max(Date.parse(known.marked_at ?? "") || 0, Date.parse(known.finished_at ?? "") || 0);
      if (said > (mine.done[name]?.[1] ?? 0)) mine.done[name] = [known.finished_at ? 1 : 0, said];
      const seen = Date.parse(known.seen_at ?? "");
      const place = mine.places[course];
      if (!(seen > (place?.at ?? -1))) continue;
      // What it is called and where it stands is known here, if it is the same lesson.
      const same = place?.lesson === lesson ? place : {};
      mine.places[course] = { ...same, lesson, at: seen, heading: known.heading || undefined, fresh: undefined };
    }
    mine.own = 1;
    mine.asked = Date.now();
  });
}

/** @type {Promise<void>} one at a time, or two would send the same */
let last = Promise.resolve();

/** Until nothing is left to send; asks even without, when that was long ago. */
const sync = () => (last = last.then(async () => {
  for (let more = true; more; ) {
    const sent = unsent();
    more = sent.lessons.length === MOST;
    const isNews = sent.lessons.length + sent.places.length > 0;
    if (!isNews && Date.now() - (read().asked ?? 0) < FRESH) return;
    const answer = await fetch(URL, isNews
      ? { method: "PATCH", headers: { "content-type": "application/json" }, body: JSON.stringify(sent), keepalive: true }
      : { headers: { accept: "application/json" } });
    // Signed out by now, or out of order for a while: it is still here, for the next page.
    if (!answer.ok) return;
    take((await answer.json()).progress, sent);
  }
}).catch(() => {}));

addEventListener("tuition:progress", sync);
sync();
