/** A copy button on every code block. */

const { copy = "", copied = "" } = document.body.dataset;

/**
 * What a reader wants to paste: no lines that are gone; of a terminal session the commands alone.
 * @param {Element} figure
 */
function code(figure) {
  const shown = figure.querySelector("pre");
  if (!shown) return "";
  const pre = /** @type {HTMLPreElement} */ (shown.cloneNode(true));
  const unwanted = pre.querySelector(".p") ? ".p, samp, del" : "del";
  for (const part of pre.querySelectorAll(unwanted)) part.remove();
  return pre.textContent ?? "";
}

for (const figure of document.querySelectorAll(".prose .code")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = copy;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(code(figure));
    button.textContent = copied;
    setTimeout(() => (button.textContent = copy), 2000);
  });
  figure.append(button);
}
