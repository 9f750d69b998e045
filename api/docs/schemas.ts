import type { OpenAPIV3_1 } from 'openapi-types';
import { operationsOf, pascal } from './operations.ts';

/** What the documents' schemas are beyond what zod writes: named, each once, open where we answer, told apart. */

export type Json = { [key: string]: unknown };
type Schemas = Record<string, Json>;

const REF = '#/components/schemas/';
/** Not schemas, though they stand among them. */
const VALUES = new Set(['example', 'examples', 'default', 'enum', 'const']);

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The name of the component that a schema refers to, or null. */
export function nameIn(schema: unknown): string | null {
  const ref = isObject(schema) ? schema.$ref : undefined;
  return typeof ref === 'string' && ref.startsWith(REF) ? ref.slice(REF.length) : null;
}

export const refTo = (name: string): Json => ({ $ref: REF + name });

/** The same JSON with every schema in it, innermost first, as `change` has it. */
function eachSchema(node: unknown, change: (schema: Json) => Json): unknown {
  if (Array.isArray(node)) return node.map((one) => eachSchema(one, change));
  if (!isObject(node)) return node;
  const inner = Object.fromEntries(
    Object.entries(node).map(([key, value]) => [
      key,
      VALUES.has(key)
        ? value
        : key === 'properties' && isObject(value)
          ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, eachSchema(one, change)]))
          : eachSchema(value, change),
    ]),
  );
  return change(inner);
}

/** Names all schemas of a document. `registered` are the names that zod knows; requests know them as `…Input`. */
export function withNamedSchemas(document: OpenAPIV3_1.Document): OpenAPIV3_1.Document {
  const all = { ...document.components?.schemas } as Schemas;
  const requests = new Set(Object.keys(all).filter((name) => isRequestForm(name, all)));
  for (const { operation } of operationsOf(document)) {
    for (const name of hoistParts(operation, all)) requests.add(name);
  }
  for (const [name, schema] of Object.entries(all)) {
    const said = eachSchema(schema, (one) => plain(requests.has(name) ? one : open(one))) as Json;
    all[name] = requests.has(name) ? said : asOneOf(said);
  }
  for (const name of Object.keys(all)) all[name] = eachSchema(all[name], (one) => toldApart(one, all)) as Json;

  const paths = eachSchema(document.paths, (one) => toldApart(plain(one), all)) as Json;
  const renamed = namesOfRequests(all, requests, reachable(all, responsesOf(paths)), reachable(all, paths));
  const rename = (node: unknown) => eachSchema(node, (one) => withNewName(one, renamed));
  const schemas: Schemas = {};
  for (const name of [...reachable(all, paths)].sort()) {
    schemas[renamed.get(name) ?? name] = rename(all[name]) as Json;
  }
  return {
    ...document,
    paths: rename(paths) as OpenAPIV3_1.PathsObject,
    components: { ...document.components, schemas: schemas as OpenAPIV3_1.ComponentsObject['schemas'] & object },
  };
}

function isRequestForm(name: string, all: Schemas): boolean {
  return name.endsWith('Input') && Object.hasOwn(all, name.slice(0, -'Input'.length));
}

/** Bodies and answers that have no name are named by their operation. Answers the names of those that are sent to us. */
function hoistParts(operation: OpenAPIV3_1.OperationObject, all: Schemas): string[] {
  const stem = pascal(operation.operationId ?? '');
  const sent: string[] = [];
  const name = (suffix: string, schema: unknown): Json => {
    all[stem + suffix] = schema as Json;
    return refTo(stem + suffix);
  };
  const content = (operation.requestBody as OpenAPIV3_1.RequestBodyObject | undefined)?.content['application/json'];
  if (content && isNameless(content.schema)) {
    content.schema = name('Request', content.schema);
    sent.push(`${stem}Request`);
  }
  for (const [status, response] of Object.entries(operation.responses ?? {})) {
    const answer = (response as OpenAPIV3_1.ResponseObject).content?.['application/json'];
    if (!status.startsWith('2') || !answer || !isObject(answer.schema)) continue;
    const envelope = open(answer.schema as Json);
    const properties = envelope.properties as Json | undefined;
    if (!properties?.success) {
      if (isNameless(envelope)) answer.schema = name('Answer', envelope);
      continue;
    }
    if (isNameless(properties.data)) properties.data = name('Result', properties.data);
    const { items } = properties.data as Json;
    if (isNameless(items)) (properties.data as Json).items = name('Item', items);
    answer.schema = envelope;
  }
  return sent;
}

const isNameless = (schema: unknown): boolean => isObject(schema) && schema.type === 'object';

/** A new field breaks nobody: what we answer may have more than is written. */
function open(schema: Json): Json {
  if (schema.additionalProperties !== false) return schema;
  const { additionalProperties: _, ...rest } = schema;
  return rest;
}

/** Null is written one way, whatever it is beside: as a choice of its own. */
function withNullApart(schema: Json): Json {
  const { type, description, ...rest } = schema;
  if (!Array.isArray(type) || !type.includes('null')) return schema;
  const others = type.filter((one) => one !== 'null');
  const something = { type: others.length === 1 ? others[0] : others, ...rest };
  return { ...(description !== undefined && { description }), anyOf: [something, { type: 'null' }] };
}

/** Without what its format says already, the bounds that every number has, and that names are texts. */
function plain(schema: Json): Json {
  const { pattern, minimum, maximum, propertyNames: _, ...rest } = schema;
  const formatted = rest.format === 'uuid' || rest.format === 'date-time';
  return withNullApart({
    ...rest,
    ...(pattern !== undefined && !formatted && { pattern }),
    ...(minimum !== undefined && minimum !== Number.MIN_SAFE_INTEGER && { minimum }),
    ...(maximum !== undefined && maximum !== Number.MAX_SAFE_INTEGER && { maximum }),
  });
}

/** What `documentedAs` says: the variants by their names in place of what all of them have in common. */
function asOneOf(schema: Json): Json {
  const names = schema['x-one-of'];
  if (!Array.isArray(names)) return schema;
  const { description } = schema;
  return { ...(description !== undefined && { description }), oneOf: names.map((name) => refTo(String(name))) };
}

/** A choice between named objects that one field tells apart says which field that is. */
function toldApart(schema: Json, all: Schemas): Json {
  const choices = (schema.oneOf ?? schema.anyOf) as unknown[] | undefined;
  if (!choices || choices.length < 2 || schema.discriminator) return schema;
  const named = choices.map(nameIn);
  if (!named.every((name) => name !== null)) return schema;
  const field = fieldApart(named.map((name) => all[name] ?? {}));
  if (field === null) return schema;
  const mapping = Object.fromEntries(named.map((name) => [constantOf(all[name], field), REF + name]));
  const { anyOf: _, ...rest } = schema;
  return { ...rest, oneOf: choices, discriminator: { propertyName: field, mapping } };
}

function fieldApart(choices: Json[]): string | null {
  const [first = {}] = choices;
  const fields = Object.keys((first.properties ?? {}) as Json);
  return (
    fields.find((field) => {
      const values = choices.map((choice) => constantOf(choice, field));
      return values.every((value) => value !== null) && new Set(values).size === choices.length;
    }) ?? null
  );
}

function constantOf(schema: Json | undefined, field: string): string | null {
  const said = (schema?.properties as Json | undefined)?.[field] as Json | undefined;
  const value = said?.const ?? (Array.isArray(said?.enum) && said.enum.length === 1 ? said.enum[0] : null);
  return typeof value === 'string' ? value : null;
}

/** A schema that only requests have, or that says the same in both, needs no name beside its own. */
function namesOfRequests(all: Schemas, requests: Set<string>, answered: Set<string>, used: Set<string>) {
  const renamed = new Map<string, string>();
  for (const name of requests) {
    if (!used.has(name) || !isRequestForm(name, all)) continue;
    const own = name.slice(0, -'Input'.length);
    if (!answered.has(own) || JSON.stringify(all[own]) === JSON.stringify(all[name])) renamed.set(name, own);
  }
  return renamed;
}

/** A reference, or what tells choices apart by references, by the names that schemas have now. */
function withNewName(schema: Json, renamed: ReadonlyMap<string, string>): Json {
  const newRef = (ref: unknown) => {
    const name = nameIn({ $ref: ref });
    return name === null ? ref : REF + (renamed.get(name) ?? name);
  };
  const { $ref, discriminator } = schema;
  const { mapping } = (discriminator ?? {}) as Json;
  if (!isObject(mapping)) return $ref === undefined ? schema : { ...schema, $ref: newRef($ref) };
  const renewed = Object.fromEntries(Object.entries(mapping).map(([value, ref]) => [value, newRef(ref)]));
  return { ...schema, discriminator: { ...(discriminator as Json), mapping: renewed } };
}

/** The names of all components that are come to from here. */
function reachable(all: Schemas, from: unknown): Set<string> {
  const found = new Set<string>();
  const look = (node: unknown): void => {
    eachSchema(node, (one) => {
      const name = nameIn(one);
      if (name !== null && !found.has(name)) {
        found.add(name);
        look(all[name]);
      }
      return one;
    });
  };
  look(from);
  return found;
}

function responsesOf(paths: Json): unknown {
  return Object.values(paths).flatMap((path) =>
    Object.values(path as Json).map((operation) => (operation as Json).responses),
  );
}
