import type { Json } from './person.ts';

/** A route as the OpenAPI document of a running API tells of it. */
export type Route = {
  method: string;
  path: string;
  /** Names of its path parameters. */
  ids: string[];
  query: string[];
  /** Whether it asks for an access token. */
  members: boolean;
  /** A body that fits its schema; null where it takes none. */
  body: Record<string, Json> | null;
  /** Whether a request without a body is refused. */
  needsBody: boolean;
  schema: Json;
};

/** Every route that the API documents, with a body that would be accepted. */
export async function documentedRoutes(url: string): Promise<Route[]> {
  const response = await fetch(`${url}/docs/openapi.json`);
  if (response.status !== 200) throw new Error(`the document is not there: ${response.status}`);
  const document = (await response.json()) as Json;
  const paths = writtenOut(document.paths, document);
  return Object.entries<Json>(paths).flatMap(([path, methods]) =>
    Object.entries<Json>(methods).map(([method, { parameters = [], security = [], requestBody }]) => {
      const named = (where: string) =>
        parameters.filter((each: Json) => each.in === where).map((each: Json) => each.name as string);
      const schema = requestBody?.content?.['application/json']?.schema ?? null;
      return {
        method: method.toUpperCase(),
        path,
        ids: named('path'),
        query: named('query'),
        members: security.length > 0,
        body: schema && exampleOf(schema),
        needsBody: requestBody?.required === true,
        schema,
      };
    }),
  );
}

/** The same with everything that is referred to in its place. Requests refer to nothing that holds itself. */
export function writtenOut(node: Json, document: Json): Json {
  if (Array.isArray(node)) return node.map((one) => writtenOut(one, document));
  if (typeof node !== 'object' || node === null) return node;
  const { $ref, discriminator: _, responses: __, ...rest } = node;
  const said = Object.fromEntries(Object.entries<Json>(rest).map(([key, value]) => [key, writtenOut(value, document)]));
  if (typeof $ref !== 'string') return said;
  const target = $ref
    .slice(2)
    .split('/')
    .reduce((at: Json, key) => at[key], document);
  return { ...writtenOut(target, document), ...said };
}

/** Names of fields that say which one is meant. */
const ID_NAME = /(_id|_ids|Id|Ids)$/;

/** Every field of a query or a body that takes an id: `GET /api/streams ?creator_id`, `POST /api/streams ticket_event_id`. */
export async function idFields(url: string): Promise<string[]> {
  const document = (await (await fetch(`${url}/docs/openapi.json`)).json()) as Json;
  const found = new Set<string>();
  for (const [path, methods] of Object.entries<Json>(writtenOut(document.paths, document))) {
    for (const [method, { parameters = [], requestBody }] of Object.entries<Json>(methods)) {
      const route = `${method.toUpperCase()} ${path}`;
      for (const { name, schema, ...each } of parameters) {
        if (each.in === 'query' && (ID_NAME.test(name) || isId(schema))) found.add(`${route} ?${name}`);
      }
      for (const field of idsIn(requestBody?.content?.['application/json']?.schema ?? {}, '')) {
        found.add(`${route} ${field}`);
      }
    }
  }
  return [...found];
}

const isId = ({ format, anyOf = [], items = {} }: Json): boolean =>
  format === 'uuid' || anyOf.some(isId) || items.format === 'uuid';

function idsIn({ properties = {}, anyOf = [], oneOf = [], allOf = [], items }: Json, at: string): string[] {
  const inside = [...anyOf, ...oneOf, ...allOf, ...(items ? [items] : [])];
  return [
    ...inside.flatMap((each) => idsIn(each, at)),
    ...Object.entries<Json>(properties).flatMap(([name, schema]) => [
      ...(ID_NAME.test(name) || isId(schema) ? [at + name] : []),
      ...idsIn(schema, `${at}${name}.`),
    ]),
  ];
}

/** The path with ids in it. */
export function withIds(path: string, idOf: (name: string) => string): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(idOf(name)));
}

const UUID = '01890a5d-ac96-774b-bcce-b302099a8057';

/** The smallest value that fits a schema. */
function exampleOf(schema: Json): Json {
  if (schema.examples) return schema.examples[0];
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf) return exampleOf(schema.anyOf[0]);
  switch (schema.type) {
    case 'object':
      return Object.fromEntries((schema.required ?? []).map((key: string) => [key, exampleOf(schema.properties[key])]));
    case 'array':
      return [exampleOf(schema.items)];
    case 'integer':
    case 'number':
      return schema.minimum ?? 1;
    case 'boolean':
      return true;
    default:
      return schema.format === 'uuid' ? UUID : 'a'.repeat(schema.minLength ?? 1);
  }
}

/** Every way in which one value of a body can be of a wrong kind: the path to it, and the body with it. */
export function* misfits(body: Json): Generator<{ what: string; body: Json }> {
  for (const wrong of [null, [], 'text', 42, true]) yield { what: JSON.stringify(wrong), body: wrong };
  for (const [key, value] of Object.entries<Json>(body)) {
    const wrongs = [
      null,
      {},
      [],
      [[]],
      { $ne: 1 },
      true,
      Number.MAX_VALUE,
      -1e-9,
      '',
      '\u0000',
      '\ud800',
      'x'.repeat(9_000),
    ];
    for (const wrong of wrongs) {
      if (JSON.stringify(wrong) === JSON.stringify(value)) continue;
      yield { what: `${key}: ${JSON.stringify(wrong)?.slice(0, 20)}`, body: { ...body, [key]: wrong } };
    }
  }
}
