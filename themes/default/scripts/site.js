/** Every page's entry: the colour switch, keys, a fresh look after sign-in or -out; loads the rest where a page needs it. */

const root = document.documentElement;
/** @param {string} selector */
const find = (selector) => /** @type {HTMLElement | null} */ (document.querySelector(selector));
const hint = () => /(?:^|;\s*)tuition_hint=([^;]*)/.exec(document.cookie)?.[1] ?? "";

const shown = hint();
const refresh = () => hint() !== shown && location.reload();
addEventListener("pageshow", (event) => event.persisted && refresh());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refresh());
// A page of the members tree has renewed its token: what opens may be less than it shows.
addEventListener("tuition:renewed", refresh);

const choice = find("[data-theme-switch]");
if (choice) {
  const label = () => {
    choice.title = choice.dataset[root.dataset.theme ?? "auto"] ?? "";
    choice.setAttribute("aria-label", choice.title);
  };
  label();
  choice.addEventListener("click", () => {
    const next = { light: "dark", dark: "auto" }[root.dataset.theme ?? "auto"] ?? "light";
    if (next === "auto") delete root.dataset.theme;
    else root.dataset.theme = next;
    try {
      localStorage.setItem("theme", next);
    } catch {
      // The choice then lasts for this page only.
    }
    label();
  });
}

const seek = find("[data-search]");
seek?.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  // Where the window can't be had, the link leads to the page.
  import("./search.js").then((search) => search.open()).catch(() => location.assign(seek.getAttribute("href") ?? "/search/"));
});
const help = () => import("./keys.js").then((keys) => keys.help());
find("[data-keys]")?.addEventListener("click", help);
const isLeftwards = root.dir === "rtl";
/** @type {Record<string, () => void>} */
const keys = {
  "/": () => seek?.click(),
  "?": help,
  ArrowLeft: () => find(`.steps [rel="${isLeftwards ? "next" : "prev"}"]`)?.click(),
  ArrowRight: () => find(`.steps [rel="${isLeftwards ? "prev" : "next"}"]`)?.click(),
};
addEventListener("keydown", (event) => {
  const press = keys[event.key];
  if (!press || event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  // Keys belong first to what one writes into, chooses from or scrolls.
  if (event.target instanceof Element && event.target.closest("input, textarea, select, dialog, video, audio, [tabindex='0']")) return;
  try {
    if (localStorage.getItem("keys") === "off") return;
  } catch {
    // Then they can't have been switched off.
  }
  event.preventDefault();
  press();
});

/**
 * Loads a module when its part of the page comes near.
 * @param {Element | null} element
 * @param {() => void} load
 */
const near = (element, load) => {
  if (!element) return;
  const watch = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watch.disconnect();
    load();
  }, { rootMargin: "600px" });
  watch.observe(element);
};

const quiet = navigator.doNotTrack === "1" || ("globalPrivacyControl" in navigator && navigator.globalPrivacyControl);
const counted = !find("[data-sign-in], [data-account], [data-order], [data-author], body.not-found");
if (!quiet && counted) import("./metrics.js");
if (document.body.dataset.tree === "members") import("./renew.js");
if (shown && find("body.not-found")) import("./missing.js");
if (find(".code, .prose .table, .diagram, math[display=block]")) import("./code.js");
if (find(".tabs")) import("./tabs.js");
if (find(".prose img")) import("./zoom.js");
if (find(".toc")) import("./toc.js");
if (find("[data-progress], [data-continue], [data-account]")) hint() ? import("./sync.js") : import("./progress.js");
if (find(".outline [data-module]")) import("./outline.js");
if (find("[data-changes]")) import("./changes.js");
if (find("[data-search-page]")) import("./search.js");
if (find("[data-sign-in]")) import("./sign-in.js");
if (find("[data-account]")) import("./account.js");
if (find("[data-order]")) import("./order.js");
if (find("[data-author]")) import("./author.js");
near(find(".code[data-run]"), () => import("./run.js"));
near(find("[data-comments]"), () => import("./comments.js"));
