// What IAM would say: a proxy before the stores that lets each function do what its role in infra/template.yaml allows,
// and remembers what it was asked. Emulators let everybody do everything.

import http from 'node:http';

import { FUNCTIONS, list, roleOf, statementsOf } from './template.mjs';

/** @typedef {import('./template.mjs').FunctionName} FunctionName */
/** @typedef {{action: string, resource: string, key: string}} Deed */

/** `StringLike`. @param {string} pattern @param {string} text */
function isLike(pattern, text) {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
}

/** What a call of DynamoDB does, as IAM sees it: one deed for each item. @param {string} operation @param {any} body @returns {Deed[]} */
function deedsOf(operation, body) {
  const deed = (/** @type {string} */ action, /** @type {any} */ call, /** @type {string} */ key) => ({ action: `dynamodb:${action}`, resource: call.TableName, key });
  switch (operation) {
    case 'GetItem': case 'UpdateItem': case 'DeleteItem': return [deed(operation, body, body.Key.pk.S)];
    case 'PutItem': return [deed(operation, body, body.Item.pk.S)];
    case 'Query': return [deed(operation, body, body.ExpressionAttributeValues[':pk'].S)];
    case 'TransactWriteItems': return body.TransactItems.map((/** @type {any} */ { Put, Update, Delete, ConditionCheck }) => {
      if (Put) return deed('PutItem', Put, Put.Item.pk.S);
      if (Update) return deed('UpdateItem', Update, Update.Key.pk.S);
      if (Delete) return deed('DeleteItem', Delete, Delete.Key.pk.S);
      return deed('ConditionCheckItem', ConditionCheck, ConditionCheck.Key.pk.S);
    });
    default: return [deed(operation, body, '')];
  }
}

/** A permission in words: `<function> <action> <table> <leading key>`. @param {FunctionName} name @param {string} action @param {string} table @param {string} pattern */
const words = (name, action, table, pattern) => `${name} ${action.replace('dynamodb:', '')} ${table} ${pattern}`;

export class Roles {
  /** @param {string} upstream the emulator */
  constructor(upstream) {
    this.upstream = new URL(upstream);
    /** @type {Record<string, string>} logical names of tables by their real ones */
    this.tables = {};
    /** @type {string[]} what was asked for and is not allowed */
    this.denied = [];
    /** @type {Set<string>} permissions that were used */
    this.used = new Set();
    this.server = http.createServer((request, response) => this.handle(request, response));
  }

  /** Listens; answers the address below which each function has its path. @returns {Promise<string>} */
  listen() {
    return new Promise((done) => {
      this.server.listen(0, '127.0.0.1', () => done(`http://127.0.0.1:${/** @type {any} */ (this.server.address()).port}`));
    });
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** @param {http.IncomingMessage} request @param {http.ServerResponse} response */
  async handle(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const name = /** @type {FunctionName} */ ((request.url ?? '').split('/')[1]);
    const [service = '', operation = ''] = String(request.headers['x-amz-target']).split('.');
    const refused = this.refused(name, service, operation, JSON.parse(bytes.toString() || '{}'));
    if (refused) {
      this.denied.push(`${name}: ${refused}`);
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify({ __type: 'com.amazon.coral.service#AccessDeniedException', message: refused }));
      return;
    }
    const { hostname, port } = this.upstream;
    const headers = { ...request.headers, host: `${hostname}:${port}` };
    const onward = http.request({ hostname, port, method: 'POST', path: '/', headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    onward.end(bytes);
  }

  /** Why a call is not allowed; nothing if it is. @param {FunctionName} name @param {string} service @param {string} operation @param {any} body @returns {string | undefined} */
  refused(name, service, operation, body) {
    if (!(name in FUNCTIONS)) return 'nobody has this path';
    const statements = statementsOf(roleOf(name));
    if (service.startsWith('AmazonSSM')) {
      const may = statements.filter(({ Action }) => list(Action).includes(`ssm:${operation}`)).flatMap(({ Resource }) => list(Resource));
      const names = may.map((resource) => `/${resource['Fn::Sub'].split(':parameter/')[1].replace('${Stage}', 'local')}`);
      const beyond = (body.Names ?? ['everything']).filter((/** @type {string} */ asked) => !names.includes(asked));
      return beyond.length > 0 ? `ssm:${operation} of ${beyond}` : undefined;
    }
    for (const { action, resource, key } of deedsOf(operation, body)) {
      const table = this.tables[resource] ?? resource;
      const allowed = this.permissions(name).filter((one) => one.action === action && one.table === table && isLike(one.pattern, key));
      if (allowed.length === 0) return `${action} of ${key.split('#')[0]}… in ${table}`;
      for (const { pattern } of allowed) this.used.add(words(name, action, table, pattern));
    }
    return undefined;
  }

  /** What a role allows with tables, one by one. @param {FunctionName} name */
  permissions(name) {
    return statementsOf(roleOf(name)).flatMap((statement) => {
      const actions = list(statement.Action).filter((action) => action.startsWith('dynamodb:'));
      if (actions.length === 0) return [];
      const table = /** @type {string} */ (statement.Resource['Fn::GetAtt'][0]);
      /** @type {string[]} */
      const leading = statement.Condition['ForAllValues:StringLike']['dynamodb:LeadingKeys'];
      return actions.flatMap((action) => leading.map((pattern) => ({ action, table, pattern })));
    });
  }

  /** Permissions that nothing has needed so far. */
  unused() {
    const names = /** @type {FunctionName[]} */ (Object.keys(FUNCTIONS));
    const all = names.flatMap((name) => this.permissions(name).map(({ action, table, pattern }) => words(name, action, table, pattern)));
    return all.filter((one) => !this.used.has(one)).sort();
  }
}
