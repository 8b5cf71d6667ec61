// What the runtime cloudfront-js-2.0 understands, as a list: whatever is not on it is refused. From
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
// ("The following topics list all supported features in this runtime"); ES 5.1 and some of ES 6 to 12.
import { parse } from '../tests/node_modules/acorn/dist/acorn.mjs';

const words = (text) => new Set(text.split(/\s+/).filter(Boolean));

const MODULES = words('cloudfront crypto');

// Kinds of nodes, by the names of ESTree: those of ES 5.1 …
const SYNTAX = words(`
  Program Identifier Literal ThisExpression ArrayExpression ObjectExpression Property MemberExpression CallExpression NewExpression
  FunctionExpression UnaryExpression UpdateExpression BinaryExpression AssignmentExpression LogicalExpression ConditionalExpression
  SequenceExpression BlockStatement EmptyStatement VariableDeclaration VariableDeclarator ExpressionStatement IfStatement
  DoWhileStatement WhileStatement ForStatement ForInStatement ContinueStatement BreakStatement ReturnStatement SwitchStatement SwitchCase
  LabeledStatement ThrowStatement TryStatement CatchClause FunctionDeclaration`);
// … and those of later versions that are listed: modules, templates, arrows and rest parameters, await.
for (const type of words(`ImportDeclaration ImportDefaultSpecifier TemplateLiteral TemplateElement ArrowFunctionExpression RestElement
  AwaitExpression`)) SYNTAX.add(type);

const OPERATORS = words(`= += -= *= /= %= <<= >>= >>>= &= |= ^= ** **= || && | ^ & == != === !== < > <= >= instanceof in << >> >>> + - * / % ! ~ ++ --
  typeof void delete`);

const GLOBALS = words(`Object String Number Math Date RegExp JSON Array Float32Array Float64Array Int8Array Int16Array Int32Array Uint8Array
  Uint8ClampedArray Uint16Array Uint32Array ArrayBuffer Promise DataView Symbol TextDecoder TextEncoder console Error EvalError InternalError
  RangeError ReferenceError SyntaxError TypeError URIError globalThis decodeURI decodeURIComponent encodeURI encodeURIComponent isFinite
  isNaN parseFloat parseInt atob btoa NaN Infinity undefined arguments Buffer`);

// Members of those that are called or read by their name.
const STATICS = words(`
  Object.create Object.defineProperties Object.defineProperty Object.freeze Object.getOwnPropertyDescriptor
  Object.getOwnPropertyDescriptors Object.getOwnPropertyNames Object.getPrototypeOf Object.isExtensible Object.isFrozen Object.isSealed
  Object.keys Object.preventExtensions Object.seal Object.assign Object.entries Object.values
  String.fromCharCode String.fromCodePoint
  Number.EPSILON Number.MAX_SAFE_INTEGER Number.MIN_SAFE_INTEGER Number.MAX_VALUE Number.MIN_VALUE Number.NaN Number.NEGATIVE_INFINITY
  Number.POSITIVE_INFINITY Number.isFinite Number.isInteger Number.isNaN Number.isSafeInteger Number.parseInt Number.parseFloat
  Math.E Math.LN10 Math.LN2 Math.LOG10E Math.LOG2E Math.PI Math.SQRT1_2 Math.SQRT2 Math.abs Math.ceil Math.floor Math.max Math.min Math.pow
  Math.random Math.round Math.sign Math.sqrt Math.trunc Math.imul
  Date.now Date.parse Date.UTC JSON.parse JSON.stringify Array.isArray Array.of ArrayBuffer.isView Symbol.for
  Buffer.alloc Buffer.allocUnsafe Buffer.byteLength Buffer.compare Buffer.concat Buffer.from Buffer.isBuffer Buffer.isEncoding
  console.log`);

// Methods of values: of strings, numbers, regular expressions, arrays, buffers, functions, objects …
const METHODS = words(`
  charAt charCodeAt concat indexOf lastIndexOf match replace search slice split substr substring toLowerCase trim toUpperCase codePointAt endsWith
  includes repeat startsWith padStart padEnd trimStart trimEnd replaceAll toExponential toFixed toPrecision exec test toString
  every filter forEach join map pop push reduce reduceRight reverse shift some sort splice unshift copyWithin fill find findIndex
  apply bind call hasOwnProperty isPrototypeOf propertyIsEnumerable valueOf compare equals write decode encode`);
// … of the event's request, the store, and an HMAC.
for (const name of words('rawQueryString kvs exists get createHmac update digest')) METHODS.add(name);

/** What of a program is not on the list; empty if all is. */
export function unsupported(source) {
  let program;
  const commas = [];
  try {
    program = parse(source, { ecmaVersion: 12, sourceType: 'module', onTrailingComma: (at) => commas.push(at) });
  } catch (error) {
    return [String(error)];
  }
  const line = (at) => source.slice(0, at).split('\n').length;
  const declared = new Set();
  walk(program, null, (node) => names(node).forEach((name) => declared.add(name)));
  const found = [];
  walk(program, null, (node, parent) => {
    const what = wrong(node, parent, declared);
    if (what) {
      found.push(`line ${line(node.start)}: ${what}`);
    }
    // After a member of a list or an object it is as old as the language.
    const isCall = /^(CallExpression|NewExpression|.*Function.*|Import.*)$/.test(node.type);
    const last = (node.arguments ?? node.params ?? []).at(-1);
    if (isCall && last && commas.some((at) => at >= last.end && !/[^\s]/.test(source.slice(last.end, at)))) {
      found.push(`line ${line(last.end)}: a comma after the last argument or parameter`);
    }
  });
  return found;
}

function walk(node, parent, visit) {
  visit(node, parent);
  for (const child of Object.values(node).flat()) {
    if (typeof child?.type === 'string') {
      walk(child, node, visit);
    }
  }
}

/** The names that a node declares. */
function names(node) {
  const own = [node.type === 'VariableDeclarator' || /^Function/.test(node.type) ? node.id : null, node.type === 'CatchClause' ? node.param : null, node.local];
  const parameters = (node.params ?? []).map((one) => (one.type === 'RestElement' ? one.argument : one));
  return [...own, ...parameters].filter((one) => one?.type === 'Identifier').map((one) => one.name);
}

/** What is wrong with one node, or nothing. */
function wrong(node, parent, declared) {
  if (!SYNTAX.has(node.type)) {
    return node.type;
  }
  if (node.operator && !OPERATORS.has(node.operator)) {
    return `the operator ${node.operator}`;
  }
  switch (node.type) {
    case 'ImportDeclaration': {
      const isPlain = node.specifiers.length === 1 && MODULES.has(node.source.value);
      return isPlain ? '' : 'an import of another kind';
    }
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return wrongFunction(node, parent);
    case 'AwaitExpression': {
      const isWhole = /^(VariableDeclarator|ExpressionStatement|ReturnStatement|AssignmentExpression)$/.test(parent.type);
      return isWhole ? '' : 'await inside of something';
    }
    case 'Property':
      return node.shorthand || node.method || node.computed ? 'a member in short or with a computed name' : '';
    case 'RestElement':
      return /Function/.test(parent.type) && node.argument.type === 'Identifier' ? '' : 'a rest that is no parameter';
    case 'CatchClause':
      return node.param?.type === 'Identifier' ? '' : 'catch without a name';
    case 'Literal':
      return wrongLiteral(node);
    case 'CallExpression': {
      const isLog = node.callee.object?.name === 'console';
      return isLog && node.arguments.length !== 1 ? 'console.log with other than one argument' : '';
    }
    case 'MemberExpression':
      return wrongMember(node, parent, declared);
    case 'Identifier':
      return isFree(node, parent) && !declared.has(node.name) && !GLOBALS.has(node.name) ? `the name ${node.name}` : '';
    default:
      return '';
  }
}

/** Async functions stand alone: "async arguments and closures are not supported". */
function wrongFunction(node, parent) {
  if (node.generator) {
    return 'a generator';
  }
  return node.async && (node.type !== 'FunctionDeclaration' || parent.type !== 'Program') ? 'an async function inside of something' : '';
}

/** ES 5.1's numbers and expressions, and separators, sticky matching and named groups. */
function wrongLiteral({ raw, regex, bigint }) {
  if (bigint) {
    return 'a BigInt';
  }
  if (!regex) {
    return /^0[bo]/i.test(raw) ? 'a number in binary or octal' : '';
  }
  if (/[^gimy]/.test(regex.flags)) {
    return `the flags ${regex.flags}`;
  }
  return /\(\?<[=!]|\\[pPk]/.test(regex.pattern) ? 'a lookbehind, a class of Unicode or a reference by name' : '';
}

function wrongMember({ object, property, computed }, parent, declared) {
  if (computed) {
    return '';
  }
  if (object.type === 'Identifier' && GLOBALS.has(object.name) && !declared.has(object.name)) {
    const name = `${object.name}.${property.name}`;
    return STATICS.has(name) ? '' : name;
  }
  const isCalled = parent.type === 'CallExpression' && parent.callee.property === property;
  return isCalled && !METHODS.has(property.name) ? `the method ${property.name}` : '';
}

/** Whether an identifier means a variable, and not a member or a label. */
function isFree(node, parent) {
  const isMember = (parent.type === 'MemberExpression' && parent.property === node) || (parent.type === 'Property' && parent.key === node);
  return !((isMember && !parent.computed) || /^(Labeled|Break|Continue)Statement$/.test(parent.type) || parent.type === 'MetaProperty');
}
