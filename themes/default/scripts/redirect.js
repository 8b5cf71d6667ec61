/**
 * At an old address: takes the anchor of the link along, which a refresh would forget. A classic script before that refresh, so
 * that it can keep the browser from reading on to it.
 */
(() => {
  const to = document.currentScript?.dataset.to;
  if (!to || to.includes("#") || !location.hash) return;
  stop();
  location.replace(to + location.hash);
})();
