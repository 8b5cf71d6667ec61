// Waiting on conditions: what a test expects must become true, not "be true after a pause".

/**
 * Asks `ask` again and again until it answers something truthy, and answers that. What `ask` throws
 * counts as "not yet"; the last reason is told when time is up.
 * @template T
 * @param {string} what for the message, e.g. "the order is paid"
 * @param {() => T | Promise<T>} ask
 * @param {number} [seconds]
 * @returns {Promise<Exclude<T, false | '' | 0 | null | undefined>>}
 */
export async function until(what, ask, seconds = 20) {
  const end = Date.now() + seconds * 1000;
  let last = '';
  for (;;) {
    try {
      const answer = await ask();
      if (answer) return /** @type {any} */ (answer);
      last = `last answer: ${JSON.stringify(answer)}`;
    } catch (error) {
      last = String(error);
    }
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what} (${last})`);
    await new Promise((wake) => setTimeout(wake, 25));
  }
}
