// A lesson with pictures and a recording, made on the spot so that no binary file lies in the repository.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { COURSE, madeSite } from './sites.mjs';

const RATE = 8000;
/** Bytes of a WAV file before its first sample. */
const HEAD = 44;
export const BYTES_A_SECOND = RATE * 2;
/** So long that no player takes it in one piece. */
export const SECONDS = 600;

const FOLDER = `/courses/${COURSE}/files/01-start`;
/** Where the files of the locked lesson are found. */
export const FILES = { near: `${FOLDER}/near.svg`, far: `${FOLDER}/far.svg`, recording: `${FOLDER}/recording.wav` };
const PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="80" height="80"><rect width="80" height="80" fill="seagreen"/></svg>\n';

/** A made site whose locked lesson has one picture at its beginning, one far below, and a recording that waits for a click. */
export async function illustratedSite() {
  const site = await madeSite();
  const folder = join(site, 'content/courses', COURSE, '01-start');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'near.svg'), PICTURE);
  writeFileSync(join(folder, 'far.svg'), PICTURE.replace('seagreen', 'teal'));
  writeFileSync(join(folder, 'recording.wav'), tone(SECONDS));
  const lesson = join(folder, '02-locked.md');
  // A browser fetches a lazy picture when it is some screens away.
  const long = Array.from({ length: 400 }, (_, n) => `Paragraph ${n} of a long lesson.`).join('\n\n');
  writeFileSync(lesson, `${readFileSync(lesson, 'utf8')}
![A chart](near.svg)

<video controls muted preload="none" src="recording.wav"></video>

${long}

![A map](far.svg)
`);
  return site;
}

/** A quiet tone (WAV, 16 bit mono). A player finds any second of it by arithmetic, and asks for the range. @param {number} seconds */
function tone(seconds) {
  const file = Buffer.alloc(HEAD + seconds * BYTES_A_SECOND);
  file.write('RIFF', 0, 'latin1');
  file.write('WAVEfmt ', 8, 'latin1');
  file.write('data', 36, 'latin1');
  const numbers = /** @type {[number, number][]} */ ([[4, file.length - 8], [16, 16], [24, RATE], [28, BYTES_A_SECOND], [40, file.length - HEAD]]);
  for (const [at, value] of numbers) file.writeUInt32LE(value, at);
  for (const [at, value] of /** @type {[number, number][]} */ ([[20, 1], [22, 1], [32, 2], [34, 16]])) file.writeUInt16LE(value, at);
  for (let n = 0; n < seconds * RATE; n += 1) file.writeInt16LE(Math.round(300 * Math.sin((n * 2 * Math.PI * 330) / RATE)), HEAD + n * 2);
  return file;
}
