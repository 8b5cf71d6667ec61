// Who may do what: the roles and policies of infra/template.yaml against what the code says it needs.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FUNCTIONS, list, ofType, resources, roleOf, statementsOf, textOf, walk } from '../lib/template.mjs';

/** @typedef {import('../lib/template.mjs').FunctionName} FunctionName */

const NAMES = /** @type {FunctionName[]} */ (Object.keys(FUNCTIONS));
const READS = ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:ConditionCheckItem'];
const WRITES = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'];

/** Every statement of a policy in the template, with where it stands. */
const STATEMENTS = Object.entries(resources).flatMap(([name, resource]) =>
  [...walk(resource.Properties)]
    .filter(([path, value]) => path.at(-1) === 'Statement' && Array.isArray(value))
    .flatMap(([, value]) => value.map((/** @type {import('../lib/template.mjs').Statement} */ one) => ({ name, ...one }))),
);

/** Where an asterisk may stand, and why. */
const ASTERISKS = [
  // Denied, not allowed.
  { name: 'SiteBucketPolicy', member: 'Action', text: 's3:*' },
  { name: 'SiteBucketPolicy', member: 'Principal', text: '*' },
  { name: 'SiteBucketPolicy', member: 'Resource', text: '${SiteBucket.Arn}/*' },
  // What the CDN shows: all objects of the two trees, and none beside them.
  { name: 'SiteBucketPolicy', member: 'Resource', text: '${SiteBucket.Arn}/site/*' },
];

test('no action, resource or principal is an asterisk, but for a few with their reasons', () => {
  /** @type {{name: string, member: string, text: string}[]} */
  const found = [];
  for (const { name, ...statement } of STATEMENTS) {
    for (const member of /** @type {const} */ (['Action', 'Resource', 'Principal'])) {
      for (const [, text] of walk(statement[member])) {
        if (typeof text === 'string' && /[*?]/.test(text)) found.push({ name, member, text });
      }
    }
    for (const member of ['NotAction', 'NotResource', 'NotPrincipal']) assert.ok(!(member in statement), `${name} has ${member}`);
  }
  const sorted = (/** @type {object[]} */ all) => all.map((one) => JSON.stringify(one)).sort();
  assert.deepEqual(sorted(found), sorted(ASTERISKS));
  for (const { name, Effect, Action, Principal } of STATEMENTS) {
    if (list(Action).some((action) => action.includes('*')) || Principal === '*') assert.equal(Effect, 'Deny', name);
  }
});

test('who trusts a service says for which account or resource, unless it is a role that the service itself is given', () => {
  for (const { name, Effect, Principal, Condition, Action } of STATEMENTS) {
    if (!Principal || Effect === 'Deny') continue;
    assert.deepEqual(Object.keys(Principal), ['Service'], `${name} trusts ${JSON.stringify(Principal)}`);
    if (Principal.Service === 'lambda.amazonaws.com') {
      assert.equal(Action, 'sts:AssumeRole');
      continue;
    }
    const keys = Object.keys(Condition?.StringEquals ?? {}).map((key) => key.toLowerCase());
    assert.ok(keys.includes('aws:sourcearn') || keys.includes('aws:sourceaccount'), `${name} trusts ${Principal.Service} of anybody`);
  }
});

test('no bucket is public, and all of them speak TLS alone', () => {
  for (const [name, { Properties }] of ofType('AWS::S3::Bucket')) {
    const blocked = ['BlockPublicAcls', 'BlockPublicPolicy', 'IgnorePublicAcls', 'RestrictPublicBuckets'];
    assert.deepEqual(Properties.PublicAccessBlockConfiguration, Object.fromEntries(blocked.map((key) => [key, true])), name);
    assert.deepEqual(Properties.OwnershipControls, { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] }, name);
    for (const open of ['AccessControl', 'WebsiteConfiguration', 'CorsConfiguration']) assert.ok(!(open in Properties), `${name} ${open}`);
    const policies = ofType('AWS::S3::BucketPolicy').filter(([, policy]) => policy.Properties.Bucket.Ref === name);
    assert.equal(policies.length, 1, `${name} has one policy`);
    const statements = policies[0][1].Properties.PolicyDocument.Statement;
    const denied = statements.filter((/** @type {any} */ one) => one.Effect === 'Deny');
    assert.deepEqual(denied[0].Condition, { Bool: { 'aws:SecureTransport': 'false' } });
    const allowed = statements.filter((/** @type {any} */ one) => one.Effect === 'Allow');
    assert.deepEqual(allowed.map((/** @type {any} */ one) => one.Action), ['s3:GetObject'], 'no ListBucket: what is missing is a 403');
    assert.deepEqual(Object.keys(allowed[0].Condition.StringEquals), ['AWS:SourceArn']);
  }
});

test('each function has a role of its own, which nothing but Lambda takes', () => {
  const roles = NAMES.map(roleOf);
  assert.equal(new Set(roles).size, NAMES.length);
  for (const role of roles) {
    const [statement] = resources[role].Properties.AssumeRolePolicyDocument.Statement;
    assert.deepEqual(statement.Principal, { Service: 'lambda.amazonaws.com' });
  }
  assert.equal(ofType('AWS::Lambda::Function').length, NAMES.length);
});

/** What a function may do with the keys of a table: `GetItem ORDER#*` and the like. @param {FunctionName} name @param {string} table */
function grants(name, table) {
  return statementsOf(roleOf(name)).flatMap((statement) => {
    const actions = list(statement.Action).filter((action) => action.startsWith('dynamodb:'));
    if (actions.length === 0 || statement.Resource['Fn::GetAtt'][0] !== table) return [];
    return actions.flatMap((action) => prefixes(statement).map((prefix) => ({ action, prefix })));
  });
}

/** The leading keys of a statement. @param {import('../lib/template.mjs').Statement} statement @returns {string[]} */
function prefixes(statement) {
  assert.deepEqual(Object.keys(statement.Condition), ['ForAllValues:StringLike'], statement.Sid);
  const keys = statement.Condition['ForAllValues:StringLike'];
  assert.deepEqual(Object.keys(keys), ['dynamodb:LeadingKeys']);
  return keys['dynamodb:LeadingKeys'];
}

test('tables are touched through calls that carry a key, and never without naming the keys', () => {
  for (const name of NAMES) {
    for (const statement of statementsOf(roleOf(name))) {
      const actions = list(statement.Action).filter((action) => action.startsWith('dynamodb:'));
      if (actions.length === 0) continue;
      // ForAllValues holds where there is no key at all: of a scan, a description, PartiQL.
      for (const action of actions) assert.ok([...READS, ...WRITES].includes(action), `${name} may ${action}`);
      assert.equal(actions.length, list(statement.Action).length, 'a statement about a table is about nothing else');
      for (const prefix of prefixes(statement)) assert.match(prefix, /^[A-Z]+(#[A-Z]+)*(#\*)?$/, `${name} ${statement.Sid}`);
      assert.equal(statement.Resource['Fn::GetAtt'][1], 'Arn');
    }
  }
});

/** The access patterns in the head of keys.rs, by table: who writes and who reads which partition. */
function patterns() {
  const head = textOf('functions/adapters/src/table/keys.rs').split('\nuse ')[0];
  const [lasting, ephemeral] = head.split('Ephemeral table:');
  return { Table: rows(lasting), EphemeralTable: rows(ephemeral) };
}

/** @param {string} text */
function rows(text) {
  const found = [...text.matchAll(/^\/\/! \| `([A-Z#]+)[^`]*` \|(.*)\|$/gm)].map(([, fixed, rest]) => {
    const [, , writes, reads] = rest.split('|').map((cell) => cell.trim());
    return { fixed, writes: named(writes), reads: named(reads) };
  });
  assert.ok(found.length > 1);
  return found;
}

/** The functions that a cell names. @param {string} cell @returns {FunctionName[]} */
function named(cell) {
  /** @type {string[]} */
  const words = cell.match(/every function|operator|\b[a-z]+\b/g) ?? [];
  const functions = NAMES.filter((name) => words.includes('every function') || words.includes(name));
  assert.ok(functions.length > 0 || words.includes('operator'), `nobody in «${cell}»`);
  return functions;
}

for (const name of NAMES) {
  test(`${name} reads and writes the partitions that keys.rs says, and no others`, () => {
    for (const [table, all] of Object.entries(patterns())) {
      const granted = grants(name, table);
      for (const [kind, actions] of /** @type {const} */ ([['reads', READS], ['writes', WRITES]])) {
        const may = granted.filter(({ action }) => actions.includes(action)).map(({ prefix }) => prefix);
        const should = all.filter((row) => row[kind].includes(name)).map(({ fixed }) => fixed);
        const words = (/** @type {string[]} */ keys) => [...new Set(keys.map((key) => key.split('#')[0]))].sort();
        assert.deepEqual(words(may), words(should), `${name} ${kind} ${table}`);
        for (const fixed of should) {
          const covered = may.some((prefix) => (prefix.endsWith('*') ? fixed.startsWith(prefix.slice(0, -1)) : fixed === prefix));
          assert.ok(covered, `${name} ${kind} ${fixed}…`);
        }
      }
    }
  });
}

test('metrics reads money facts and usage events, and of people nothing', () => {
  const reads = grants('metrics', 'Table').filter(({ action }) => READS.includes(action));
  assert.deepEqual([...new Set(reads.map(({ prefix }) => prefix))].sort(), ['EVENT#*', 'LEDGER#*']);
  assert.ok(grants('metrics', 'Table').every(({ action, prefix }) => !WRITES.includes(action) || !prefix.startsWith('LEDGER')));
});

/** The names of the secrets that a role may read. @param {string} role */
function secretsOf(role) {
  return statementsOf(role)
    .filter((statement) => list(statement.Action).some((action) => action.startsWith('ssm:')))
    .flatMap((statement) => {
      assert.deepEqual(list(statement.Action), ['ssm:GetParameters']);
      return list(statement.Resource).map((resource) => {
        const [, name] = /:parameter\/tuition\/\$\{Stage\}\/([a-z-]+)$/.exec(resource['Fn::Sub']) ?? [];
        assert.ok(name, JSON.stringify(resource));
        return name;
      });
    });
}

test('each function reads its own secrets, and only checkout those of the payment provider', () => {
  const found = Object.fromEntries(NAMES.map((name) => [name, secretsOf(roleOf(name)).sort()]));
  assert.deepEqual(found, {
    checkout: ['access-keys', 'edge-secret', 'stripe-key', 'webhook-secrets'],
    access: ['access-keys', 'edge-secret'],
    comments: ['edge-secret'],
    metrics: ['access-keys', 'edge-secret'],
  });
  const roles = ofType('AWS::IAM::Role').map(([name]) => name);
  for (const role of roles.filter((role) => !NAMES.map(roleOf).includes(role))) assert.deepEqual(secretsOf(role), []);
});

test('what is neither table nor secret: a log of its own, and mail of this domain for those who send any', () => {
  for (const name of NAMES) {
    const rest = statementsOf(roleOf(name)).filter(({ Action }) => !/^(dynamodb|ssm):/.test(list(Action)[0]));
    const [log, ...mail] = rest;
    assert.deepEqual(log.Action, ['logs:CreateLogStream', 'logs:PutLogEvents']);
    assert.deepEqual(log.Resource, { 'Fn::GetAtt': [`${FUNCTIONS[name]}Log`, 'Arn'] });
    assert.deepEqual(resources[FUNCTIONS[name]].Properties.LoggingConfig, { LogGroup: { Ref: `${FUNCTIONS[name]}Log` } });
    const sends = ['checkout', 'access'].includes(name);
    assert.equal(mail.length, sends ? 1 : 0, name);
    for (const statement of mail) {
      assert.equal(statement.Action, 'ses:SendEmail');
      assert.deepEqual(statement.Condition, { StringLike: { 'ses:FromAddress': { 'Fn::Sub': '*@${MailDomain}' } } });
    }
  }
});

test('the other roles do one thing each', () => {
  const others = ofType('AWS::IAM::Role').map(([name]) => name).filter((name) => !NAMES.map(roleOf).includes(name));
  const may = Object.fromEntries(others.map((name) => [name, statementsOf(name).map(({ Action, Resource }) => [Action, Resource])]));
  assert.deepEqual(may, {
    JobsRole: [['lambda:InvokeFunction', { 'Fn::GetAtt': ['Checkout', 'Arn'] }]],
    RebuildRole: [['events:InvokeApiDestination', { 'Fn::GetAtt': ['RebuildDestination', 'Arn'] }]],
  });
});

test('a function is called by its own routes, checkout by the jobs and by mail that came back besides', () => {
  const may = ofType('AWS::Lambda::Permission').map(([, { Properties }]) => {
    assert.equal(Properties.Action, 'lambda:InvokeFunction');
    assert.ok(Properties.SourceArn, 'from one place, not from all of a service');
    const path = Properties.SourceArn['Fn::Sub']?.split('${Api}/').at(1) ?? Properties.SourceArn.Ref;
    return [Properties.FunctionName.Ref, Properties.Principal.split('.')[0], path].join(' ');
  });
  assert.deepEqual(may.sort(), [
    'Access apigateway */*/api/*', 'Checkout apigateway */*/api/checkout*', 'Checkout sns MailCameBack',
    'Comments apigateway */*/api/comments*', 'Metrics apigateway */*/api/metrics*',
  ]);
  assert.ok(Object.values(resources).every(({ Type }) => Type !== 'AWS::Lambda::Url'));
});
