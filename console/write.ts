import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';

/**
 * Writes src/openapi.d.ts and src/asyncapi.d.ts from the documents of the API and its socket; with `--check` compares,
 * and ends with 1 where one is not current.
 */

const root = new URL('..', import.meta.url);
const HEAD = '// Written by console/write.ts. Do not edit.\n';

const FILES = [
  { file: 'console/src/openapi.d.ts', make: async () => openapiTS(new URL('api/openapi.json', root)) },
  { file: 'console/src/asyncapi.d.ts', make: async () => openapiTS(asComponents('realtime/asyncapi.json')) },
];

const check = process.argv.includes('--check');
for (const { file, make } of FILES) {
  const path = fileURLToPath(new URL(file, root));
  const text = HEAD + astToString(await make());
  if (!check) {
    writeFileSync(path, text);
  } else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    process.stderr.write(`${file} is not what its document says: node console/write.ts\n`);
    process.exitCode = 1;
  }
}

/** The messages of an AsyncAPI document as the components of an OpenAPI one: their payloads are JSON Schema in both. */
function asComponents(file: string): string {
  const { info, components } = JSON.parse(readFileSync(new URL(file, root), 'utf8')) as {
    info: { title: string; version: string };
    components: { messages: Record<string, { payload: object }> };
  };
  const schemas = Object.fromEntries(
    Object.entries(components.messages).map(([name, message]) => [name, message.payload]),
  );
  return JSON.stringify({
    openapi: '3.1.0',
    info: { title: info.title, version: info.version },
    paths: {},
    components: { schemas },
  });
}
