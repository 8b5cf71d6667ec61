// What `cargo task package` writes: the template, with the code of the CDN's functions in it, byte for byte.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { ofType, read, template, textOf } from '../lib/template.mjs';

test('the functions of the CDN are deployed as they are tested, and nothing else is changed', () => {
  const path = process.env.TUITION_TEMPLATE;
  assert.ok(path, 'TUITION_TEMPLATE names what cargo task package wrote');
  const packaged = read(readFileSync(path, 'utf8'));
  for (const [name, { Properties }] of ofType('AWS::CloudFront::Function')) {
    const deployed = packaged.Resources[name].Properties;
    assert.equal(deployed.FunctionCode, textOf(`infra/${Properties.FunctionCode.replace('file:', '')}`), name);
    deployed.FunctionCode = Properties.FunctionCode;
  }
  assert.deepEqual(packaged, template);
});
