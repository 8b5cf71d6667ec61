/** Tools on code blocks: copy, wrap long lines. Whatever scrolls sideways can be reached by keyboard and has a name. */

const { copy = "", copied = "", wrap = "" } = document.body.dataset;

/**
 * What a reader wants to paste: no lines that are gone; of a terminal session the commands alone.
 * @param {Element} shown
 */
function code(shown) {
  const pre = /** @type {HTMLElement} */ (shown.cloneNode(true));
  const unwanted = pre.querySelector(".p") ? ".p, samp, del" : "del, [hidden]";
  for (const part of pre.querySelectorAll(unwanted)) part.remove();
  return pre.textContent ?? "";
}

/** @param {string} kind @param {string} label @param {(button: HTMLButtonElement) => void} press */
function tool(kind, label, press) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = kind;
  button.title = label;
  button.setAttribute("aria-label", label);
  button.addEventListener("click", () => press(button));
  return button;
}

const said = document.createElement("p");
said.className = "unseen";
said.setAttribute("role", "status");
document.body.append(said);

/** @param {HTMLButtonElement} button @param {Element} pre */
async function copies(button, pre) {
  try {
    await navigator.clipboard.writeText(code(pre));
  } catch {
    const { byHand } = await import("./by-hand.js");
    return byHand(pre, code(pre));
  }
  said.textContent = copied;
  button.classList.add("done");
  setTimeout(() => {
    said.textContent = "";
    button.classList.remove("done");
  }, 2000);
}

/** @param {HTMLElement} figure @param {HTMLElement} pre */
function equip(figure, pre) {
  const kit = document.createElement("div");
  kit.className = "kit";
  const wraps = tool("wrap", wrap, (button) => {
    button.setAttribute("aria-pressed", String(figure.classList.toggle("wrapped")));
  });
  wraps.setAttribute("aria-pressed", "false");
  wraps.classList.add("idle");
  kit.append(wraps, tool("copy", copy, (button) => copies(button, pre)));
  figure.append(kit);
  return wraps;
}

/** The heading above, which says what a nameless block is about. @param {Element} element */
function heading(element) {
  /** @type {Element | null} */
  let at = element;
  while (at && !at.matches("h1, h2, h3, h4")) at = at.previousElementSibling ?? at.parentElement;
  return at?.firstChild?.textContent ?? document.title;
}

/** @type {Map<Element, HTMLElement | null>} what may be too wide → its button */
const wide = new Map();
for (const figure of document.querySelectorAll(".code")) {
  const pre = figure.querySelector("pre");
  if (pre) wide.set(pre, equip(/** @type {HTMLElement} */ (figure), pre));
}
for (const table of document.querySelectorAll(".prose .table, .diagram, math[display=block]")) wide.set(table, null);

// What scrolls is a stop for the keyboard, and what doesn't is none.
const watch = new ResizeObserver((entries) => {
  const overflows = entries.map(({ target }) => target.scrollWidth > target.clientWidth);
  entries.forEach(({ target }, at) => {
    const button = wide.get(target);
    if (button && !button.closest(".wrapped")) button.classList.toggle("idle", !overflows[at]);
    if (overflows[at]) {
      const name = target.closest(".code")?.querySelector("figcaption, summary")?.textContent;
      target.setAttribute("tabindex", "0");
      // A formula has a role and a name of its own.
      if (target.localName === "math") return;
      target.setAttribute("role", "group");
      target.setAttribute("aria-label", name ?? heading(target));
    } else {
      // Half a pixel too much is a stop to browsers, unless they are told.
      target.setAttribute("tabindex", "-1");
      for (const attribute of ["role", "aria-label"]) target.removeAttribute(attribute);
    }
  });
});
for (const element of wide.keys()) watch.observe(element);
