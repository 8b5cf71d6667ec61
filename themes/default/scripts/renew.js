/**
 * Keeps paid pages open: a fresh access token before the old one ends (15 minutes), and a second try for a picture or
 * video that came too late. Shows what is left when somebody has signed this browser out from another one.
 */

const every = 12 * 60 * 1000;
const between = 60 * 1000;

/** Tabs share a token, and so the time at which it was renewed; a page that can't keep it counts from its own start. */
const kept = "renewed";
const started = Date.now();

function remembered() {
  try {
    return Number(localStorage.getItem(kept)) || 0;
  } catch {
    return started;
  }
}
let last = remembered();

/** @type {Promise<void> | null} */
let running = null;

/** One renewal at a time, however many pictures are missing. */
export function renew() {
  running ??= (async () => {
    last = Date.now();
    try {
      localStorage.setItem(kept, String(last));
    } catch {
      // Each tab then renews for itself.
    }
    const next = encodeURIComponent(location.pathname);
    // The answer is a redirect back to this page; its cookies are all that is wanted.
    await fetch(`/api/access/renew?next=${next}`, { redirect: "manual", cache: "no-store" }).catch(() => {});
    running = null;
    dispatchEvent(new Event("tuition:renewed"));
  })();
  return running;
}

function renewIfDue() {
  last = Math.max(last, remembered());
  const age = Date.now() - last;
  // A clock that was set back says nothing about the token's age.
  if (document.visibilityState === "visible" && (age >= every || age < 0)) renew();
}

/** When the renewal that runs has ended, if one does. */
export const settled = () => running ?? Promise.resolve();

setInterval(renewIfDue, 30 * 1000);
document.addEventListener("visibilitychange", renewIfDue);
renewIfDue();

/** When a picture or video was last tried again: at most once a minute, so that one that is not there is not asked for forever. */
const tried = new WeakMap();

/** What is to be loaded again after an error: the last `<source>` of a video fails for all of it. @param {EventTarget | null} target */
function mediaOf(target) {
  const media = target instanceof HTMLSourceElement ? target.parentElement : target;
  if (media instanceof HTMLImageElement) return media;
  if (!(media instanceof HTMLMediaElement)) return null;
  const { NETWORK_NO_SOURCE } = HTMLMediaElement;
  if (target !== media && media.networkState !== NETWORK_NO_SOURCE) return null;
  return media.error?.code === MediaError.MEDIA_ERR_DECODE ? null : media;
}

document.addEventListener("error", async (event) => {
  const media = mediaOf(event.target);
  if (!media || Date.now() - (tried.get(media) ?? -Infinity) < between) return;
  tried.set(media, Date.now());
  if (media instanceof HTMLImageElement) {
    await renew();
    media.src = media.src;
    return;
  }
  const { currentTime, paused } = media;
  await renew();
  media.addEventListener("loadedmetadata", () => (media.currentTime = currentTime), { once: true });
  media.load();
  if (!paused) media.play().catch(() => {});
}, true);
