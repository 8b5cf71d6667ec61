/** A picture that is larger than its place opens in full on a press. */

/** @param {HTMLImageElement} image @param {string} name */
function open(image, name) {
  const dialog = document.createElement("dialog");
  dialog.className = "zoomed";
  dialog.setAttribute("aria-label", name);
  const large = /** @type {HTMLImageElement} */ (image.cloneNode());
  large.loading = "eager";
  dialog.append(large);
  dialog.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** @param {HTMLImageElement} image */
function offer(image) {
  const name = image.alt || image.closest("figure")?.querySelector("figcaption")?.textContent;
  // What has no name is there for the eye alone.
  if (!name || image.naturalWidth < image.clientWidth * 1.2 || image.closest("a, button")) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "zoom";
  button.setAttribute("aria-haspopup", "dialog");
  button.setAttribute("aria-label", name);
  button.addEventListener("click", () => open(image, name));
  image.replaceWith(button);
  button.append(image);
}

for (const image of document.querySelectorAll(".prose img")) {
  const picture = /** @type {HTMLImageElement} */ (image);
  if (picture.complete) offer(picture);
  else picture.addEventListener("load", () => offer(picture), { once: true });
}
