/** The list of keys, and the switch that turns them off: not everybody presses single letters on purpose. */

import { element, text } from "./page.js";

/** @type {HTMLDialogElement | undefined} */
let dialog;

const isOn = () => localStorage.getItem("keys") !== "off";

function made() {
  const rows = [["/", "keys_search"], ["←", "keys_previous"], ["→", "keys_next"], ["?", "keys_help"]];
  const list = element("dl", {}, ...rows.flatMap(([key, name]) => [element("dt", {}, element("kbd", {}, key)), element("dd", {}, text(name))]));
  const box = /** @type {HTMLInputElement} */ (element("input", { type: "checkbox" }));
  box.addEventListener("change", () => {
    if (box.checked) localStorage.removeItem("keys");
    else localStorage.setItem("keys", "off");
  });
  const close = element("button", { class: "button quiet", type: "button" }, text("close"));
  const window = /** @type {HTMLDialogElement} */ (element("dialog", { class: "box", "aria-labelledby": "page:keys" },
    element("h2", { id: "page:keys" }, text("keys")), list, element("label", { class: "check" }, box, ` ${text("keys_on")}`), close));
  close.addEventListener("click", () => window.close());
  try {
    box.checked = isOn();
  } catch {
    // Where nothing can be remembered, they stay on.
    box.checked = box.disabled = true;
  }
  document.body.append(window);
  return window;
}

/** Shows the list. */
export function help() {
  dialog ??= made();
  if (!dialog.open) dialog.showModal();
}
