/** A copy button on every code block. */

const { copy = "", copied = "" } = document.body.dataset;

for (const figure of document.querySelectorAll(".prose .code")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = copy;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(figure.querySelector("pre")?.textContent ?? "");
    button.textContent = copied;
    setTimeout(() => (button.textContent = copy), 2000);
  });
  figure.append(button);
}
