/** A choice among versions of a code block holds for every block with such a version, here and on the next page. */

const KEY = "tabs";

/** @returns {string[]} names that were chosen, the last one first */
function chosen() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}

/** @param {Element} label */
const name = (label) => label.textContent?.trim() ?? "";

/** Shows in each group the version that was chosen last. @param {string[]} names */
function show(names) {
  for (const group of document.querySelectorAll(".tabs")) {
    const labels = [...group.querySelectorAll(":scope > label")];
    const wanted = names.find((one) => labels.some((label) => name(label) === one));
    const input = labels.find((label) => name(label) === wanted)?.querySelector("input");
    if (input) input.checked = true;
  }
}

show(chosen());
document.addEventListener("change", (event) => {
  const label = event.target instanceof HTMLInputElement && event.target.closest(".tabs > label");
  if (!label) return;
  const before = label.getBoundingClientRect().top;
  const names = [name(label), ...chosen().filter((one) => one !== name(label))].slice(0, 20);
  try {
    localStorage.setItem(KEY, JSON.stringify(names));
  } catch {
    // Then the choice holds for this page.
  }
  show(names);
  // Other groups may have grown or shrunk above: what was pressed stays where it is.
  scrollBy({ top: label.getBoundingClientRect().top - before, behavior: "instant" });
});
