/**
 * What surrounds a program in its worker: a console that writes to the page, and who notices that the program has ended.
 * `inside` is sent as text and sees nothing of this module.
 */

/** @typedef {{kind: "print", level: string, text: string} | {kind: "cut" | "end"} | {kind: "fail", text: string, line: number}} Message */

/** Begins with the program; answers what is to be called when its last line has run, and when it has thrown. */
function inside() {
  const scope = /** @type {any} */ (self);
  const send = /** @type {(message: Message) => void} */ (scope.postMessage.bind(scope));
  const later = /** @type {(work: () => void) => void} */ (scope.setTimeout.bind(scope));
  const left = { lines: 200, letters: 20_000 };
  let indent = "";

  /** @param {string} level @param {string} text */
  const print = (level, text) => {
    if (left.lines < 0) return;
    const lines = (indent + text.slice(0, left.letters + 1)).replaceAll("\n", `\n${indent}`);
    left.lines -= lines.split("\n").length;
    left.letters -= lines.length;
    if (left.lines >= 0 && left.letters >= 0) return send({ kind: "print", level, text: lines });
    left.lines = -1;
    send({ kind: "cut" });
  };

  /** @param {string} text */
  const quoted = (text) => (text.includes("'") ? JSON.stringify(text) : `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"')}'`);

  /** A value as Node's console shows it, in one line. @param {any} value @param {any[]} around @returns {string} */
  const show = (value, around = []) => {
    if (typeof value === "string") return around.length ? quoted(value) : value;
    if (typeof value === "bigint") return `${value}n`;
    if (typeof value === "function") return `[${/^class\b/.test(String(value)) ? "class" : "Function"}: ${value.name || "(anonymous)"}]`;
    if (Object.is(value, -0)) return "-0";
    if (value === null || typeof value !== "object") return String(value);
    if (value instanceof Error) return around.length ? `[${value}]` : String(value);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
    if (value instanceof RegExp) return String(value);
    if (around.includes(value)) return "[Circular]";
    const name = Object.getPrototypeOf(value)?.constructor?.name ?? "Object";
    if (around.length > 3) return `[${name}]`;
    const one = (/** @type {any} */ inner) => show(inner, [...around, value]);
    /** @param {string} open @param {string[]} parts @param {string} close */
    const list = (open, parts, close) => {
      const shown = parts.length > 100 ? [...parts.slice(0, 100), `… ${parts.length - 100} more`] : parts;
      return shown.length ? `${open} ${shown.join(", ")} ${close}` : open + close;
    };
    if (Array.isArray(value)) return list("[", Array.from(value, one), "]");
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return list(`${name}(${/** @type {any} */ (value).length}) [`, Array.from(/** @type {any} */ (value), one), "]");
    if (value instanceof Set) return list(`Set(${value.size}) {`, Array.from(value, one), "}");
    if (value instanceof Map) return list(`Map(${value.size}) {`, Array.from(value, ([key, inner]) => `${one(key)} => ${one(inner)}`), "}");
    const parts = Object.entries(Object.getOwnPropertyDescriptors(value)).filter(([, { enumerable }]) => enumerable)
      .map(([key, found]) => `${/^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key)}: ${found.get ? "[Getter]" : one(found.value)}`);
    return list(name === "Object" ? "{" : `${name} {`, parts, "}");
  };

  /** @param {any[]} values the first may be a format */
  const format = ([first, ...rest]) => {
    if (typeof first !== "string") return [first, ...rest].map((value) => show(value)).join(" ");
    const filled = first.replace(/%([sdifoOjc%])/g, (whole, kind) => {
      if (kind === "%") return "%";
      if (!rest.length) return whole;
      const value = rest.shift();
      if (kind === "c") return "";
      if (kind === "s") return show(value);
      if (kind === "j") return JSON.stringify(value);
      if (kind === "o" || kind === "O") return show(value, [null]);
      return String(kind === "i" ? Math.trunc(Number(value)) : Number(value));
    });
    return [filled, ...rest.map((value) => show(value))].join(" ");
  };

  /** @type {Record<string, number>} */
  const counts = {};
  /** @type {Record<string, number>} */
  const began = {};
  const log = (/** @type {any[]} */ ...values) => print("log", format(values));
  const took = (/** @type {string} */ label) => `${label}: ${(performance.now() - (began[label] ?? 0)).toFixed(3)}ms`;
  Object.assign(console, {
    log, info: log, debug: log, trace: log, dir: (/** @type {any} */ value) => log(value), table: (/** @type {any} */ value) => log(value),
    warn: (/** @type {any[]} */ ...values) => print("warn", format(values)),
    error: (/** @type {any[]} */ ...values) => print("error", format(values)),
    assert: (/** @type {any} */ holds, /** @type {any[]} */ ...values) => holds || print("error", `Assertion failed${values.length ? `: ${format(values)}` : ""}`),
    group: (/** @type {any[]} */ ...values) => {
      if (values.length) log(...values);
      indent += "  ";
    },
    groupEnd: () => (indent = indent.slice(2)),
    count: (label = "default") => log(`${label}: ${(counts[label] = (counts[label] ?? 0) + 1)}`),
    time: (label = "default") => (began[label] = performance.now()),
    timeLog: (label = "default") => log(took(label)),
    timeEnd: (label = "default") => log(took(label)),
  });

  // The program has ended when its last line has run and no timer is left.
  const waiting = new Set();
  let isThrough = false;
  const look = () => later(() => isThrough && !waiting.size && send({ kind: "end" }));
  for (const [start, stop] of [["setTimeout", "clearTimeout"], ["setInterval", "clearInterval"]]) {
    const [begin, end] = [scope[start ?? ""].bind(scope), scope[stop ?? ""].bind(scope)];
    scope[start ?? ""] = (/** @type {any} */ work, /** @type {number} */ pause, /** @type {any[]} */ ...given) => {
      const id = begin(() => {
        if (start === "setTimeout") waiting.delete(id);
        look();
        work(...given);
      }, pause);
      waiting.add(id);
      return id;
    };
    scope[stop ?? ""] = (/** @type {number} */ id) => {
      end(id);
      waiting.delete(id);
      look();
    };
  }

  /** @param {any} error */
  const fail = (error) => {
    const line = /blob:[^\s)]*?:(\d+):\d+/.exec(error?.stack ?? "")?.[1];
    send({ kind: "fail", text: error instanceof Error ? String(error) : `Uncaught ${show(error, [null])}`, line: Number(line ?? 0) });
  };
  scope.addEventListener("unhandledrejection", (/** @type {PromiseRejectionEvent} */ event) => fail(event.reason));
  const through = () => {
    isThrough = true;
    look();
  };
  return { through, fail };
}

/**
 * The whole text of a worker, and how many lines of it come before the program.
 * @param {string} program
 */
export function surrounded(program) {
  const before = `const { through: _through, fail: _fail } = (${inside})();\n(async () => {\n`;
  return { text: `${before}${program}\n})().then(_through, _fail);\n`, before: before.split("\n").length - 1 };
}
