import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openApiDocument } from './openapi.ts';
import { buildUnasked } from './unasked.ts';

/** Writes api/openapi.json from the routes' schemas; with `--check` compares, and ends with 1 where it is not current. */

const FILE = fileURLToPath(new URL('../openapi.json', import.meta.url));

const app = await buildUnasked();
const text = `${JSON.stringify(openApiDocument(app), null, 2)}\n`;
await app.close();

if (!process.argv.includes('--check')) {
  writeFileSync(FILE, text);
} else if (!existsSync(FILE) || readFileSync(FILE, 'utf8') !== text) {
  process.stderr.write('api/openapi.json is not what the routes say: node api/docs/write.ts\n');
  process.exitCode = 1;
}
