/** Beside a lesson of a long course: opens the other modules in place, with what the page of the course lists. */

const outline = /** @type {HTMLElement} */ (document.querySelector(".outline nav"));
const landing = /** @type {HTMLElement} */ (document.querySelector("[data-landing]")).dataset.landing ?? "";
/** @type {Promise<Document> | undefined} */
let course;

async function fetched() {
  const answer = await fetch(landing);
  if (!answer.ok) throw new Error(`${landing}: ${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

/** The lessons of a module as a list. @param {string} id */
async function lessons(id) {
  course ??= fetched();
  const found = (await course).getElementById(id);
  const list = document.createElement("ol");
  for (const item of found?.querySelectorAll(":scope > li") ?? []) {
    const link = /** @type {HTMLElement} */ (item.querySelector("a")?.cloneNode(true));
    const lock = item.querySelector(".lock");
    if (lock) link.append(" ", lock.cloneNode(true));
    const entry = document.createElement("li");
    entry.dataset.id = /** @type {HTMLElement} */ (item).dataset.id;
    entry.append(link);
    list.append(entry);
  }
  return list;
}

for (const link of outline.querySelectorAll("a[data-module]")) {
  const anchor = /** @type {HTMLAnchorElement} */ (link);
  anchor.setAttribute("role", "button");
  anchor.setAttribute("aria-expanded", "false");
  anchor.addEventListener("keydown", (event) => event.key === " " && (event.preventDefault(), anchor.click()));
  anchor.addEventListener("click", async (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    const title = /** @type {HTMLElement} */ (anchor.parentElement);
    const shown = title.nextElementSibling;
    if (shown?.localName === "ol") {
      const isOpen = shown.toggleAttribute("hidden") === false;
      anchor.setAttribute("aria-expanded", String(isOpen));
      return;
    }
    try {
      title.after(await lessons(decodeURIComponent(anchor.hash.slice(1))));
      anchor.setAttribute("aria-expanded", "true");
      dispatchEvent(new Event("tuition:outline"));
    } catch {
      location.assign(anchor.href);
    }
  });
}

// The current lesson is in sight, without moving the page.
const current = outline.querySelector("[aria-current]");
if (current instanceof HTMLElement && outline.scrollHeight > outline.clientHeight) {
  outline.scrollTop = current.offsetTop - outline.clientHeight / 3;
}
