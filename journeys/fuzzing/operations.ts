import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { writtenOut } from '../documented.ts';
import type { Json } from '../person.ts';

/** The routes as the OpenAPI document of a running API tells of them, and whether an answer is as it says. */

export type Operation = {
  method: string;
  path: string;
  /** What is asked for: its path, its query and its headers. */
  parameters: { in: string; name: string; schema: Json }[];
  /** Null where it takes none. */
  body: Json | null;
  /** Whether it asks for an access token. */
  members: boolean;
  /** How an answer differs from what is documented; null where it does not. */
  faultOf(status: number, body: Json, contentType: string): string | null;
};

export async function readOperations(url: string): Promise<Operation[]> {
  const response = await fetch(`${url}/docs/openapi.json`);
  if (response.status !== 200) throw new Error(`the document is not there: ${response.status}`);
  const document = (await response.json()) as Json;
  const ajv = new Ajv({ strict: false, validateFormats: true });
  formats.default(ajv);
  ajv.addSchema({ $id: 'openapi', components: document.components });
  return Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Json>(methods).map(([method, said]) => {
      const { parameters = [], security = [], requestBody } = writtenOut({ ...said, responses: undefined }, document);
      return {
        ...{ method: method.toUpperCase(), path, parameters, members: security.length > 0 },
        body: requestBody?.content?.['application/json']?.schema ?? null,
        faultOf: checkerOf(ajv, said.responses, document),
      };
    }),
  );
}

function checkerOf(ajv: Ajv, responses: Json, document: Json): Operation['faultOf'] {
  const validators = new Map<string, ValidateFunction | null>();

  function validatorOf(status: string): ValidateFunction | null {
    const known = validators.get(status);
    if (known !== undefined) return known;
    const said = pointedAt(responses[status], document);
    const schema = said.content?.['application/json']?.schema ?? null;
    const text = JSON.stringify(schema)?.replaceAll('"#/components/', '"openapi#/components/');
    const validator = schema ? ajv.compile(JSON.parse(text)) : null;
    validators.set(status, validator);
    return validator;
  }

  return (status, body, contentType) => {
    if (!responses[status]) return `${status} is not documented: ${JSON.stringify(body)?.slice(0, 200)}`;
    if (!contentType.includes('json')) return null;
    const validator = validatorOf(String(status));
    if (!validator || validator(body)) return null;
    return `${status} is not as documented: ${ajv.errorsText(validator.errors)} in ${JSON.stringify(body)?.slice(0, 300)}`;
  };
}

/** What is said, or what is referred to instead of it. */
function pointedAt(said: Json, document: Json): Json {
  if (typeof said.$ref !== 'string') return said;
  const names = said.$ref.slice(2).split('/') as string[];
  return names.reduce((at, name) => at[name], document);
}
