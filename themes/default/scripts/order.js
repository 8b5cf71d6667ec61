/** After paying: asks until the payment provider has decided, then goes back to where the buyer came from. */

import { api, ownPath } from "./page.js";

const main = /** @type {HTMLElement} */ (document.querySelector("[data-order]"));
const id = new URLSearchParams(location.search).get("session_id");
const SLOW_AFTER = 20;

/** @type {Record<string, string>} order status → what the page shows */
const states = {
  open: "pending", pending: "pending", paid: "paid", failed: "failed", expired: "failed",
  refunded: "closed", disputed: "closed", quarantined: "held",
};

/** @param {string} state */
function show(state) {
  for (const section of main.querySelectorAll("[data-state]")) {
    /** @type {HTMLElement} */ (section).hidden = section.getAttribute("data-state") !== state;
  }
}

/** @param {string | null} next */
function pointTo(next) {
  for (const link of main.querySelectorAll("a[data-next]")) {
    link.setAttribute("href", ownPath(next, link.getAttribute("href") ?? "/"));
  }
}

/** @param {number} seconds */
const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

async function follow() {
  if (!id) return show("unknown");
  for (let tries = 0; ; tries += 1) {
    const { ok, status, body } = await api("GET", `/api/checkout/sessions/${encodeURIComponent(id)}`);
    if (!ok && status !== 0 && status < 500 && status !== 429) return show("unknown");
    const state = states[body?.status] ?? "pending";
    if (ok) pointTo(body.next);
    if (state !== "pending") {
      // Only the browser that paid is told the way back; elsewhere nothing opened.
      show(state === "paid" && !body.next ? "unknown" : state);
      if (state === "paid" && body.next) location.replace(ownPath(body.next, "/account/"));
      return;
    }
    if (tries === SLOW_AFTER) show("slow");
    await pause(tries < SLOW_AFTER ? 1.5 : 10);
  }
}

follow();
