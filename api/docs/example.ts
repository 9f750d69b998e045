import { isObject, type Json, nameIn } from './schemas.ts';

/**
 * An example of a schema: the ones its fields were given, and for the rest what their names and formats suggest. So
 * every body and answer has one that is true to its schema, and a domain that wants a better one says it where its
 * schema is: `.meta({ examples: […] })`.
 */
export function exampleOf(schema: unknown, all: Record<string, Json>): unknown {
  return sample(schema, all, '', []);
}

const BY_FORMAT: Record<string, string> = {
  uuid: '0198c0de-7a11-7000-8000-00000000a5aa',
  'date-time': '2026-03-01T10:00:00.000Z',
  date: '2026-03-01',
  uri: 'https://example.com/',
  email: 'asha@example.com',
};

/** By what the field is called, where the schema gives nothing better. */
const BY_NAME: [RegExp, string][] = [
  [/handle/, 'asha'],
  [/price|amount|budget|balance|available|total|held$/, '5000.00'],
  [/asset|currency/, 'INR'],
  [/^(access|refresh)$/, 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhc2hhIn0.c2lnbmF0dXJl'],
  [/password/, 'correct horse battery'],
  [/url|_ui$/, 'https://example.com/'],
  [/cursor/, 'WyIyMDI2LTAzLTAxIl0'],
  [/message|text|subtitle/, 'Shall we begin on Monday?'],
  [/title/, 'Monsoon collection'],
  [/description|details/, 'Three reels about our raincoats'],
  [/reason|feedback|submission_notes/, 'The second reel shows another coat'],
  [/deliverables/, 'https://example.com/reel.mp4'],
  [/button_id|action|^on$/, 'send_price_offer'],
  [/_within$|duration/, 'P7D'],
];

/** Deeper things are left out where they may be. */
const DEEP = 6;

function sample(schema: unknown, all: Record<string, Json>, name: string, within: string[]): unknown {
  if (!isObject(schema)) return {};
  const given = schema.example ?? (Array.isArray(schema.examples) ? schema.examples[0] : undefined);
  if (given !== undefined) return given;
  const ref = nameIn(schema);
  if (ref !== null) return within.includes(ref) ? null : sample(all[ref], all, name, [...within, ref]);
  if (schema.const !== undefined) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  if (schema.default !== undefined) return schema.default;
  const choices = (schema.oneOf ?? schema.anyOf) as Json[] | undefined;
  if (choices) return sampleChoice(choices, all, name, within);
  if (Array.isArray(schema.allOf)) {
    return Object.assign({}, ...schema.allOf.map((part) => sample(part, all, name, within)));
  }
  switch (schema.type) {
    case 'object':
      return sampleObject(schema, all, within);
    case 'array':
      return within.length > DEEP ? [] : [sample(schema.items, all, name.replace(/s$/, ''), within)];
    case 'integer':
    case 'number':
      return Number(
        schema.minimum ?? (schema.exclusiveMinimum === undefined ? 1 : Number(schema.exclusiveMinimum) + 1),
      );
    case 'boolean':
      return false;
    case 'null':
      return null;
    case 'string':
      return (
        BY_FORMAT[String(schema.format)] ?? BY_NAME.find(([pattern]) => pattern.test(name))?.[1] ?? (name || 'text')
      );
    default:
      return {};
  }
}

/** Something rather than null, but null rather than a whole thing inside a thing. */
function sampleChoice(choices: Json[], all: Record<string, Json>, name: string, within: string[]): unknown {
  const something = choices.find((choice) => choice.type !== 'null');
  const mayBeNull = choices.some((choice) => choice.type === 'null');
  const whole = something && nameIn(something) !== null && isObject(all[nameIn(something) as string]?.properties);
  return mayBeNull && whole && within.length > 0 ? null : sample(something, all, name, within);
}

function sampleObject(schema: Json, all: Record<string, Json>, within: string[]): Json {
  const properties = (schema.properties ?? {}) as Record<string, Json>;
  const required = new Set((schema.required ?? []) as string[]);
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([name, one]) => required.has(name) || one.example !== undefined || one.examples !== undefined)
      .map(([name, one]) => [name, sample(one, all, name, within)]),
  );
}
