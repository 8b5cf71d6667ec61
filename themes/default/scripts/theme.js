/**
 * What must be known before the first paint: colours, and whether this browser is signed in.
 * A classic blocking script, so that no page flashes in the wrong state.
 */
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  root.dataset.signed = /(?:^|;\s*)tuition_hint=[^;]/.test(document.cookie) ? "in" : "out";
  if (new URLSearchParams(location.search).has("sent")) root.dataset.sent = "";
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch {
    // Storage may be forbidden; then the system decides.
  }
})();
