// Layout shifts, as the browser counts them.

/** For `page.evaluate`: the sum of the shifts since the page began (https://web.dev/cls), and what moved from where to where. @returns {Promise<{sum: number, moved: string[]}>} */
export const shifts = () => new Promise((done) => {
  /** @type {{value: number, hadRecentInput: boolean, sources: {node?: Node, previousRect: DOMRectReadOnly, currentRect: DOMRectReadOnly}[]}[]} */
  const seen = [];
  new PerformanceObserver((list) => seen.push(.../** @type {any} */ (list.getEntries()))).observe({ type: 'layout-shift', buffered: true });
  setTimeout(() => {
    const real = seen.filter((entry) => !entry.hadRecentInput);
    const where = (/** @type {DOMRectReadOnly} */ { x, y, width, height }) => `${x},${y} ${width}×${height}`;
    const moved = real.flatMap((entry) => entry.sources.map(({ node, previousRect, currentRect }) => {
      const name = node instanceof Element ? `${node.localName}.${node.className}` : String(node?.nodeName);
      return `${name} (${where(previousRect)} → ${where(currentRect)})`;
    }));
    done({ sum: real.reduce((sum, entry) => sum + entry.value, 0), moved });
  }, 150);
});
