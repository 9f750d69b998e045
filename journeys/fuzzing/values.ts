import type { Json } from '../person.ts';

/** Values made from schemas: those that fit, those that nearly do, and those that nobody would send in good faith. */

export type Draw = (many: number) => number;

/** An id by what it is of, as the key or path says that holds it. */
export type IdOf = (name: string) => string;

const oneOf = <One>(all: readonly One[], draw: Draw): One => all[draw(all.length)] as One;

const TEXTS = ['a', 'Monsoon', 'Drei Röhren', 'नमस्ते', '🦄🦄', "O'Neil", '<b>x</b>', '50%', 'a b c', '{"a":1}'];
const DURATIONS = ['PT1H', 'P1D', 'PT30M', 'P7D'];
const ANYTHING = ['a text', 42, true, null, [], {}];
/** Deeper than any schema is. */
const DEEPEST = 8;

/** A value that fits a schema, as far as a schema says it. */
export function fitting(schema: Json, draw: Draw, idOf: IdOf, name = '', depth = 0): Json {
  if (!schema || depth > DEEPEST) return oneOf(ANYTHING, draw);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return oneOf(schema.enum, draw);
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return fitting(oneOf(either, draw), draw, idOf, name, depth + 1);
  if (schema.examples && draw(3) === 0) return oneOf(schema.examples, draw);
  const type = Array.isArray(schema.type) ? oneOf(schema.type, draw) : schema.type;
  switch (type) {
    case 'object':
      return objectOf(schema, draw, idOf, depth);
    case 'array':
      return arrayOf(schema, draw, idOf, name, depth);
    case 'integer':
      return wholeOf(schema, draw);
    case 'number':
      return wholeOf(schema, draw) + oneOf([0, 0, 0.5, 0.25], draw);
    case 'boolean':
      return draw(2) === 0;
    case 'null':
      return null;
    case 'string':
      return textOf(schema, draw, idOf, name);
    default:
      return oneOf(ANYTHING, draw);
  }
}

function objectOf({ properties = {}, required = [] }: Json, draw: Draw, idOf: IdOf, depth: number): Json {
  const said: Json = {};
  for (const [key, schema] of Object.entries<Json>(properties)) {
    if (!required.includes(key) && draw(3) > 0) continue;
    said[key] = fitting(schema, draw, idOf, key, depth + 1);
  }
  return said;
}

function arrayOf(schema: Json, draw: Draw, idOf: IdOf, name: string, depth: number): Json {
  if (Array.isArray(schema.items)) return schema.items.map((each: Json) => fitting(each, draw, idOf, name, depth + 1));
  const many = Math.max(schema.minItems ?? 0, draw(Math.min(4, (schema.maxItems ?? 3) + 1)));
  return Array.from({ length: many }, () => fitting(schema.items, draw, idOf, name, depth + 1));
}

function wholeOf({ minimum, exclusiveMinimum, maximum }: Json, draw: Draw): number {
  const least = minimum ?? (exclusiveMinimum === undefined ? 0 : exclusiveMinimum + 1);
  const most = Math.min(maximum ?? 1_000, 1_000_000);
  return oneOf([least, most, least + draw(Math.max(1, Math.min(most - least + 1, 1_000)))], draw);
}

function textOf(schema: Json, draw: Draw, idOf: IdOf, name: string): string {
  switch (schema.format) {
    case 'uuid':
      return idOf(name);
    case 'date-time':
      return new Date(Date.now() + (draw(200) - 50) * 3_600_000).toISOString();
    case 'date':
      return new Date(Date.now() + (draw(60) - 30) * 86_400_000).toISOString().slice(0, 10);
    case 'uri':
      return `https://media.example/${draw(100)}.mp4`;
    default:
  }
  if (/amount|price|budget|stake|reward$/.test(name)) return String(1 + draw(500));
  if (/within|advance|duration/.test(name)) return oneOf(DURATIONS, draw);
  if (/pairId|symbol/.test(name)) return oneOf(['BTC-USD', 'USDT-USD', 'ETH-USDT'], draw);
  if (/url/i.test(name)) return `https://media.example/${draw(100)}.mp4`;
  if (/[iI]d$/.test(name)) return idOf(name);
  const text = oneOf(TEXTS, draw);
  const least = schema.minLength ?? 0;
  return text.length >= least
    ? text.slice(0, Math.max(least, schema.maxLength ?? text.length))
    : text.padEnd(least, 'x');
}

/** What nobody would send in good faith. */
export const HOSTILE: readonly Json[] = [
  ...[null, true, false, 0, -1, -0.5, 1e-9, 1e21, 2 ** 53, -(2 ** 63), Number.MAX_VALUE],
  ...['', ' ', '\u0000', 'a\u0000b', '\ud800', '\udc00x', '\u202e', '\ufeff', 'x'.repeat(9_000), '9'.repeat(400)],
  ...["'; DROP TABLE users; --", '{{7*7}}', '../../etc/passwd', '%00', '__proto__', 'constructor', '1e999', 'NaN'],
  ...[
    '0x10',
    '-0',
    '٣',
    '１２',
    '1,5',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:60Z',
    'PT999999999999S',
    '👩‍👩‍👧‍👦'.repeat(50),
  ],
  ...[[], [[]], [null], {}, { $ne: 1 }, { length: 1e9 }, { toString: 'x' }, Array.from({ length: 500 }, () => 'x')],
];

/** The same with one thing in it changed: left out, added, doubled, or made something else. */
export function mutated(value: Json, draw: Draw): Json {
  if (value === null || typeof value !== 'object' || draw(8) === 0) return oneOf(HOSTILE, draw);
  const keys = Object.keys(value);
  if (keys.length === 0) return { surprise: oneOf(HOSTILE, draw) };
  const key = oneOf(keys, draw);
  if (Array.isArray(value)) return value.map((each, at) => (String(at) === key ? mutated(each, draw) : each));
  switch (draw(6)) {
    case 0:
      return Object.fromEntries(Object.entries(value).filter(([each]) => each !== key));
    case 1:
      return { ...value, [oneOf(['surprise', 'id', 'user_id', 'is_admin', 'roles'], draw)]: oneOf(HOSTILE, draw) };
    case 2:
      return { ...value, [key]: nearly(value[key], draw) };
    default:
      return { ...value, [key]: typeof value[key] === 'object' ? mutated(value[key], draw) : oneOf(HOSTILE, draw) };
  }
}

/** Of the same type, and a little beside it. */
function nearly(value: Json, draw: Draw): Json {
  if (typeof value === 'number') return oneOf([value + 1, value - 1, -value, value * 1_000, value + 0.001], draw);
  if (typeof value === 'string') {
    return oneOf([value.toUpperCase(), ` ${value}`, `${value} `, value.slice(1), value + value, `${value}0`], draw);
  }
  return typeof value === 'boolean' ? String(value) : [value];
}

/** Its text, with a key that is there twice. */
export function twiceSaid(value: Json): string {
  const [key] = Object.keys(value ?? {});
  const text = JSON.stringify(value);
  return key === undefined ? '{"a":1,"a":2}' : `${text.slice(0, -1)},${JSON.stringify(key)}:null}`;
}

/** Texts that are no bodies. */
export const NO_BODIES: readonly string[] = [
  ...['{"a":', '[]', 'null', '"text"', '42', '', '{"__proto__":{"a":1}}', '{"constructor":{"prototype":{"a":1}}}'],
  ...['['.repeat(20_000), '{"a":'.repeat(5_000), '\ufeff{}', '{}{}', "{'a':1}", '{"a":1e999}', '{"a":"\\ud800"}'],
];
