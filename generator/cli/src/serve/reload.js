// Reloads the page when the site was built anew. Part of `tuition serve`, of no build.
const builds = new EventSource("/_dev/reload");
builds.addEventListener("built", () => location.reload());
// An open stream would keep the page out of the back/forward cache.
addEventListener("pagehide", () => builds.close());
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
