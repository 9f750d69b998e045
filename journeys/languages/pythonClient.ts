import { InputData, JSONSchemaInput, quicktype } from 'quicktype-core';

/** A client in Python: types as quicktype makes them of the OpenAPI document, and a method for each operation. */

type Schema = { $ref?: string; type?: string };
type Media = { content?: { 'application/json'?: { schema: Schema; example?: unknown } } };
type Parameter = { name: string; in: 'path' | 'query' | 'header'; required?: boolean };
type Operation = {
  operationId: string;
  summary: string;
  parameters?: (Parameter | { $ref: string })[];
  requestBody?: Media & { required?: boolean };
  responses: Record<string, Media>;
};
export type OpenApi = {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: object; parameters: Record<string, Parameter> };
};

type Method = {
  operation: Operation;
  method: string;
  path: string;
  /** Names of types; null where there is none. */
  body: string | null;
  answer: string | null;
};

/** The module’s text, and of each answer’s type an example as the document has it. */
export async function clientInPython(document: OpenApi) {
  const wanted = methodsOf(document);
  const types = await typesInPython(document, wanted);
  const named = namesIn(types);
  const methods = wanted.map(({ body, answer, ...more }) => ({ ...more, body: named(body), answer: named(answer) }));
  const text = [types, CALLER, ...groups(document, methods)].join('\n');
  const examples = methods.flatMap(({ operation, answer, body }) => [
    ...(answer ? [[answer, successOf(operation)?.content?.['application/json']?.example]] : []),
    ...(body ? [[body, operation.requestBody?.content?.['application/json']?.example]] : []),
  ]);
  return { text, examples: examples.filter(([, example]) => example !== undefined), operations: methods.length };
}

function methodsOf({ paths }: OpenApi): Method[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, operation]) => {
      if (!operation.operationId) return [];
      const name = pascal(operation.operationId);
      const answer = successOf(operation)?.content?.['application/json'] ? `${name}Answer` : null;
      const body = operation.requestBody?.content?.['application/json'] ? `${name}Body` : null;
      return [{ operation, method: method.toUpperCase(), path, body, answer }];
    }),
  );
}

/** As quicktype has written them: it knows abbreviations that we do not. The name of what reads one ends in `_from_dict`. */
function namesIn(types: string): (name: string | null) => string | null {
  const readers = [...types.matchAll(/^def (\w+)_from_dict\(s: Any\) -> /gm)].map(([, reader]) => reader as string);
  const byLetters = new Map(readers.map((reader) => [reader.replaceAll('_', ''), reader]));
  return (name) => (name === null ? null : (byLetters.get(name.toLowerCase()) ?? null));
}

function successOf({ responses }: Operation): Media | undefined {
  return Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1];
}

async function typesInPython({ components: { schemas } }: OpenApi, methods: readonly Method[]): Promise<string> {
  const input = new JSONSchemaInput(undefined);
  const add = async (name: string, schema: Schema | undefined) => {
    // What is a time or a day stays a text.
    const text = JSON.stringify({ ...schema, components: { schemas } }).replaceAll(/,?"format":"date(-time)?"/g, '');
    await input.addSource({ name, schema: text.replaceAll('{,', '{') });
  };
  for (const { operation, body, answer } of methods) {
    if (body) await add(body, operation.requestBody?.content?.['application/json']?.schema);
    if (answer) await add(answer, successOf(operation)?.content?.['application/json']?.schema);
  }
  const inputData = new InputData();
  inputData.addInput(input);
  const rendererOptions = { 'python-version': '3.7' as const };
  const { lines } = await quicktype({ inputData, lang: 'python', rendererOptions, combineClasses: false });
  return lines.join('\n');
}

const CALLER = `
import json as _json
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen


class Refused(Exception):
    def __init__(self, status: int, said: dict):
        super().__init__(said.get("message"))
        self.status, self.error_code, self.details = status, said.get("error_code"), said.get("details")


class Caller:
    def __init__(self, url: str, token: Optional[str] = None):
        self.url, self.token = url, token

    def ask(self, method: str, path: str, query: dict, headers: dict, body: Any) -> Any:
        sent = {"accept": "application/json", **{name: value for name, value in headers.items() if value is not None}}
        if self.token is not None:
            sent["authorization"] = "Bearer " + self.token
        data = None
        if body is not None:
            sent["content-type"] = "application/json"
            data = _json.dumps(body).encode()
        asked = urlencode({name: value for name, value in query.items() if value is not None})
        request = Request(self.url + path + ("?" + asked if asked else ""), data, sent, method=method)
        try:
            with urlopen(request) as answer:
                text = answer.read()
                return _json.loads(text) if answer.headers.get_content_type() == "application/json" else text.decode()
        except HTTPError as error:
            raise Refused(error.code, _json.load(error)) from None
`;

/** A class for each first word of the operations’ names, and one that has them all. */
function groups(document: OpenApi, methods: readonly Method[]): string[] {
  const byGroup = Map.groupBy(methods, ({ operation }) => operation.operationId.split('.')[0] ?? '');
  const classes = [...byGroup].map(([group, theirs]) => {
    const defined = theirs.map((method) => methodInPython(document, method)).join('\n');
    return `\n\nclass ${pascal(group)}Operations:\n    def __init__(self, caller: Caller):\n        self._caller = caller\n${defined}`;
  });
  const all = [...byGroup.keys()].map((group) => `        self.${snake(group)} = ${pascal(group)}Operations(caller)`);
  return [
    ...classes,
    `\n\nclass Tandem:\n    def __init__(self, url: str, token: Optional[str] = None):\n        caller = Caller(url, token)\n${all.join('\n')}\n`,
  ];
}

function methodInPython(document: OpenApi, { operation, method, path, body, answer }: Method): string {
  const parameters = (operation.parameters ?? []).map((one) =>
    '$ref' in one ? (document.components.parameters[one.$ref.split('/').at(-1) ?? ''] as Parameter) : one,
  );
  const of = (place: Parameter['in']) => parameters.filter((one) => one.in === place);
  const optional = [...of('query'), ...of('header')].map(({ name }) => `${word(name)}: Any = None`);
  const positional = [...of('path').map(({ name }) => `${word(name)}: str`), ...(body ? ['body: Any'] : [])];
  const signature = ['self', ...positional, ...(optional.length > 0 ? ['*', ...optional] : [])].join(', ');
  const given = (place: 'query' | 'header') =>
    `{${of(place)
      .map(({ name }) => `"${name}": ${word(name)}`)
      .join(', ')}}`;
  const filled = path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => `{quote(${word(name)}, safe='')}`);
  const sent = body ? `${body}_to_dict(body)` : 'None';
  const call = `self._caller.ask("${method}", f"${filled}", ${given('query')}, ${given('header')}, ${sent})`;
  const said = answer ? `${answer}_from_dict(${call})` : call;
  const name = word(operation.operationId.split('.').slice(1).join('_'));
  return `\n    def ${name}(${signature}) -> Any:\n        """${operation.summary}"""\n        return ${said}`;
}

/** In Python's writing, and none of its own words. */
function word(name: string): string {
  const written = snake(name);
  return KEYWORDS.has(written) ? `${written}_` : written;
}

const KEYWORDS = new Set(
  'and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield'.split(
    ' ',
  ),
);

function wordsOf(name: string): string[] {
  return name.split(/[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])/).filter(Boolean);
}

function pascal(name: string): string {
  return wordsOf(name)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');
}

function snake(name: string): string {
  return wordsOf(name)
    .map((word) => word.toLowerCase())
    .join('_');
}
