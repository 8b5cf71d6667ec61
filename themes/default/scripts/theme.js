/**
 * What must be known before the first paint: colours, whether this browser is signed in, and whether anything was begun in it.
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
    const progress = localStorage.getItem("progress");
    // What belongs to an account is not for who comes after it.
    if (progress?.includes('"own":') && root.dataset.signed === "out") localStorage.removeItem("progress");
    else if (progress?.includes('"lesson":')) root.dataset.begun = "";
  } catch {
    // Storage may be forbidden; then the system decides.
  }
})();
