/** The account page: profile, courses, address, orders, signed-in browsers, export and erasure, filled from the learner's own data. */

import { api, day, element, money, text } from "./page.js";

const main = /** @type {HTMLElement} */ (document.querySelector("[data-account]"));
const status = /** @type {HTMLElement} */ (main.querySelector("[data-status]"));
/** @template {HTMLElement} T @param {string} name @returns {T} */
const part = (name) => /** @type {T} */ (main.querySelector(`[data-${name}]`));
const courses = /** @type {HTMLTemplateElement | null} */ (document.querySelector("template#courses"));

/** @param {string} id */
const courseLink = (id) => /** @type {HTMLElement | undefined} */ (courses?.content.querySelector(`[data-id="${CSS.escape(id)}"]`));

/** @param {any[]} entitlements @param {any[]} progress @param {any[]} completed */
function drawCourses(entitlements, progress, completed) {
  const list = part("entitlements");
  for (const { courses: ids, ends_at } of entitlements) {
    for (const id of ids === "*" ? [...(courses?.content.querySelectorAll("a") ?? [])].map((link) => link.dataset.id ?? "") : ids) {
      const known = courseLink(id);
      const finished = progress.filter((one) => one.course === id && one.finished_at).length;
      const done = completed.find((one) => one.course === id);
      const facts = [
        done ? text("completed", { date: day(done.finished_at) }) : known?.dataset.lessons && text("finished_count", { n: finished, total: known.dataset.lessons }),
        ends_at && text("until", { date: day(ends_at) }),
      ].filter(Boolean).join(" · ");
      const title = known ? known.cloneNode(true) : element("b", {}, id);
      const item = element("li", {}, title, element("span", { class: "small" }, facts));
      const address = known?.getAttribute("href");
      // To the page of the course, which knows its lessons; to the very place where this browser knows it.
      if (address && progress.some((one) => one.course === id && one.seen_at)) item.append(element("a", { href: address, "data-continue": id, "data-label": text("continue") }, text("continue")));
      list.append(item);
    }
  }
  dispatchEvent(new Event("tuition:outline"));
  if (!list.childElementCount) list.append(element("li", {}, text("courses_none")));
}

/** @param {any[]} orders */
function drawOrders(orders) {
  const body = /** @type {HTMLElement} */ (part("orders").querySelector("tbody"));
  for (const order of orders) {
    const when = order.paid_at ?? order.created_at;
    body.append(element("tr", {},
      element("td", {}, when ? day(when) : ""), element("td", {}, courseLink(order.offer)?.textContent ?? order.title ?? order.offer),
      element("td", {}, order.currency ? money(order.amount, order.currency) : ""), element("td", {}, text(`status_${order.status}`))));
  }
  if (!orders.length) body.append(element("tr", {}, element("td", { colspan: "4" }, text("orders_none"))));
}

async function drawDevices() {
  const list = part("devices");
  const { ok, body } = await api("GET", "/api/access/sessions");
  if (!ok) return;
  list.replaceChildren();
  for (const session of body.sessions) {
    const facts = [text("since", { date: day(session.created_at) }), text("last_used", { date: day(session.used_at) })].join(" · ");
    const item = element("li", {}, element("span", {}, text(session.current ? "this_device" : "a_device"), element("span", { class: "small" }, ` · ${facts}`)));
    if (!session.current) {
      const button = element("button", { type: "button", class: "button quiet" }, text("sign_out"));
      button.addEventListener("click", async () => {
        const answer = await api("DELETE", `/api/access/sessions/${encodeURIComponent(session.id)}`);
        if (answer.ok) item.remove();
      });
      item.append(button);
    }
    list.append(item);
  }
}

/** @param {any} me */
function profile(me) {
  const form = /** @type {HTMLFormElement} */ (part("profile"));
  const saved = part("saved");
  const field = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
  const names = ["name", "bio", "locale"];
  for (const name of names) field(name).value = me[name] ?? "";
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { ok } = await api("PATCH", "/api/access/me", Object.fromEntries(names.map((name) => [name, field(name).value])));
    saved.textContent = text(ok ? "saved" : "failed");
    saved.classList.toggle("problem", !ok);
  });
}

/** The address, and the change of it that waits for both mailboxes. */
async function drawAddress() {
  const { ok, body } = await api("GET", "/api/access/emails");
  if (!ok) return;
  part("address").textContent = body.email;
  const time = (/** @type {string} */ at) => new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short" }).format(new Date(at));
  part("waiting").textContent = body.waiting ? text("change_email_waiting", { email: body.waiting.email, time: time(body.waiting.expires_at) }) : "";
}

function address() {
  const form = /** @type {HTMLFormElement} */ (part("change"));
  const problem = part("change-problem");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.textContent = "";
    const { ok, status: code, body } = await api("POST", form.action, Object.fromEntries(new FormData(form)));
    if (ok) {
      form.reset();
      await drawAddress();
    } else {
      const reason = body?.code === "same-email" ? "change_email_same" : code === 422 ? "email_wrong" : code === 429 ? "too_many" : "failed";
      problem.textContent = text(reason);
    }
  });
}

/** @param {any} me */
function erasure(me) {
  const form = /** @type {HTMLFormElement} */ (part("erase"));
  const problem = part("problem");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const typed = /** @type {HTMLInputElement} */ (form.elements.namedItem("email")).value.trim().toLowerCase();
    if (typed !== me.email.toLowerCase()) {
      problem.textContent = text("erase_mismatch");
      return;
    }
    const { ok } = await api("DELETE", "/api/access/me");
    if (ok) location.assign("/");
    else problem.textContent = text("failed");
  });
}

async function open() {
  const { ok, status: code, body: me } = await api("GET", "/api/access/me");
  status.textContent = "";
  if (!ok) {
    if (code === 401 || code === 404) part("signed-out").hidden = false;
    else status.textContent = text("failed");
    return;
  }
  profile(me);
  drawCourses(me.entitlements, me.progress, me.completed);
  drawOrders(me.orders);
  address();
  erasure(me);
  // All of it at once, so that nothing moves.
  await Promise.all([drawAddress(), drawDevices()]);
  part("signed-in").hidden = false;
}

open();
