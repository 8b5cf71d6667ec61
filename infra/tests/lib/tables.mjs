// What lies in the tables of a running shop, row by row.

import assert from 'node:assert/strict';

/** The engine checks no signature: there is no account behind it. */
const HEADERS = {
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-date': '20260101T000000Z',
  authorization: 'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
};

/** @param {string} engine @param {string} operation @param {object} request @returns {Promise<any>} */
async function call(engine, operation, request) {
  const headers = { ...HEADERS, 'x-amz-target': `DynamoDB_20120810.${operation}` };
  const answer = await fetch(engine, { method: 'POST', headers, body: JSON.stringify(request) });
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  return JSON.parse(text);
}

/** Every item of every table, each as the text that the engine answers. @param {import('./shop.mjs').Shop} shop @returns {Promise<string[]>} */
export async function rows(shop) {
  const engine = shop.facts.dynamodb;
  const { TableNames } = await call(engine, 'ListTables', {});
  assert.equal(TableNames.length, 2, 'what lasts, and what no backup may remember');
  const found = [];
  for (const TableName of TableNames) {
    for (let from; ;) {
      const page = await call(engine, 'Scan', { TableName, ConsistentRead: true, ...(from ? { ExclusiveStartKey: from } : {}) });
      found.push(...page.Items.map((/** @type {unknown} */ item) => JSON.stringify(item)));
      from = page.LastEvaluatedKey;
      if (!from) break;
    }
  }
  return found;
}
