/** Keeps paid pages open: a fresh access token before the old one ends (15 minutes), and a second try for media that came too late. */

const every = 12 * 60 * 1000;
let last = Date.now();

async function renew() {
  last = Date.now();
  const next = encodeURIComponent(location.pathname);
  // The answer is a redirect back to this page; its cookies are all that is wanted.
  await fetch(`/api/access/renew?next=${next}`, { redirect: "manual", cache: "no-store" }).catch(() => {});
}

const renewIfDue = () => document.visibilityState === "visible" && Date.now() - last >= every && renew();
setInterval(renewIfDue, 30 * 1000);
document.addEventListener("visibilitychange", renewIfDue);

const retried = new WeakSet();
document.addEventListener("error", async (event) => {
  const media = event.target;
  if (!(media instanceof HTMLImageElement || media instanceof HTMLMediaElement) || retried.has(media)) return;
  retried.add(media);
  await renew();
  media.src = media.currentSrc || media.src;
}, true);
