// The `tuition` binary under test, run as a command.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../../..', import.meta.url));
export const binary = process.env.TUITION_BINARY ?? `${repository}/target/debug/tuition`;
assert.ok(existsSync(binary), `${binary} is not there: cargo build -p tuition`);

/**
 * Runs the tool to its end.
 * @param {string[]} args
 * @returns {Promise<{code: number | null, stdout: string, stderr: string}>}
 */
export function tuition(...args) {
  return new Promise((done, failed) => {
    const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { stdout: '', stderr: '' };
    for (const name of /** @type {const} */ (['stdout', 'stderr'])) {
      child[name].setEncoding('utf8').on('data', (text) => (said[name] += text));
    }
    child.on('error', failed);
    child.on('close', (code) => done({ code, ...said }));
  });
}
