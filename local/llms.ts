import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * `llms.txt`: where a program that reads for somebody finds what is written here (https://llmstxt.org), made from the
 * documents themselves. `node local/llms.ts` writes it, with `--check` it compares and ends with 1 where it is not current.
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const FILE = `${root}llms.txt`;

/** The first paragraph under the title, as one line. */
function summaryOf(text: string): string {
  const paragraph = text
    .split('\n\n')
    .map((each) => each.trim())
    .find((each) => each !== '' && !/^[#|`<!>\d-]/.test(each));
  return (paragraph ?? '').replaceAll(/\s+/g, ' ').replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1');
}

function titleOf(text: string, file: string): string {
  return /^# (.+)$/m.exec(text)?.[1] ?? basename(file);
}

function line(file: string): string {
  const text = readFileSync(root + file, 'utf8');
  const summary = summaryOf(text);
  return `- [${titleOf(text, file)}](${file})${summary === '' ? '' : `: ${summary}`}`;
}

function llms(): string {
  const first = readFileSync(`${root}README.md`, 'utf8');
  const files = (pattern: string) => globSync(pattern, { cwd: root, exclude: ['**/node_modules'] }).sort();
  const docs = files('docs/*.md').filter((file) => basename(file) !== 'README.md');
  const rings = files('*/README.md').filter((file) => !['docs', 'bench'].includes(dirname(file)));
  const sections: [string, string[]][] = [
    ['To use and to run it', ['README.md', ...docs, 'CHANGELOG.md']],
    ['What calls an operator', files('docs/alerts/Tandem*.md')],
    ['How it is made, a folder each', [...rings, 'db/process/README.md', 'api/people/README.md', 'api/docs/README.md']],
    ['Optional', files('bench/**/*.md')],
  ];
  const documents = [
    '- [REST, OpenAPI 3.1](api/openapi.json)',
    '- [Sockets, AsyncAPI 3](realtime/asyncapi.json)',
    '- [The schema of the database](db/schema.sql)',
  ];
  return [
    `# ${titleOf(first, 'README.md')}`,
    `> ${summaryOf(first)}`,
    ...sections.map(([title, all]) => `## ${title}\n\n${all.map(line).join('\n')}`),
    `## Documents for programs\n\n${documents.join('\n')}`,
    '',
  ].join('\n\n');
}

if (import.meta.main) {
  const wanted = `${llms().trimEnd()}\n`;
  if (!process.argv.includes('--check')) writeFileSync(FILE, wanted);
  else if (readFileSync(FILE, 'utf8') !== wanted) {
    console.error('llms.txt does not say what the documents say: run `npm run write` and look at the difference.');
    process.exitCode = 1;
  }
}
