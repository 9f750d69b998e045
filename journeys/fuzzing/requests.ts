import type { Json } from '../person.ts';
import type { Ids } from './ids.ts';
import type { Operation } from './operations.ts';
import { type Draw, fitting, HOSTILE, mutated, NO_BODIES, twiceSaid } from './values.ts';

/** How near a request is to what is documented. */
export type Manner = 'fitting' | 'nearly' | 'hostile' | 'unsigned';

/** A request as it goes out, but for its token. */
export type Request = {
  operation: Operation;
  manner: Manner;
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
};

const oneOf = <One>(all: readonly One[], draw: Draw): One => all[draw(all.length)] as One;

/** A part of a path or query as it is written there; lone surrogates cannot be. */
const written = (value: Json): string =>
  encodeURIComponent((typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).toWellFormed());

/** Longer paths and queries are refused before any route is found. */
const LONGEST = 2_000;

export function requestTo(operation: Operation, manner: Manner, draw: Draw, ids: Ids): Request {
  const idOf = (name: string) => ids.of(name, draw);
  const headers: Record<string, string> = {};
  const body = operation.body && bodyOf(operation.body, manner, draw, idOf);
  if (body !== null) headers['content-type'] = contentTypeOf(manner, draw);
  const takesKey = operation.parameters.some(({ in: where }) => where === 'header');
  if (takesKey && draw(3) === 0) headers['idempotency-key'] = keyOf(manner, draw);
  return { operation, manner, headers, body: body ?? undefined, path: pathOf(operation, manner, draw, ids) };
}

function bodyOf(schema: Json, manner: Manner, draw: Draw, idOf: (name: string) => string): string {
  const value = fitting(schema, draw, idOf);
  if (manner === 'nearly') return JSON.stringify(mutated(value, draw)) ?? 'null';
  if (manner !== 'hostile') return JSON.stringify(value);
  switch (draw(4)) {
    case 0:
      return oneOf(NO_BODIES, draw);
    case 1:
      return twiceSaid(value);
    case 2:
      return JSON.stringify(mutated(mutated(mutated(value, draw), draw), draw)) ?? 'null';
    default: {
      const keys = Object.keys(schema.properties ?? {});
      return JSON.stringify(Object.fromEntries(keys.map((key) => [key, oneOf(HOSTILE, draw)])));
    }
  }
}

function contentTypeOf(manner: Manner, draw: Draw): string {
  if (manner !== 'hostile' || draw(6) > 0) return 'application/json';
  return oneOf(
    ['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'application/json; charset=x', ''],
    draw,
  );
}

/** A few keys come again and again, with other bodies and from other people. */
function keyOf(manner: Manner, draw: Draw): string {
  if (manner === 'hostile') return oneOf(['', ' ', 'with a space', 'x'.repeat(256), '{}'], draw);
  return `key-${draw(500)}`;
}

function pathOf(operation: Operation, manner: Manner, draw: Draw, ids: Ids): string {
  const path = operation.path.replaceAll(/([^/]*)\/\{(\w+)\}/g, (_, before: string, name: string) => {
    const schema = operation.parameters.find((each) => each.in === 'path' && each.name === name)?.schema;
    const of = name === 'id' ? before : name;
    const odd = manner === 'hostile' && draw(3) === 0 ? oneOf(HOSTILE, draw) : null;
    const value = odd ?? fitting(schema ?? {}, draw, () => ids.of(of, draw), of);
    // An empty part is another route's path.
    return `${before}/${written(value) || '%20'}`;
  });
  const query = operation.parameters
    .filter((each) => each.in === 'query' && draw(3) === 0)
    .map(({ name, schema }) => {
      const odd = manner === 'hostile' ? draw(2) === 0 : manner === 'nearly' && draw(3) === 0;
      const value = odd ? oneOf(HOSTILE, draw) : fitting(schema, draw, (of) => ids.of(of, draw), name);
      return `${name}=${written(value)}`;
    });
  if (manner === 'hostile' && draw(6) === 0) query.push(...query, 'surprise=1');
  return (query.length === 0 ? path : `${path}?${query.join('&')}`).slice(0, LONGEST).replace(/%\w?$/, '');
}
