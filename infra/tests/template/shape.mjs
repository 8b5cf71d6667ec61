// What the rest of the repository says, said again by infra/template.yaml: headers, code, jobs, variables, messages, and
// the few promises about data.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';

import { FUNCTIONS, list, ofType, resources, template, textOf, walk } from '../lib/template.mjs';

const NAMES = /** @type {import('../lib/template.mjs').FunctionName[]} */ (Object.keys(FUNCTIONS));
const headers = JSON.parse(textOf('infra/edge/headers.json'));
const distribution = resources.Distribution.Properties.DistributionConfig;

/** @type {{method: string, path: string, owner: import('../lib/template.mjs').FunctionName}[]} */
const OPERATIONS = Object.entries(JSON.parse(textOf('functions/handlers/openapi.json')).paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, { tags }]) => ({ method: method.toUpperCase(), path, owner: tags[0] })),
);

/** Whether a route of the API takes a request. @param {string} route @param {string} method @param {string} path */
function matches(route, method, path) {
  const [verb, pattern] = route.split(' ');
  if (verb !== 'ANY' && verb !== method) return false;
  return pattern.endsWith('/{proxy+}') ? path.startsWith(pattern.slice(0, -'{proxy+}'.length)) : pattern === path;
}

/** @param {string} route */
const rank = (route) => (route.includes('{proxy+}') ? route.length : 10_000);

/** A text, looked up where the template looks it up. @param {any} value @returns {any} */
function said(value) {
  const path = value?.['Fn::FindInMap'];
  return path ? template.Mappings[path[0]][path[1]][path[2]] : value;
}

/** The headers that a policy sets, and those of them that win over the answer's own. @param {string} policy */
function headersOf(policy) {
  const { SecurityHeadersConfig: secure, CustomHeadersConfig: custom } = resources[policy].Properties.ResponseHeadersPolicyConfig;
  const age = secure.StrictTransportSecurity;
  const all = [
    ['X-Content-Type-Options', 'nosniff', secure.ContentTypeOptions.Override],
    ['Referrer-Policy', secure.ReferrerPolicy.ReferrerPolicy, secure.ReferrerPolicy.Override],
    ['Content-Security-Policy', said(secure.ContentSecurityPolicy.ContentSecurityPolicy), secure.ContentSecurityPolicy.Override],
    ['Strict-Transport-Security', `max-age=${age.AccessControlMaxAgeSec}${age.IncludeSubdomains ? '; includeSubDomains' : ''}`, age.Override],
    ...custom.Items.map((/** @type {any} */ one) => [one.Header, said(one.Value), one.Override]),
  ];
  assert.deepEqual(Object.keys(secure).sort(), ['ContentSecurityPolicy', 'ContentTypeOptions', 'ReferrerPolicy', 'StrictTransportSecurity']);
  return all;
}

test('each row of the header table is a behaviour with its policy, in the order of the table', () => {
  const last = { ...distribution.DefaultCacheBehavior, PathPattern: '*' };
  const behaviours = [...distribution.CacheBehaviors, last];
  assert.deepEqual(behaviours.map((one) => one.PathPattern), headers.rows.map((/** @type {any} */ row) => row.path));
  for (const [n, row] of headers.rows.entries()) {
    const found = headersOf(behaviours[n].ResponseHeadersPolicyId.Ref);
    const expected = { ...headers.every, ...headers.https, ...row.headers };
    assert.deepEqual(Object.fromEntries(found.map(([name, value]) => [name, value])), expected, row.name);
    const kept = found.filter(([, , wins]) => !wins).map(([name]) => name);
    assert.deepEqual(kept.sort(), [...(row.keeps ?? [])].sort(), row.name);
  }
});

test('what can reach an object passes the gate, the members tree has a name that leads nowhere, and the API is not cached', () => {
  const gate = [{ EventType: 'viewer-request', FunctionARN: { 'Fn::GetAtt': ['Gate', 'FunctionARN'] } }];
  const caller = [{ EventType: 'viewer-request', FunctionARN: { 'Fn::GetAtt': ['Caller', 'FunctionARN'] } }];
  /** @type {Record<string, any>} */
  const byPath = Object.fromEntries([...distribution.CacheBehaviors, { ...distribution.DefaultCacheBehavior, PathPattern: '*' }].map((one) => [one.PathPattern, one]));
  for (const path of ['*', '/assets/*', '/assets/runner.*', '/assets/search-worker.*']) {
    assert.equal(byPath[path].TargetOriginId, 'site');
    assert.deepEqual(byPath[path].FunctionAssociations, gate, path);
  }
  assert.equal(byPath['/_members*'].TargetOriginId, 'nothing');
  assert.equal(byPath['/_members*'].FunctionAssociations, undefined, 'the refusal does not depend on a function');
  assert.equal(byPath['/api/*'].TargetOriginId, 'api');
  assert.deepEqual(byPath['/api/*'].FunctionAssociations, caller);
  // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
  assert.equal(byPath['/api/*'].CachePolicyId, '4135ea2d-6df8-44a3-9df3-4b5a84be39ad', 'Managed-CachingDisabled');
  assert.equal(byPath['/api/*'].OriginRequestPolicyId, 'b689b0a8-53d0-40ab-baf2-68738e2966ac', 'Managed-AllViewerExceptHostHeader');
  for (const path of ['*', '/assets/*', '/assets/runner.*', '/assets/search-worker.*', '/_members*']) {
    const { ParametersInCacheKeyAndForwardedToOrigin: key } = resources[byPath[path].CachePolicyId.Ref].Properties.CachePolicyConfig;
    assert.deepEqual([key.CookiesConfig, key.HeadersConfig, key.QueryStringsConfig], [{ CookieBehavior: 'none' }, { HeaderBehavior: 'none' }, { QueryStringBehavior: 'none' }]);
    assert.equal(byPath[path].OriginRequestPolicyId, undefined);
  }

  const origins = Object.fromEntries(distribution.Origins.map((/** @type {any} */ one) => [one.Id, one]));
  const [allowed] = resources.SiteBucketPolicy.Properties.PolicyDocument.Statement;
  assert.equal(allowed.Resource['Fn::Sub'], `\${SiteBucket.Arn}${origins.site.OriginPath}/*`);
  assert.ok(!`${origins.nothing.OriginPath}/`.startsWith(`${origins.site.OriginPath}/`), 'and nothing below it may be read');
  assert.deepEqual(origins.api.OriginCustomHeaders, [{ HeaderName: 'x-tuition-edge', HeaderValue: { Ref: 'EdgeSecret' } }]);
  assert.match(textOf('functions/handlers/src/front.rs'), /EDGE_HEADER: HeaderName = HeaderName::from_static\("x-tuition-edge"\)/);
  assert.match(textOf('functions/handlers/src/front.rs'), /CALLER_HEADER: HeaderName = HeaderName::from_static\("x-tuition-caller"\)/);
  assert.match(textOf('infra/edge/caller.js'), /headers\['x-tuition-caller'\] = \{ value: event\.viewer\.ip \}/);
});

test('the one error page stands for what is missing in the bucket, and no function answers with its status', () => {
  assert.deepEqual(distribution.CustomErrorResponses.map((/** @type {any} */ one) => [one.ErrorCode, one.ResponseCode, one.ResponsePagePath]), [[403, 404, '/404.html']]);
});

test('the functions of the CDN are the files beside this one, on the runtime that those are written for', () => {
  const files = ofType('AWS::CloudFront::Function').map(([, { Properties }]) => {
    assert.equal(Properties.FunctionConfig.Runtime, 'cloudfront-js-2.0');
    const [, path] = /^file:(.+)$/.exec(Properties.FunctionCode) ?? [];
    assert.ok(textOf(`infra/${path}`).includes('function handler(event)'));
    return path;
  });
  const there = readdirSync(new URL('../../edge/', import.meta.url)).filter((name) => name.endsWith('.js'));
  assert.deepEqual(files.sort(), there.map((name) => `edge/${name}`).sort());
  assert.deepEqual(resources.Gate.Properties.FunctionConfig.KeyValueStoreAssociations, [{ KeyValueStoreARN: { 'Fn::GetAtt': ['GateKeys', 'Arn'] } }]);
  assert.equal(resources.GateKeys.Properties.ImportSource, undefined, 'keys come from elsewhere');
});

test('every scheduled job of the code has its schedule, and wakes checkout', () => {
  const jobs = textOf('functions/domain/src/checkout/jobs.rs');
  const [, names] = /SCHEDULED: \[&'static str; \d+\] = \[([^\]]*)\]/.exec(jobs) ?? [];
  const scheduled = ofType('AWS::Scheduler::Schedule').map(([, { Properties }]) => {
    assert.deepEqual(Properties.Target.Arn, { 'Fn::GetAtt': ['Checkout', 'Arn'] });
    const input = JSON.parse(Properties.Target.Input);
    assert.deepEqual(Object.keys(input), ['job']);
    return input.job;
  });
  assert.deepEqual(scheduled.sort(), [...names.matchAll(/"([a-z]+)"/g)].map(([, name]) => name).sort());
});

/** The table in the head of config.rs: each variable, and who is told it. */
function variables() {
  const head = textOf('functions/adapters/src/config.rs').split('\nmod ')[0];
  const rows = [...head.matchAll(/^\/\/! \| (`TUITION[^|]*)\|([^|]*)\|/gm)];
  assert.ok(rows.length > 5);
  return rows.flatMap(([, names, who]) => [...names.matchAll(/`(TUITION_[A-Z_]+)`/g)].map(([, name]) => ({ name, who: who.trim() })));
}

/** Variables whose value lies in SSM, by the name of the parameter. */
const SECRET = /** @type {Record<string, string>} */ ({
  TUITION_EDGE_SECRET: 'edge-secret', TUITION_ACCESS_KEYS: 'access-keys', TUITION_STRIPE_KEY: 'stripe-key', TUITION_WEBHOOK_SECRETS: 'webhook-secrets',
});

test('each function is told what it asks for, in variables or in SSM, and nothing else', () => {
  const services = /** @type {Record<string, string[]>} */ ({
    TUITION_DYNAMODB_URL: NAMES, TUITION_SSM_URL: NAMES, TUITION_SES_URL: ['checkout', 'access'], TUITION_STRIPE_URL: ['checkout'],
  });
  for (const name of NAMES) {
    const told = Object.keys(resources[FUNCTIONS[name]].Properties.Environment.Variables);
    const asked = variables()
      .filter((one) => !(one.name in SECRET))
      .filter(({ name: variable, who }) => (services[variable] ?? (who === 'all' ? NAMES : who.split(/, /))).includes(name))
      .map((one) => one.name);
    assert.deepEqual(told.sort(), asked.sort(), name);
    const roles = resources[`${FUNCTIONS[name]}Role`].Properties.Policies[0].PolicyDocument.Statement;
    const [secrets] = roles.filter((/** @type {any} */ one) => one.Action === 'ssm:GetParameters');
    const may = secrets.Resource.map((/** @type {any} */ one) => one['Fn::Sub'].split('/').at(-1));
    const needed = variables().filter((one) => one.name in SECRET && (one.who === 'all' || one.who.split(/, /).includes(name)));
    assert.deepEqual(may.sort(), needed.map((one) => SECRET[one.name]).sort(), name);
    const [, asks] = /Told::read\(&\[([^\]]*)\]/.exec(textOf(`functions/lambdas/src/bin/${name}.rs`)) ?? [];
    assert.deepEqual([...asks.matchAll(/"([a-z-]+)"/g)].map(([, secret]) => secret).sort(), may, name);
  }
});

test('stand-ins are told at stage local alone', () => {
  for (const name of NAMES) {
    for (const [variable, value] of Object.entries(resources[FUNCTIONS[name]].Properties.Environment.Variables)) {
      if (variable.endsWith('_URL')) assert.deepEqual([value['Fn::If'][0], value['Fn::If'][2]], ['IsLocal', { Ref: 'AWS::NoValue' }], variable);
      if (variable === 'TUITION_CATALOG') assert.equal(value['Fn::If'][2], '/opt/catalog.json');
      if (variable === 'TUITION_ORIGIN') assert.notEqual(JSON.stringify(value['Fn::If'][2]).includes('Local'), true);
    }
  }
  assert.deepEqual(template.Conditions.IsLocal, { 'Fn::Equals': [{ Ref: 'Stage' }, 'local'] });
});

test('what calls for a person is counted: every such message of checkout, word for word', () => {
  const folder = new URL('../../../functions/domain/src/checkout/', import.meta.url);
  const messages = readdirSync(folder).filter((name) => name.endsWith('.rs')).flatMap((name) => {
    const source = textOf(`functions/domain/src/checkout/${name}`);
    return [...source.matchAll(/tracing::error!\(([^]*?)\);/g)].map(([, inner]) => {
      const [, message] = /"([^"]+)",?\s*$/.exec(inner) ?? [];
      assert.ok(message, `${name}: ${inner}`);
      return message;
    });
  });
  assert.ok(messages.length >= 4);
  const counted = [...resources.QuarantineCount.Properties.FilterPattern.matchAll(/= "([^"]+)"/g)].map(([, message]) => message);
  assert.deepEqual([...new Set(counted)].sort(), [...new Set(messages)].sort());
  assert.match(textOf('functions/lambdas/src/lib.rs'), /fmt\(\)\s*\.json\(\)/, 'messages are in fields.message');
});

test('both tables have the keys of the code, one is protected and remembered at stage live, the other never', () => {
  const setup = textOf('functions/adapters/src/table/setup.rs');
  for (const [name, { Properties }] of ofType('AWS::DynamoDB::Table')) {
    assert.equal(Properties.BillingMode, 'PAY_PER_REQUEST');
    assert.deepEqual(Properties.KeySchema, [{ AttributeName: 'pk', KeyType: 'HASH' }, { AttributeName: 'sk', KeyType: 'RANGE' }]);
    for (const text of ['"pk", KeyType::Hash', '"sk", KeyType::Range']) assert.ok(setup.includes(text), text);
    assert.deepEqual(Properties.TimeToLiveSpecification, { AttributeName: 'expires', Enabled: true });
    assert.ok(setup.includes('.attribute_name("expires")'));
    assert.equal(Properties.GlobalSecondaryIndexes, undefined, `${name} has no index: every read is consistent`);
  }
  const live = { 'Fn::If': ['IsLive', true, false] };
  assert.deepEqual(resources.Table.Properties.DeletionProtectionEnabled, live);
  assert.deepEqual(resources.Table.Properties.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled, live);
  assert.equal(resources.Table.UpdateReplacePolicy, 'Retain');
  assert.deepEqual(resources.EphemeralTable.Properties.PointInTimeRecoverySpecification, { PointInTimeRecoveryEnabled: false });
});

test('logs are forgotten, and hold no address, path or query', () => {
  for (const [name, { Properties }] of ofType('AWS::Logs::LogGroup')) assert.deepEqual(Properties.RetentionInDays, { Ref: 'LogDays' }, name);
  const logged = Object.values(JSON.parse(resources.ApiStage.Properties.AccessLogSettings.Format));
  assert.deepEqual(logged, ['$context.requestId', '$context.routeKey', '$context.status', '$context.responseLatency', '$context.integrationErrorMessage']);
  assert.equal(distribution.Logging, undefined);
});

test('every route that is throttled by itself is a route', () => {
  const routes = ofType('AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties.RouteKey);
  assert.equal(new Set(routes).size, routes.length);
  const throttled = Object.keys(resources.ApiStage.Properties.RouteSettings);
  const waitsFor = list(resources.ApiStage.DependsOn).map((route) => resources[/** @type {string} */ (route)].Properties.RouteKey);
  assert.deepEqual(throttled.sort(), waitsFor.sort(), 'API Gateway knows no settings of a route that is not there yet');
  for (const route of throttled) {
    assert.ok(OPERATIONS.some(({ method, path }) => route === `${method} ${path}`), `no function has ${route}`);
  }
});

test('every operation of the described interface is led to its function', () => {
  assert.ok(OPERATIONS.length > 10);
  for (const { method, path, owner } of OPERATIONS) {
    const found = ofType('AWS::ApiGatewayV2::Route').filter(([, { Properties }]) => matches(Properties.RouteKey, method, path));
    // A full match wins, then the longest greedy one.
    const [[, best]] = found.sort(([, a], [, b]) => rank(b.Properties.RouteKey) - rank(a.Properties.RouteKey));
    const integration = best.Properties.Target['Fn::Sub'].slice('integrations/${'.length, -1);
    assert.deepEqual(resources[integration].Properties.IntegrationUri, { 'Fn::GetAtt': [FUNCTIONS[owner], 'Arn'] }, `${method} ${path}`);
  }
});

test('what is described nowhere is told so by access, as under serve', () => {
  const routes = ofType('AWS::ApiGatewayV2::Route').filter(([, { Properties }]) => matches(Properties.RouteKey, 'GET', '/api/nosuch'));
  assert.deepEqual(routes.map(([, { Properties }]) => Properties.Target), [{ 'Fn::Sub': 'integrations/${AccessIntegration}' }]);
});

test('what can be tagged says its stage', () => {
  const untagged = new Set([
    'AWS::S3::BucketPolicy', 'AWS::CloudFront::OriginAccessControl', 'AWS::CloudFront::KeyValueStore', 'AWS::CloudFront::Function',
    'AWS::CloudFront::CachePolicy', 'AWS::CloudFront::ResponseHeadersPolicy', 'AWS::Route53::RecordSet', 'AWS::ApiGatewayV2::Integration',
    'AWS::ApiGatewayV2::Route', 'AWS::Lambda::Permission', 'AWS::Lambda::LayerVersion', 'AWS::Lambda::EventInvokeConfig', 'AWS::Scheduler::Schedule',
    'AWS::Events::Connection', 'AWS::Events::ApiDestination', 'AWS::Events::Rule', 'AWS::SES::ConfigurationSetEventDestination', 'AWS::SNS::TopicPolicy',
    'AWS::SNS::Subscription', 'AWS::Logs::MetricFilter', 'AWS::Budgets::Budget',
  ]);
  for (const [name, { Type, Properties }] of Object.entries(resources)) {
    if (untagged.has(Type)) continue;
    const tags = Array.isArray(Properties.Tags) ? Object.fromEntries(Properties.Tags.map((/** @type {any} */ tag) => [tag.Key, tag.Value])) : Properties.Tags;
    assert.deepEqual(tags, { 'tuition:stage': { Ref: 'Stage' } }, name);
  }
});

test('no account, no region, no secret and no name of a machine is written into it', () => {
  for (const [path, value] of walk(template)) {
    if (typeof value !== 'string' || path.at(-1) === 'Description') continue;
    const where = path.join('.');
    assert.doesNotMatch(value, /(^|\D)\d{12}(\D|$)/, where);
    assert.doesNotMatch(value, /\b(af|ap|ca|cn|eu|il|me|mx|sa|us)(-gov)?-[a-z]+-\d\b/, where);
    assert.doesNotMatch(value, /\b(sk|rk|pk)_(live|test)_|whsec_|AKIA[A-Z0-9]{12}|-----BEGIN|Bearer [A-Za-z0-9]/, where);
    assert.doesNotMatch(value, /^arn:aws:/, `${where}: the partition is a parameter too`);
  }
  for (const name of ['EdgeSecret', 'RebuildAuthorization']) assert.equal(template.Parameters[name].NoEcho, true);
  assert.equal(template.Parameters.EdgeSecret.Default, undefined);
});
