// Layout shifts, as the browser counts them.

/** For `page.evaluate`: the sum of the shifts since the page began (https://web.dev/cls), and what moved. */
export const shifts = () => new Promise((done) => {
  /** @type {{value: number, hadRecentInput: boolean, sources: {node?: Node}[]}[]} */
  const seen = [];
  new PerformanceObserver((list) => seen.push(.../** @type {any} */ (list.getEntries()))).observe({ type: 'layout-shift', buffered: true });
  setTimeout(() => {
    const real = seen.filter((entry) => !entry.hadRecentInput);
    const moved = real.flatMap((entry) => entry.sources.map(({ node }) => (node instanceof Element ? `${node.localName}.${node.className}` : String(node?.nodeName))));
    done({ sum: real.reduce((sum, entry) => sum + entry.value, 0), moved });
  }, 150);
});
