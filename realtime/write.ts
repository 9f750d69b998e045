import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { asyncApiDocument } from './asyncapi.ts';
import { readmeWithTables } from './tables.ts';

/**
 * Writes realtime/asyncapi.json and the tables in realtime/README.md from the declarations; with `--check` compares,
 * and ends with 1 where one is not current.
 */

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const readme = readFileSync(path('README.md'), 'utf8');
const wanted = {
  'asyncapi.json': `${JSON.stringify(asyncApiDocument(), null, 2)}\n`,
  'README.md': readmeWithTables(readme),
};

for (const [name, text] of Object.entries(wanted)) {
  if (!process.argv.includes('--check')) writeFileSync(path(name), text);
  else if (text !== readOr(path(name), '')) {
    process.stderr.write(`realtime/${name} is not what the declarations say: node realtime/write.ts\n`);
    process.exitCode = 1;
  }
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}
