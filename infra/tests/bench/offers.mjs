// A function on Node that answers `/api/checkout/offers` out of the catalog, with its own loop around the Runtime API:
// less than what AWS puts around a handler. `functions.mjs` measures it beside ours.

import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { env } from 'node:process';

const catalog = JSON.parse(readFileSync(String(env.TUITION_CATALOG), 'utf8'));
const offers = catalog.offers.map((/** @type {Record<string, unknown>} */ { coupons: _, ...offer }) => offer);

/** @param {{ rawPath: string }} event */
function handler(event) {
  if (event.rawPath !== '/api/checkout/offers') return { statusCode: 404, headers: {}, body: '' };
  return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ offers }) };
}

const agent = new Agent({ keepAlive: true });

/**
 * @param {string} method
 * @param {string} path
 * @param {string} [body]
 * @returns {Promise<{ id: string, text: string }>}
 */
function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const url = `http://${env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation/${path}`;
    const sent = request(url, { method, agent }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece) => { text += piece; }).on('error', reject)
        .on('end', () => resolve({ id: String(answer.headers['lambda-runtime-aws-request-id']), text }));
    });
    sent.on('error', reject).end(body);
  });
}

for (;;) {
  const { id, text } = await call('GET', 'next');
  await call('POST', `${id}/response`, JSON.stringify(handler(JSON.parse(text))));
}
