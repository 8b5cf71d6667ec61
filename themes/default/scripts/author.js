/** The author's summary: visits, sales, lessons, as the metrics function counts them. Tables and meters, no charts to read wrongly. */

import { api, day, element, money, text } from "./page.js";

const main = /** @type {HTMLElement} */ (document.querySelector("[data-author]"));
const status = /** @type {HTMLElement} */ (main.querySelector("[data-status]"));
const number = new Intl.NumberFormat(document.documentElement.lang);
const percent = new Intl.NumberFormat(document.documentElement.lang, { style: "percent", maximumFractionDigits: 0 });

/** @param {number} value @param {number} max @param {string} label */
function meter(value, max, label) {
  return element("meter", { min: "0", max: String(Math.max(max, 1)), value: String(value), "aria-label": label });
}

/**
 * Fills a table; numbers and money stand at the end of their cell.
 * @param {string} name
 * @param {(string | Node | number)[][]} rows
 */
function table(name, rows) {
  const body = /** @type {HTMLTableSectionElement} */ (main.querySelector(`[data-${name}] tbody`));
  for (const row of rows) {
    body.append(element("tr", {}, ...row.map((cell) => element("td", {}, typeof cell === "number" ? number.format(cell) : cell))));
  }
  if (!rows.length) body.append(element("tr", {}, element("td", { colspan: "9", class: "small" }, text("nothing_yet"))));
}

/** @param {{visitors: number, checkouts: number, purchases: number}} funnel */
function drawFunnel(funnel) {
  const list = /** @type {HTMLElement} */ (main.querySelector("[data-funnel]"));
  for (const step of /** @type {const} */ (["visitors", "checkouts", "purchases"])) {
    const label = text(step === "visitors" ? "visitor_days" : step);
    list.append(element("dt", {}, element("span", {}, label)), element("dd", {}, meter(funnel[step], funnel.visitors, label), element("span", { class: "number" }, number.format(funnel[step]))));
  }
}

/** @param {any} summary */
function draw(summary) {
  const { window: span, funnel, sales, lessons, views, recent, dropped } = summary;
  status.textContent = `${day(span.from)} – ${day(span.to)}${dropped ? ` · ${text("dropped", { n: dropped })}` : ""}`;
  drawFunnel(funnel);
  table("sales", sales.map((/** @type {any} */ one) => [one.currency, one.orders, money(one.gross, one.currency), money(one.refunds, one.currency), money(one.net, one.currency)]));
  table("lessons", lessons.map((/** @type {any} */ one) => {
    const share = one.started ? one.finished / one.started : 0;
    return [one.title || one.lesson, one.started, one.finished, one.started ? element("span", { class: "share" }, meter(one.finished, one.started, text("finished")), percent.format(share)) : "–"];
  }));
  table("views", views.map((/** @type {any} */ one) => [element("a", { href: one.path }, one.path), one.views, one.visitor_days]));
  table("recent", recent.map((/** @type {any} */ one) => [day(one.at), text(one.kind), one.offer, money(one.amount, one.currency)]));
  /** @type {HTMLElement} */ (main.querySelector("[data-summary]")).hidden = false;
}

/** The summary goes by the access token, which may have ended before the session did: then one renewal and a second try. */
async function ask() {
  const answer = await api("GET", "/api/metrics/summary");
  if (answer.status !== 401) return answer;
  await fetch("/api/access/renew?next=/author/", { redirect: "manual", cache: "no-store" }).catch(() => {});
  return api("GET", "/api/metrics/summary");
}

async function open() {
  const { ok, status: code, body } = await ask();
  if (ok) {
    // Both at once: what came above the summary later would push it down.
    await (await import("./moderation.js")).ready;
    return draw(body);
  }
  status.textContent = code === 401 || code === 404 ? "" : text("failed");
  if (code === 401 || code === 404) /** @type {HTMLElement} */ (main.querySelector("[data-signed-out]")).hidden = false;
}

open();
