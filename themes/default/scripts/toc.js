/** Marks, in the list of headings, the part that is being read. */

/** @type {Map<string, Element>} */
const links = new Map();
for (const link of document.querySelectorAll(".toc a")) links.set(decodeURIComponent(link.getAttribute("href") ?? "").slice(1), link);

const headings = [...links.keys()].map((id) => document.getElementById(id)).filter((found) => found !== null);

function mark() {
  // The last heading that has passed the upper quarter of the window.
  const line = innerHeight / 4;
  let current = headings[0];
  for (const heading of headings) if (heading.getBoundingClientRect().top < line) current = heading;
  for (const [id, link] of links) {
    if (id === current?.id) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

let waiting = false;
addEventListener("scroll", () => {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    mark();
  });
}, { passive: true });
mark();
