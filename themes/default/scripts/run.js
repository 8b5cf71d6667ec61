/**
 * Code that readers run: JavaScript in a worker, in a frame that has no origin and no network, ended when its time is up; Rust behind a
 * link to its playground. Nothing runs, and nothing is sent, before somebody presses.
 */

import { byHand } from "./by-hand.js";
import { element, text } from "./page.js";
import { surrounded } from "./run-worker.js";

const SECONDS = 5;
const PLAYGROUND = "https://play.rust-lang.org/";
/** Characters of an address that every server takes. */
const LONGEST = 6000;

/**
 * The program behind a block: with the lines that are there for the compiler only, without those that are gone.
 * `lines` has the number that a reader sees for each line; 0 for what they don't see.
 * @param {Element} shown
 */
function program(shown) {
  const copy = /** @type {HTMLElement} */ (shown.cloneNode(true));
  let number = Number(copy.querySelector("[data-n]")?.getAttribute("data-n") ?? 1);
  for (const part of copy.querySelectorAll("[hidden]")) part.prepend("\u0001");
  for (const part of copy.querySelectorAll("del")) part.textContent = "\u0002\n";
  const lines = (copy.textContent ?? "").replace(/\n$/, "").split("\n").map((line) => ({ code: line.replace(/^[\u0001\u0002]/, ""), number: line.startsWith("\u0001") ? 0 : number++ }));
  return { code: lines.map((line) => line.code).join("\n"), lines: lines.map((line) => line.number) };
}

/** Tells metrics.js, where that is loaded. @param {HTMLElement} figure */
const counts = (figure) => dispatchEvent(new CustomEvent("tuition:note", { detail: { type: "run", figure } }));

/** What is pressed, and below it what the program says. @param {HTMLElement} figure */
function equip(figure) {
  const run = element("button", { type: "button", class: "button quiet" }, text("run"));
  const status = element("p", { role: "status" });
  const output = element("pre", { role: "log", tabindex: "0", "aria-label": text("run_output") });
  output.hidden = true;
  /** @type {(() => void) | null} */
  let stop = null;
  const end = (/** @type {string} */ said, isWrong = false) => {
    stop?.();
    stop = null;
    run.textContent = text("run");
    status.textContent = said;
    status.classList.toggle("problem", isWrong);
  };
  run.addEventListener("click", () => {
    if (stop) return end(text("run_stopped"));
    counts(figure);
    output.replaceChildren();
    output.hidden = true;
    status.textContent = text("run_running");
    status.classList.remove("problem");
    run.textContent = text("run_stop");
    stop = start(program(/** @type {Element} */ (figure.querySelector("pre"))), (level, line) => {
      output.hidden = false;
      output.append(element("span", { class: level }, `${line}\n`));
    }, (said, isWrong) => end(said || text(output.hidden ? "run_silent" : "run_done"), isWrong));
  });
  return element("div", { class: "run" }, run, status, output);
}

/**
 * Starts a program; answers what ends it at once.
 * @param {ReturnType<typeof program>} written
 * @param {(level: string, line: string) => void} print
 * @param {(said: string, isWrong: boolean) => void} end
 */
function start({ code, lines }, print, end) {
  const { text: source, before } = surrounded(code);
  const frame = /** @type {HTMLIFrameElement} */ (element("iframe", { sandbox: "allow-scripts", src: document.body.dataset.runner ?? "", title: text("run_output") }));
  frame.hidden = true;
  let isCut = false;
  const hear = (/** @type {MessageEvent} */ event) => {
    if (event.source !== frame.contentWindow) return;
    const said = event.data ?? {};
    if (said.kind === "print") print(said.level === "error" || said.level === "warn" ? said.level : "log", String(said.text));
    if (said.kind === "cut") isCut = true;
    if (said.kind === "end") end(isCut ? text("run_cut") : "", false);
    if (said.kind === "fail") {
      // What was never closed is noticed behind the end.
      const number = lines[Math.min(Number(said.line) - before, lines.length) - 1];
      const message = String(said.text).replace(/^Uncaught (?=\w*Error)/, "");
      end(number ? text("run_failed_line", { n: number, message }) : text("run_failed", { message }), true);
    }
  };
  /** @type {ReturnType<typeof setTimeout>} */
  let late;
  frame.addEventListener("load", () => {
    late = setTimeout(() => end(text(isCut ? "run_cut" : "run_late", { n: SECONDS }), !isCut), SECONDS * 1000);
    frame.contentWindow?.postMessage(source, "*");
  });
  addEventListener("message", hear);
  document.body.append(frame);
  return () => {
    clearTimeout(late);
    removeEventListener("message", hear);
    // Its worker ends with it, in whatever loop it is.
    frame.remove();
  };
}

/** As `tuition test` and the documentation of Rust have it: what has no `main` is put into one. @param {string} code */
function whole(code) {
  if (/^\s*(?:pub\s+)?(?:async\s+)?fn\s+main\s*\(/m.test(code)) return code;
  const lines = code.split("\n");
  const isInner = (/** @type {string} */ line) => line.startsWith("#![");
  return [...lines.filter(isInner), "fn main() {", ...lines.filter((line) => !isInner(line)), "}"].join("\n");
}

/** @param {string} code @param {Element} pre */
async function copies(code, pre) {
  try {
    await navigator.clipboard.writeText(code);
  } catch {
    byHand(pre, code);
  }
}

/** @param {HTMLElement} figure */
function link(figure) {
  const pre = /** @type {Element} */ (figure.querySelector("pre"));
  const code = whole(program(pre).code);
  const query = new URLSearchParams({ version: "stable", mode: "debug", edition: figure.dataset.run || "2024" });
  const short = `${PLAYGROUND}?${query}`;
  query.set("code", code);
  const full = `${PLAYGROUND}?${query}`;
  const isLong = full.length > LONGEST;
  const anchor = element("a", { class: "button quiet", target: "_blank", rel: "noopener noreferrer", href: isLong ? short : full }, text(isLong ? "run_copy" : "run_rust"));
  anchor.addEventListener("click", () => {
    counts(figure);
    if (isLong) copies(code, pre);
  });
  return element("div", { class: "run" }, anchor);
}

for (const found of document.querySelectorAll(".code[data-run]")) {
  const figure = /** @type {HTMLElement} */ (found);
  const isRust = /^(rust|rs)$/.test(figure.dataset.lang ?? "");
  figure.append(isRust ? link(figure) : equip(figure));
  figure.classList.add("ready");
}
